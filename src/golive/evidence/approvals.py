"""Signed approval pages: who signed, and whether anything changed since.

What the digests of ledger and manifest can't tell of a page is told here from the page alone: each
signature is checked over the bytes that it covers, what was added after it is compared with what
may be added (another signature in a field that was there), the last one must cover the whole file.

`look` reads the bytes in this process. `look_at_file` does it in a child with a limit on time
and memory, since a page from a stranger may be built to exhaust its reader.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from golive.evidence.names import shown
from golive.evidence.vouching import OID, Voucher

LARGEST = 20_000_000
"""Bytes: an approval is one page of about a hundred kilobytes."""
_MEMORY = 1 << 30
_SECONDS = 20
_UNREADABLE = "it can't be read as a signed PDF"


@dataclass(frozen=True)
class Signature:
    """One signature on a page, as it claims to be; `examine` says whether it holds."""

    role: str
    """The field's name."""
    person: str
    key_id: str
    """Of the Ed25519 key that vouches for the certificate; "" where none does."""
    certificate: str
    """SHA-256 of the certificate."""
    at: str
    """ISO 8601, the signer's own word."""


@dataclass(frozen=True)
class Examined:
    """What was found of a page."""

    signatures: Sequence[Signature] = ()
    """In the order in which they were made."""
    problems: Sequence[str] = ()
    """What is wrong with them; nothing where nobody has signed yet."""
    unreadable: str = ""
    """Why nothing could be told, where it couldn't."""


def signatures(pdf: bytes) -> Sequence[Signature]:
    """Every signature on the page, in the order in which they were made. ValueError when the bytes
    can't be read."""
    found = look(pdf)
    if found.unreadable:
        raise ValueError(found.unreadable)
    return found.signatures


def examine(pdf: bytes) -> Sequence[str]:
    """Everything that is wrong with the page's signatures, or that it can't be read; nothing where
    nobody has signed yet."""
    found = look(pdf)
    return [found.unreadable] if found.unreadable else found.problems


def look(pdf: bytes) -> Examined:
    """The page's signatures and what is wrong with them. Never raises."""
    if len(pdf) > LARGEST:
        why = f"it is larger than an approval can be ({LARGEST // 1_000_000} MB)"
        return Examined(unreadable=why)
    try:
        embedded = _embedded(pdf)
        signed = [_signature(one) for one in embedded]
        return Examined(signed, list(_problems(embedded)))
    except Exception as error:
        # A page from outside can make its reader raise anything; it is unreadable all the same.
        return Examined(unreadable=f"{_UNREADABLE}: {type(error).__name__}")


def look_at_file(path: Path) -> Examined:
    """`look` at the file `path`, in a child process of its own. Never raises for what the page
    holds; a link is not followed."""
    # -P: whoever verifies stands in the vault, perhaps, and no module of its may be ours
    command = [sys.executable, "-P", "-m", "golive.evidence.approvals"]
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Examined(unreadable=f"it can't be read: {os.strerror(error.errno or 0)}")
    try:
        done = subprocess.run(
            command, stdin=handle, capture_output=True, timeout=_SECONDS, check=False
        )
        said = json.loads(done.stdout) if not done.returncode else {}
        signed = [Signature(**one) for one in said["signatures"]]
        return Examined(signed, [str(one) for one in said["problems"]], str(said["unreadable"]))
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        limit = f"within {_SECONDS} s and {_MEMORY >> 20} MiB"
        return Examined(unreadable=f"{_UNREADABLE} {limit}")
    finally:
        os.close(handle)


def main() -> None:
    """The child: a page on standard input, what was found of it as JSON on standard output."""
    for what, limit in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS)):
        with suppress(OSError, ValueError):  # macOS has no limit on address space
            resource.setrlimit(what, (limit, limit))
    sys.stdout.write(json.dumps(asdict(look(sys.stdin.buffer.read(LARGEST + 1)))))


def _embedded(pdf: bytes) -> Sequence[Any]:
    from pyhanko.pdf_utils.decode_limits import DecodeLimits
    from pyhanko.pdf_utils.reader import PdfFileReader

    limits = DecodeLimits.for_untrusted_input()
    reader = PdfFileReader(io.BytesIO(pdf), strict=True, decode_limits=limits)
    return list(reader.embedded_signatures)


def _problems(found: Sequence[Any]) -> Iterator[str]:
    if not found:
        return
    if int(found[0].reader.root["/Pages"]["/Count"]) != 1:
        yield "it has more than the one page that was signed"
    for number, one in enumerate(found):
        yield from _problems_of(one, first=number == 0, last=number == len(found) - 1)


def _problems_of(one: Any, *, first: bool, last: bool) -> Iterator[str]:
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    whose = f"the {shown(str(one.fq_name))}'s signature"
    one.compute_integrity_info()
    intact, valid = validate_sig_integrity(
        one.signer_info, one.signer_cert, "data", one.compute_digest()
    )
    if not intact:
        yield f"{whose} is of other bytes: the page was edited"
    elif not valid:
        yield f"{whose} doesn't hold"
    if one.summarise_integrity_info()["docmdp_ok"] is not True:
        yield f"the page was changed after {whose} by more than another signature"
    if last and one.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        yield f"{whose} is the last and doesn't cover the whole document"
    if first and one.docmdp_level is not MDPPerm.FILL_FORMS:
        yield f"{whose} is the first and doesn't certify the page"
    said = _signature(one)
    if not said.key_id:
        yield f"{whose} is by a certificate that no person's key vouches for"


def _signature(one: Any) -> Signature:
    certificate = one.signer_cert
    said = one.self_reported_timestamp
    return Signature(
        role=str(one.fq_name),
        person=str(certificate.subject.native.get("common_name", "")),
        key_id=_voucher(certificate),
        certificate=certificate.sha256.hex(),
        at=said.isoformat() if said else "",
    )


def _voucher(certificate: Any) -> str:
    """The id of the Ed25519 key that vouches for the certificate's own, or ""."""
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted != OID:
            continue
        with suppress(ValueError):
            found = Voucher.parse(extension["extn_value"].contents)
            if found.holds_for(certificate.public_key.dump()):
                return found.key.key_id
    return ""


if __name__ == "__main__":
    main()
