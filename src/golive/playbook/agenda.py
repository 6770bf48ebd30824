"""Who runs what: every item of the document is given to the first row that links to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from golive.playbook.claims import CLAIMS
from golive.playbook.document import Document
from golive.playbook.inline import scan
from golive.playbook.items import block, is_drill, task
from golive.playbook.markdown import Fence, ListItem
from golive.playbook.model import (
    Activity,
    DrillBlock,
    HumanKind,
    HumanTask,
    Item,
    Section,
)
from golive.playbook.timeline import Draft
from golive.playbook.words import Part


@dataclass(frozen=True)
class Agenda:
    activities: Sequence[Activity]
    sections: Mapping[str, Section]
    steps: set[int]
    """Chapters whose task items are steps, and not lines of a checklist."""


def activities(doc: Document, drafts: Sequence[Draft], where: Mapping[Part, range]) -> Agenda:
    """The activities with their items; a document without a timeline is adopted in its order."""
    steps = _step_chapters(doc, drafts, where)
    pool = _Pool(doc, steps)
    if drafts:
        found = [_row(doc, draft, pool) for draft in drafts]
    else:
        doc.findings.add(
            "no-timeline",
            doc.source.place(0),
            "no timeline: numbered steps, task lists and drills are taken in order",
            "a table with the columns Time, Activity, Owner and Artefacts is a timeline",
        )
        found = list(_adopted(doc, pool, _set_aside(where)))
    for activity in found:
        pool.lend(doc, activity)
    return Agenda(tuple(found), pool.sections(doc), steps)


def _set_aside(where: Mapping[Part, range]) -> set[int]:
    return {index for meaning in CLAIMS for index in where.get(meaning, ())}


def _step_chapters(doc: Document, drafts: Sequence[Draft], where: Mapping[Part, range]) -> set[int]:
    """All chapters but checklists; a checklist too, once a row links to it."""
    change = [0] * (len(doc.outline.chapters) + 1)
    for draft in drafts:
        for index in draft.chapters:
            change[index] += 1
            change[doc.outline.ends[index]] -= 1
    aside = _set_aside(where)
    steps: set[int] = set()
    linked = 0
    for index in range(len(doc.outline.chapters)):
        linked += change[index]
        if linked or index not in aside:
            steps.add(index)
    return steps


class _Pool:
    """Every item in document order, and which are already taken. Taking is amortised linear."""

    def __init__(self, doc: Document, steps: set[int]) -> None:
        self.items: list[Item] = []
        self.first: list[int] = []
        self._task_at: dict[int, int] = {}
        for index, chapter in enumerate(doc.outline.chapters):
            self.first.append(len(self.items))
            begin = len(self.items)
            for one in chapter.blocks:
                ident = f"{chapter.section.id}/{len(self.items) - begin + 1}"
                item = _item(doc, one, chapter.section.id, ident, index in steps)
                if item:
                    self._task_at[id(one)] = len(self.items)
                    self.items.append(item)
        self.first.append(len(self.items))
        self._next = list(range(len(self.items) + 1))
        self._index = {item.id: at for at, item in enumerate(self.items)}
        self._resolve_after(doc)

    def take(self, begin: int, end: int, owner: str) -> list[Item]:
        """The items from `begin` to `end` that nobody has taken; tasks go to `owner`."""
        taken: list[Item] = []
        at = self._free(begin)
        while at < end:
            item = self.items[at]
            if isinstance(item, HumanTask) and not item.by:
                item = self.items[at] = replace(item, by=owner)
            taken.append(item)
            self._next[at] = at + 1
            at = self._free(at)
        return taken

    def lend(self, doc: Document, activity: Activity) -> None:
        """Give tasks that only a failure in `activity` brings up to the row's owner."""
        for item in activity.items:
            rescue = item.run_on_failure if isinstance(item, DrillBlock) else None
            index = doc.outline.find(rescue) if rescue is not None else None
            if index is None:
                continue
            for at in range(self.first[index], self.first[doc.outline.ends[index]]):
                task = self.items[at]
                if isinstance(task, HumanTask) and not task.by:
                    self.items[at] = replace(task, by=activity.owner)

    def of_block(self, one: object) -> int | None:
        """The position of the item that a block of the document makes."""
        return self._task_at.get(id(one))

    def _free(self, at: int) -> int:
        root = at
        while self._next[root] != root:
            root = self._next[root]
        while self._next[at] != root:
            self._next[at], at = root, self._next[at]
        return root

    def _resolve_after(self, doc: Document) -> None:
        """Turn what `after` names into ids of items."""
        for at, item in enumerate(self.items):
            if isinstance(item, DrillBlock) and item.after:
                found = [one for name in item.after for one in self._named(doc, item, name)]
                self.items[at] = replace(item, after=tuple(dict.fromkeys(found)))

    def _named(self, doc: Document, item: DrillBlock, name: str) -> Sequence[str]:
        place = item.places.get("after", item.place)
        if not name.startswith("#") and name in self._index:
            return [name]
        index = doc.outline.find(name)
        if index is None:
            doc.findings.add("no-such-item", place, f"`after` names `{name}`: no section or item")
            return []
        inside = self.items[self.first[index] : self.first[doc.outline.ends[index]]]
        return [one.id for one in inside if one.id != item.id]

    def sections(self, doc: Document) -> Mapping[str, Section]:
        return {
            chapter.section.id: replace(
                chapter.section, items=tuple(self.items[self.first[at] : self.first[at + 1]])
            )
            for at, chapter in enumerate(doc.outline.chapters)
        }


