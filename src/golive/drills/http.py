"""HTTP: one request to whatever a team already has, judged by status, time and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, JsonValue

from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.durations import Duration
from golive.drillkit.expand import expand, expand_json
from golive.drillkit.json_checks import Demands, Place, extract, judge_json
from golive.drillkit.redact import MARK, Redactor
from golive.drillkit.secret_params import Secret, resolved
from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json
from golive.kernel.networks import overheard
from golive.ports.http import HttpAnswer

_PRIVATE = frozenset({"set-cookie", "authorization", "www-authenticate", "proxy-authenticate"})


class HttpParams(Params):
    url: str = Field(
        min_length=1, description="absolute; {name} expands, e.g. {production}/healthz"
    )
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: Mapping[str, str | Secret] = Field(default_factory=dict)
    body: JsonValue = Field(None, description="a text is sent as it is, anything else as JSON")
    status: int | tuple[int, ...] = Field(200, description="what it must answer, or a list of them")
    expect_json: Demands = Field(default_factory=dict, description="what the answer must hold")
    extract: Mapping[str, Place] = Field(
        default_factory=dict,
        description="values by name: a JSON Pointer or a regular expression into the answer",
    )
    timeout: Duration = Field(15.0, description="e.g. 5s")


Ctx = Context[HttpParams]


class HttpRequest(Drill[HttpParams]):
    name = "http"
    summary = "One HTTP request is answered in time, with the status and content expected."
    params = HttpParams
    outputs = (
        Output("exchange", "{item}/http-exchange.json", "application/json"),
        Output("body", "{item}/http-body.txt", "application/octet-stream"),
    )
    measures = (
        Measure("status", "", "the status of the answer"),
        Measure("seconds", "s", "from the request to the end of the answer"),
    )
    runs_code = True

    def steps(self, params: HttpParams) -> Sequence[Step[HttpParams]]:  # noqa: ARG002
        return (Step("request", _request),)


def _request(ctx: Ctx) -> Json:
    params = ctx.params
    url = expand(params.url, ctx)
    _demand_privacy(ctx, url)
    given, tidy = resolved(ctx, params.headers)
    headers, body = _sent(ctx, given)
    try:
        answer = ctx.target.http.request(
            params.method, url, headers=headers, body=body, timeout=params.timeout
        )
    except PortError as error:
        detail = tidy.text(str(error))
        ctx.holds("answered", f"{params.method} is answered", False, detail=detail)
        raise ctx.fail(detail) from error
    _keep(ctx, url, answer, tidy)
    ctx.holds("answered", f"{params.method} is answered", True)
    _judge(ctx, answer)
    text = tidy.text(answer.body.decode("utf-8", "replace"))
    judge_json(ctx, text, params.expect_json)
    return {"status": answer.status, "extracted": extract(ctx, text, params.extract)}


def _demand_privacy(ctx: Ctx, url: str) -> None:
    """NotConfigured, before a secret is so much as read, where somebody could overhear it."""
    secret = sorted(name for name, value in ctx.params.headers.items() if isinstance(value, Secret))
    if secret and overheard(url) and not ctx.target.config.unencrypted:
        raise NotConfigured(
            f"the secret in {', '.join(secret)} would travel unencrypted: nothing was sent",
            where=url,
            hint="give its address as https://…, or, in a network where nobody else listens, "
            "set `unencrypted = true` at the top of the target file",
        )


def _sent(ctx: Ctx, given: Mapping[str, str]) -> tuple[Mapping[str, str], bytes | None]:
    """Headers and body. What may change something carries a key, so that a request which a killed
    rehearsal sends again is known as the same."""
    headers = dict(given)
    names = {name.lower() for name in headers}
    if ctx.params.method not in ("GET", "HEAD") and "idempotency-key" not in names:
        headers["Idempotency-Key"] = ctx.key("http")
    said = ctx.params.body
    if said is None:
        return headers, None
    if isinstance(said, str):
        return headers, expand(said, ctx).encode()
    if "content-type" not in names:
        headers["Content-Type"] = "application/json"
    return headers, json.dumps(expand_json(said, ctx)).encode()


def _keep(ctx: Ctx, url: str, answer: HttpAnswer, tidy: Redactor) -> None:
    fidelity = ctx.target.http.fidelity
    body = tidy.bytes(answer.body)
    document: Json = {
        "request": {
            "method": ctx.params.method,
            "url": tidy.text(url),
            "headers": {
                name: MARK if isinstance(value, Secret) else value
                for name, value in ctx.params.headers.items()
            },
        },
        "answer": {
            "status": answer.status,
            "headers": {
                name: MARK if name in _PRIVATE else tidy.text(value)
                for name, value in answer.headers.items()
            },
            "seconds": round(answer.seconds, 4),
            "bytes": len(answer.body),
            "sha256": sha256_hex(body),
        },
    }
    ctx.save_json("exchange", document, fidelity=fidelity)
    if body:
        kind = answer.headers.get("content-type")
        ctx.save("body", body, fidelity=fidelity, media_type=kind)


def _judge(ctx: Ctx, answer: HttpAnswer) -> None:
    wanted = ctx.params.status
    if isinstance(wanted, int):
        ctx.equals("status", f"the answer's status is {wanted}", wanted, answer.status)
    else:
        listed = ", ".join(map(str, wanted))
        detail = f"it answered {answer.status}"
        claim = f"the answer's status is one of {listed}"
        ctx.holds("status", claim, answer.status in wanted, detail=detail)
    took = round(answer.seconds, 4)
    ctx.at_most("seconds", "it answered in time", ctx.params.timeout, took, unit="s")
