"""Front matter: the settings at the top of the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from golive.kernel.json import Json
from golive.playbook.findings import Findings
from golive.playbook.model import Place
from golive.playbook.shapes import ROOT_KEYS, FrontMatter
from golive.playbook.source import Source
from golive.playbook.validate import fit
from golive.playbook.yaml12 import Node, YamlProblem, read

_MONTHS = "January February March April May June July August September October November December"
_SPOKEN = re.compile(rf"\b(\d{{1,2}}) ({_MONTHS.replace(' ', '|')}) (\d{{4}})\b")
_WRITTEN = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")


@dataclass(frozen=True)
class Front:
    matter: FrontMatter
    body: int
    """0-based line where the document's text begins."""


def front(source: Source, findings: Findings) -> Front | None:
    """The front matter, or an empty one; None where it can't be read (a finding says why)."""
    if source.lines[0].rstrip() != "---":
        _none(source, findings)
        return Front(FrontMatter.model_validate({}), 0)
    end = next(
        (at for at in range(1, len(source.lines)) if source.lines[at].rstrip() in ("---", "...")),
        None,
    )
    if end is None:
        findings.add(
            "front-matter-open", source.place(0), "the front matter isn't closed by a line `---`"
        )
        return None
    text = "\n".join(source.lines[1:end])
    try:
        node = read(text)
    except YamlProblem as problem:
        place = source.place(1 + problem.line, problem.column)
        findings.add(problem.code, place, problem.message)
        return None
    return Front(_matter(source, node, findings), end + 1)


def _matter(source: Source, node: Node, findings: Findings) -> FrontMatter:
    def place(line: int, column: int) -> Place:
        return source.place(1 + line, column)

    if not node.keys:
        if node.value is not None:
            findings.add("wrong-value", place(0, 0), "front matter is `key: value` lines")
        return FrontMatter.model_validate({})
    own = "golive" in node.keys
    values = {
        str(key): child.raw if key != "golive" and child.raw else child.value
        for key, child in node.children.items()
        if own or key in ROOT_KEYS
    }
    return fit(FrontMatter, values, node, place, findings) or _salvage(values)


def _salvage(values: Mapping[str, Json]) -> FrontMatter:
    """What is right in front matter that is partly wrong, so that the rest is checked too."""
    matter = FrontMatter.model_validate({})
    for key, value in values.items():
        try:
            FrontMatter.model_validate({key: value})
        except ValueError:
            continue
        fitting = FrontMatter.model_validate({key: value})
        matter = matter.model_copy(update={key: getattr(fitting, key)})
    return matter


def _none(source: Source, findings: Findings) -> None:
    text = "\n".join(source.lines)[:50_000]
    day = _WRITTEN.search(text)
    spoken = _SPOKEN.search(text)
    guess = day[1] if day else "2024-05-30"
    if spoken:
        month = _MONTHS.split().index(spoken[2]) + 1
        guess = f"{spoken[3]}-{month:02d}-{int(spoken[1]):02d}"
    findings.add(
        "no-front-matter",
        source.place(0),
        "no front matter: the release, the day and the time zone aren't known",
        f'begin with ---, golive: 1, release: "...", date: {guess}, timezone: ..., ---',
    )
