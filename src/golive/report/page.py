"""The page itself: one file of HTML with its style and pictures inside, and no script."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from golive.drillkit import values
from golive.evidence.diff import Difference, Trend
from golive.kernel.json import JsonObject
from golive.kernel.text import clean
from golive.report import wording
from golive.report.source import read
from golive.report.view import view


def render(
    release_folder: Path,
    decided: JsonObject | None = None,
    beside: Difference | None = None,
    trend: Trend | None = None,
) -> bytes:
    """The report on the sealed release in `release_folder`, as UTF-8; with what people decided over
    it, where somebody has spoken (see `signoffs`), beside another release, and among others over
    time, where they are given.

    The same releases give the same bytes, wherever they lie and whenever it is asked for. Reads
    only what was sealed, and only where its bytes still have the sealed digest. VaultError where
    there is no sealed release; NotReportable where it holds no rehearsal or was changed.
    """
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalise,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "size": wording.size,
        "moment": wording.moment,
        "marked": wording.marked,
        "file_name": wording.file_name,
    }
    environment.globals |= {
        "many": wording.many,
        "with_unit": values.with_unit,
        "clock": wording.clock,
        "day": wording.day,
        "length": wording.length,
        "checks": wording.CHECKS,
        "outcomes": wording.OUTCOMES,
        "risk_badge": wording.risk_badge,
    }
    template = environment.from_string(_text("page.html"))
    style = Markup(_text("style.css"))  # noqa: S704  (our own file, not anybody's words)
    html = template.render(style=style, **view(read(release_folder), decided, beside, trend))
    return (html.rstrip() + "\n").encode("utf-8", "replace")


def _finalise(found: Any) -> Any:
    """What every expression of the template passes: markup of our own stays, words are cleaned."""
    return found if isinstance(found, Markup) else clean(found)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
