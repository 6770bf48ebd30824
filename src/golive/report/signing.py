"""A person's signature on an approval page: PAdES baseline B-B (ETSI EN 319 142-1).

The first to sign certifies the page: from then on only the other fields may be filled in.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from golive.drillkit.approval_fields import field_name
from golive.drillkit.approval_sheet import compiled
from golive.evidence.keys import SigningKey
from golive.kernel.errors import BadInput
from golive.kernel.text import clean, cut
from golive.report.certificate import Credentials, credentials
from golive.report.wording import clock, day, many

_POINTS = 72 / 25.4


def sign(
    pdf: bytes,
    *,
    role: str,
    person: str,
    at: datetime,
    key: SigningKey,
    comment: str,
    conditions: Sequence[str] = (),
) -> bytes:
    """`pdf` with `person`'s signature in the field of `role`, everything before it untouched.

    `at` is the time that the signature claims; nothing but `person`'s own word stands for it.
    `conditions` are drawn before the comment, as many as the field has room for, the rest counted.
    BadInput where `role` has no field, or has signed already.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import PdfSignatureMetadata

    field = field_name(role)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        widget, first = _field(writer.prev, field)
        meta = PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            name=clean(person),
            reason=_reason(role, comment, conditions),
            contact_info=f"golive key {key.key_id}",
            subfilter=SigSeedSubFilter.PADES,
            certify=first,
            docmdp_permissions=MDPPerm.FILL_FORMS,
        )
        own = credentials(person, key)
        with tempfile.TemporaryDirectory() as folder:
            stamp = Path(folder) / "stamp.pdf"
            told = _tellings(comment, conditions)
            stamp.write_bytes(_stamp(widget, person, at, told, key))
            signer = _signer(meta, own, at, stamp)
            signed: io.BytesIO = signer.sign_pdf(writer, existing_fields_only=True)
    except (PdfError, SigningError, ValueError) as error:
        raise BadInput(
            f"the approval can't be signed: {error}",
            hint="make the page anew from the vault, and sign that",
        ) from error
    return signed.getvalue()


def _field(reader: Any, name: str) -> tuple[Any, bool]:
    """The widget of the empty field `name`, and whether nobody has signed yet."""
    from pyhanko.sign.fields import enumerate_sig_fields

    fields = {one[0]: one for one in enumerate_sig_fields(reader)}
    if name not in fields:
        known = ", ".join(fields) or "nobody"
        raise BadInput(f"the approval asks for no signature of {name!r}", hint=f"it asks: {known}")
    _, value, reference = fields[name]
    if value is not None:
        raise BadInput(f"the {name} has signed this approval already")
    return reference.get_object(), all(one[1] is None for one in fields.values())


def _reason(role: str, comment: str, conditions: Sequence[str]) -> str:
    only_if = f"{clean(role)}: only if {'; '.join(map(clean, conditions))}" if conditions else ""
    said = f"{clean(role)}: {clean(comment)}" if comment else clean(role)
    return f"{cut(said, 500)} {cut(only_if, 1500)}".strip()


def _tellings(comment: str, conditions: Sequence[str]) -> Sequence[Sequence[str]]:
    """What the stamp may say below the name, the fullest first: as pairs of conditions and comment.
    The first that fits is drawn."""
    if not conditions:
        return [("", cut(clean(comment), 90)), ("", cut(clean(comment), 40))]
    told = []
    for count in range(min(len(conditions), 5), -1, -1):
        rest = len(conditions) - count
        shown = [clean(one) for one in conditions[:count]]
        more = [f"and {rest} more, in the report" if count else _counted(rest)] if rest else []
        for length in (140, 80, 50):
            parts = [*(cut(one, length) for one in shown), *more]
            told += [("; ".join(parts), said) for said in (cut(clean(comment), 60), "")]
    return told


def _counted(count: int) -> str:
    return f"{many(count, 'condition')}, in the report"


def _stamp(
    widget: Any, person: str, at: datetime, told: Sequence[Sequence[str]], key: SigningKey
) -> bytes:
    left, lower, right, upper = (float(one) for one in widget["/Rect"])
    words = {
        "w": abs(right - left) / _POINTS,
        "h": abs(upper - lower) / _POINTS,
        "alt": f"Signature of {clean(person)}",
        "person": cut(clean(person), 40),
        "at": f"{day(at, UTC)}, {clock(at, UTC)} UTC",
        "told": told,
        "key": key.key_id[:32],
    }
    return compiled("approval_stamp.typ", {"stamp": json.dumps(words, ensure_ascii=False)}, at, [])


def _signer(meta: Any, own: Credentials, at: datetime, stamp: Path) -> Any:
    from asn1crypto import keys, x509  # type: ignore[import-untyped]
    from cryptography.hazmat.primitives import serialization
    from pyhanko.pdf_utils import layout
    from pyhanko.pdf_utils.content import ImportedPdfPage
    from pyhanko.sign.signers import PdfSigner, SimpleSigner
    from pyhanko.stamp import StaticStampStyle
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Signer(PdfSigner):
        """Claims `at` as the time of signing, and not this machine's now."""

        def init_signing_session(self, *args: Any, **named: Any) -> Any:
            session = super().init_signing_session(*args, **named)
            session.system_time = at
            return session

    private = own.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Signer(
        meta,
        SimpleSigner(
            signing_cert=x509.Certificate.load(
                own.certificate.public_bytes(serialization.Encoding.DER)
            ),
            signing_key=keys.PrivateKeyInfo.load(private),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        ),
        stamp_style=StaticStampStyle(
            border_width=0,
            background=ImportedPdfPage(str(stamp)),  # type: ignore[no-untyped-call]
            background_opacity=1.0,
            background_layout=layout.SimpleBoxLayoutRule(
                x_align=layout.AxisAlignment.ALIGN_MIN,
                y_align=layout.AxisAlignment.ALIGN_MAX,
                margins=layout.Margins.uniform(0),  # type: ignore[no-untyped-call]
            ),
        ),
    )