def _item(doc: Document, one: object, section: str, ident: str, steps: bool) -> Item | None:
    if isinstance(one, Fence) and is_drill(one):
        return block(doc, one, section, ident)
    if isinstance(one, ListItem) and one.task and steps:
        return task(doc, one, section, ident)
    return None


def _row(doc: Document, draft: Draft, pool: _Pool) -> Activity:
    activity = draft.activity
    items: list[Item] = []
    linked = False
    for index in draft.chapters:
        begin, end = pool.first[index], pool.first[doc.outline.ends[index]]
        linked = linked or begin < end
        items += pool.take(begin, end, activity.owner)
    if linked and not items:
        doc.findings.add(
            "already-run",
            activity.place,
            f"earlier rows run everything that `{activity.title}` links to: its owner confirms it",
        )
    return replace(activity, items=tuple(items) or (_by_hand(activity),))


def _by_hand(activity: Activity) -> HumanTask:
    """The one human step that stands for a row; it uploads the files that the row names."""
    files = tuple(one.path for one in activity.files)
    return HumanTask(
        id=f"{activity.id}/1",
        section="",
        text=activity.title,
        kind=HumanKind.UPLOAD if files else HumanKind.CONFIRM,
        by=activity.owner,
        place=activity.place,
        what=", ".join(files),
        files=files,
    )


def _adopted(doc: Document, pool: _Pool, aside: set[int]) -> Iterator[Activity]:
    """Activities of a document without a timeline.

    A section with drills is one activity; elsewhere each numbered step and each task is one.
    """
    number = 0
    for index, chapter in enumerate(doc.outline.chapters):
        own = pool.items[pool.first[index] : pool.first[index + 1]]
        if any(isinstance(item, DrillBlock) for item in own):
            number += 1
            ident, title = chapter.section.id, chapter.section.title
            items = tuple(pool.take(pool.first[index], pool.first[index + 1], ""))
            place = chapter.section.place
            yield Activity(f"row-{number}", title, "", place, links=(ident,), items=items)
            continue
        for one in chapter.blocks:
            if isinstance(one, ListItem) and index not in aside and (one.task or _numbered(one)):
                number += 1
                yield _adopt(doc, pool, one, number, chapter.section.id)


def _numbered(item: ListItem) -> bool:
    return item.ordered and item.depth == 0


def _adopt(doc: Document, pool: _Pool, one: ListItem, number: int, section: str) -> Activity:
    at = pool.of_block(one)
    inline = scan(one.text)
    place = doc.place(one.text)
    title = doc.expand.text(inline.plain, place)
    if at is not None:
        item = pool.take(at, at + 1, "")[0]
        owner = item.by if isinstance(item, HumanTask) else ""
        text = item.text if isinstance(item, HumanTask) else title
        return Activity(f"row-{number}", text, owner, place, links=(section,), items=(item,))
    activity = Activity(f"row-{number}", title, "", place)
    return replace(activity, items=(_by_hand(activity),))
