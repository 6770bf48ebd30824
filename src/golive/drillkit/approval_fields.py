"""Signature fields on an approval page: all of them, before anybody signs.

A field added after a signature would break it (ISO 32000-1 §12.8.2.2), so that every role has its
field from the start. Fields are tagged as form elements and have a name for reading aloud.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from golive.drillkit.approval_sheet import Box
from golive.kernel.text import clean


def field_name(role: str) -> str:
    """The field in which `role` signs. A full stop would make a hierarchy of it."""
    return clean(role).replace(".", "·")


def with_fields(pdf: bytes, places: Sequence[Box]) -> bytes:
    """`pdf` with an empty signature field for each of `places`: the same bytes for the same."""
    if not places:
        return pdf
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    class Writer(IncrementalPdfFileWriter):
        """Leaves out what would differ from one time to the next: a random id, and the time."""

        @classmethod
        def _handle_id(cls, prev: Any) -> Any:
            first = prev.trailer.raw_get("/ID")[0]
            second = hashlib.sha256(pdf).digest()[:16]
            return generic.ArrayObject([first, generic.ByteStringObject(second)])

        def _update_meta(self) -> None:
            """The page's date stays the sheet's."""

    writer = Writer(io.BytesIO(pdf))
    for place in places:
        append_signature_field(
            writer,
            SigFieldSpec(
                field_name(place.role.role),
                on_page=0,
                box=place.field,  # type: ignore[arg-type]  # points needn't be whole
                readable_field_name=f"Signature of the {clean(place.role.role)}",
            ),
        )
    _tag(writer, generic)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _tag(writer: Any, generic: Any) -> None:
    """Each field as a `Form` element of the structure tree (ISO 14289-1 §7.18.4)."""
    name = generic.NameObject
    root = writer.root["/StructTreeRoot"]
    document = _document(root)
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    annotations = page.get_object()["/Annots"]
    numbers = root["/ParentTree"]["/Nums"]
    following = int(root.get("/ParentTreeNextKey", len(numbers) // 2))
    for offset in range(len(annotations)):
        widget = annotations.raw_get(offset)
        said = widget.get_object()
        if said.get("/Subtype") != "/Widget":
            continue
        reference = {name("/Type"): name("/OBJR"), name("/Obj"): widget, name("/Pg"): page}
        element = writer.add_object(
            generic.DictionaryObject(
                {
                    name("/Type"): name("/StructElem"),
                    name("/S"): name("/Form"),
                    name("/P"): document,
                    name("/Alt"): generic.TextStringObject(str(said["/TU"])),
                    name("/K"): generic.DictionaryObject(reference),
                }
            )
        )
        document.get_object()["/K"].append(element)
        said[name("/StructParent")] = generic.NumberObject(following)
        numbers += [generic.NumberObject(following), element]
        following += 1
        writer.mark_update(widget)
    root[name("/ParentTreeNextKey")] = generic.NumberObject(following)
    # `false` is the default (ISO 32000-1, table 321), and readers built on poppler complain of it.
    writer.root["/MarkInfo"].pop("/Suspects", None)
    writer.update_container(writer.root["/MarkInfo"])
    page.get_object()[name("/Tabs")] = name("/S")
    for changed in (root, document.get_object(), root["/ParentTree"], page.get_object()):
        writer.update_container(changed)


def _document(root: Any) -> Any:
    """The reference of the tree's one top element."""
    kids: Any = root.raw_get("/K")
    return kids.raw_get(0) if hasattr(kids, "append") else kids


def fields_of(pdf: bytes) -> Mapping[str, bool]:
    """The page's signature fields by name, and whether each has been signed. Of a page of our own:
    one from outside is `golive.evidence.approvals`' business."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    reader = PdfFileReader(io.BytesIO(pdf))
    return {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}


def pages_of(pdf: bytes) -> int:
    """How many pages a page of our own has."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    return int(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"])
