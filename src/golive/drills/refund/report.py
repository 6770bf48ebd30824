"""The inspection's report, a PDF: the same bytes for the same case, whenever it is made."""

from __future__ import annotations

import json
from functools import lru_cache

from golive.drillkit.typst_apart import typeset
from golive.drills.refund.params import Ctx, Ground
from golive.ports.refunds import Document

KIND = "inspection-report"
_PAGE = """
#let said = json(bytes(sys.inputs.said))
#let day = said.day.split("-").map(int)
#set document(
  title: "Inspection report " + said.reference,
  date: datetime(year: day.at(0), month: day.at(1), day: day.at(2)),
)
#set page(paper: "a4", margin: 25mm)
#set text(lang: "en", region: "gb", size: 11pt)
= Inspection report
#table(
  columns: (auto, 1fr), stroke: 0.5pt + luma(160),
  [Case], said.reference,
  [Order and milestone], said.service,
  [Inspected on], said.day,
  [Result], [*failed*],
)
The work was not done as agreed. This inspection took place in a launch rehearsal of release
#said.release: nobody's home was visited, and nobody is to blame.
"""


def inspection(ctx: Ctx, ground: Ground) -> Document:
    """The report on the milestone of one case."""
    said = {
        "reference": ground.reference,
        "service": ground.service or ground.order,
        "day": ctx.rehearsal.day.isoformat(),
        "release": ctx.rehearsal.release,
    }
    content = _made(json.dumps(said))
    return Document(KIND, f"{ground.reference}-inspection.pdf", "application/pdf", content)


@lru_cache(maxsize=8)
def _made(said: str) -> bytes:
    return typeset(_PAGE, {"said": said})
