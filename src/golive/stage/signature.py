"""AWS Signature Version 4, for requests without a query, as the stage's clients send them.

Source: AWS IAM user guide, "Create a signed AWS API request". The stage checks whole signatures
with one key of its own: whoever can't read that key can't ask for anything.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=5)
"""How far a request's clock may be from ours, as in AWS: so long can one be sent again."""
_FORM = re.compile(
    rf"{ALGORITHM} +Credential=(?P<id>[^/, ]+)/(?P<scope>[^, ]+), *"
    r"SignedHeaders=(?P<signed>[^, ]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Key:
    id: str
    secret: str


@dataclass(frozen=True)
class Request:
    """What is signed. Names of `headers` are in lower case; `path` is plain."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


class Unproven(Exception):
    """A request that the key's holder did not send. `code` is AWS's own (Common Errors)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def signed(request: Request, key: Key, scope: str, now: datetime) -> Mapping[str, str]:
    """`request`'s headers and those that prove it. `scope` is `region/service`."""
    stamp = now.astimezone(UTC).strftime(_STAMP)
    headers = {**request.headers, "x-amz-date": stamp}
    names = sorted(headers)
    whole = f"{stamp[:8]}/{scope}/aws4_request"
    made = Request(request.method, request.path, headers, request.body)
    proof = _signature(made, key.secret, whole, names)
    said = f"Credential={key.id}/{whole}, SignedHeaders={';'.join(names)}, Signature={proof}"
    return {**headers, "authorization": f"{ALGORITHM} {said}"}


def prove(request: Request, key: Key, now: datetime) -> None:
    """Unproven unless whoever holds `key` signed `request`, whole, within `SKEW` of `now`."""
    said = request.headers.get("authorization", "")
    if not said:
        raise Unproven("MissingAuthenticationTokenException", "the request is not signed")
    found = _FORM.fullmatch(said.strip())
    if found is None:
        raise Unproven("IncompleteSignatureException", "the Authorization header is no signature")
    if not hmac.compare_digest(found["id"].encode(), key.id.encode()):
        what = "the security token included in the request is invalid"
        raise Unproven("UnrecognizedClientException", what)
    names = found["signed"].split(";")
    _cover(request, names)
    _timely(request.headers["x-amz-date"], found["scope"], now)
    proof = _signature(request, key.secret, found["scope"], names)
    if not hmac.compare_digest(proof, found["signature"]):
        raise Unproven("InvalidSignatureException", "the signature is not this request's")


def _cover(request: Request, names: list[str]) -> None:
    """Host, time and whatever says what is asked must be under the signature."""
    demanded = {"host", "x-amz-date"} | {one for one in request.headers if one.startswith("x-amz-")}
    present = all(one in request.headers for one in names)
    if names != sorted(set(names)) or not demanded <= set(names) or not present:
        raise Unproven("IncompleteSignatureException", "not every header is signed that must be")
    claimed = request.headers.get("x-amz-content-sha256")
    if claimed is not None and claimed != hashlib.sha256(request.body).hexdigest():
        raise Unproven("InvalidSignatureException", "the content is not what was signed")


def _timely(stamp: str, scope: str, now: datetime) -> None:
    try:
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise Unproven("IncompleteSignatureException", "X-Amz-Date is no time") from error
    if abs(now - at) > SKEW or not re.fullmatch(rf"{stamp[:8]}/[^/]+/[^/]+/aws4_request", scope):
        raise Unproven("InvalidSignatureException", "the signature is of another time")


def _signature(request: Request, secret: str, scope: str, names: list[str]) -> str:
    lines = [f"{one}:{' '.join(request.headers[one].split())}" for one in names]
    content = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join([request.method, request.path, "", *lines, "", ";".join(names), content])
    stamp = request.headers["x-amz-date"]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    return _mac(key, "\n".join([ALGORITHM, stamp, scope, digest])).hex()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
