"""What a section runs: its drill blocks and its task items."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from golive.kernel.json import Json
from golive.playbook.document import Document
from golive.playbook.expand import names_a_file
from golive.playbook.inline import plain, scan
from golive.playbook.markdown import Fence, ListItem
from golive.playbook.model import (
    Approval,
    DrillBlock,
    HumanKind,
    HumanTask,
    Limit,
    OnFailure,
    Place,
)
from golive.playbook.shapes import BlockShape, RunShape
from golive.playbook.validate import PlaceOf, fit, place_of
from golive.playbook.yaml12 import Node, YamlProblem, read

_MARKER = re.compile(r"\(\s*(by|owner|upload|sign)\s*:\s*([^()\n]{1,200})\)", re.IGNORECASE)


def is_drill(fence: Fence) -> bool:
    """Whether the fence's info says `yaml golive` (or `yml golive`)."""
    words = fence.info.lower().split()
    return len(words) >= 2 and words[0] in ("yaml", "yml") and words[1] == "golive"


def block(doc: Document, fence: Fence, section: str, ident: str) -> DrillBlock | None:
    """The drill that the fence describes; None (and findings) where it doesn't describe one."""

    def place(line: int, column: int) -> Place:
        return doc.source.place(fence.line + line, fence.column + column)

    if not doc.budget.spend(fence.content):
        said = "more blocks, or longer ones, than one playbook may have: this one isn't read"
        doc.findings.add("yaml-too-large", place(0, 0), said)
        return None
    try:
        node = read(fence.content)
    except YamlProblem as problem:
        doc.findings.add(problem.code, place(problem.line, problem.column), problem.message)
        return None
    if not node.keys:
        doc.findings.add("missing-key", place(0, 0), "a block needs at least `drill: NAME`")
        return None
    shape = fit(BlockShape, node.value, node, place, doc.findings)
    if shape is None:
        return None
    run, action = _on_failure(doc, shape, place_of(node, ("on_failure",), place))
    return DrillBlock(
        id=ident,
        section=section,
        drill=shape.drill,
        params=_params(doc, shape, node, place),
        place=doc.source.place(fence.line - 1, fence.column),
        expect={
            name: Limit(limit.equals, limit.at_most, limit.at_least)
            for name, limit in shape.expect.items()
        },
        approve=_approval(shape),
        save=_save(doc, shape, node, place, ident),
        on_failure=action,
        run_on_failure=run,
        after=tuple(shape.after),
        places=_places(node, place),
    )


def _approval(shape: BlockShape) -> Approval | None:
    asked = shape.approve
    return Approval(tuple(asked.by), asked.persons, asked.within) if asked else None


def _params(doc: Document, shape: BlockShape, node: Node, place: PlaceOf) -> Mapping[str, Json]:
    return {
        name: doc.expand.json(value, partial(place_of, node, ("with", name), place))
        for name, value in shape.with_.items()
    }


def _save(
    doc: Document, shape: BlockShape, node: Node, place: PlaceOf, ident: str
) -> Mapping[str, str]:
    saved = {
        name: doc.expand.path(path.replace("{item}", ident), place_of(node, ("save", name), place))
        for name, path in shape.save.items()
    }
    return {name: path for name, path in saved.items() if path is not None}


def _on_failure(
    doc: Document, shape: BlockShape, place: Place
) -> tuple[str | None, OnFailure | None]:
    action = shape.on_failure
    if isinstance(action, RunShape):
        index = doc.outline.resolve(action.run, place, doc.findings)
        if index is None:
            return None, None
        return doc.outline.chapters[index].section.id, OnFailure.RUN
    return None, OnFailure(action) if action else None


def _places(node: Node, place: PlaceOf) -> Mapping[str, Place]:
    """Where each key stands, and below `with`, `expect` and `save` each entry's."""
    found: dict[str, Place] = {}
    for key, where in node.keys.items():
        found[key] = place(*where)
        if key in ("with", "expect", "save"):
            _inner_places(node.children[key], key, place, found)
    return found


def _inner_places(node: Node, prefix: str, place: PlaceOf, found: dict[str, Place]) -> None:
    for key, child in node.children.items():
        name = f"{prefix}.{key}"
        where = node.keys.get(str(key), (child.line, child.column))
        found[name] = place(*where)
        _inner_places(child, name, place, found)


def task(doc: Document, item: ListItem, section: str, ident: str) -> HumanTask:
    """The human step that a task item describes."""
    span = item.text
    marks: dict[str, str] = {}
    for match in _MARKER.finditer(span.text):
        marks.setdefault(match[1].lower(), match[2].strip())
    bare = _MARKER.sub("", span.text)
    place = doc.place(span)
    inline = scan(span)
    what = doc.expand.text(marks.get("upload", ""), place)
    files = [
        path
        for code in inline.codes
        if "upload" in marks and code.text in marks["upload"] and names_a_file(code.text)
        if (path := doc.expand.path(code.text, doc.place(span, code.offset))) is not None
    ]
    kind = HumanKind.CONFIRM
    if "upload" in marks:
        kind = HumanKind.UPLOAD
    if "sign" in marks:
        kind = HumanKind.SIGN
    doc.links(span, inline)
    return HumanTask(
        id=ident,
        section=section,
        text=doc.expand.text(plain(bare), place),
        kind=kind,
        by=marks.get("sign") or marks.get("by") or marks.get("owner") or "",
        place=place,
        what=what.replace("`", ""),
        files=tuple(files),
    )
