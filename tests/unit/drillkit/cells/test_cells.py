"""Cells that a spreadsheet must not calculate."""

from __future__ import annotations

import csv
import io

import pytest

from golive.drillkit.cells import cell
from golive.drills.legal.drawing import _csv as legal_table


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "|x", " =1", "\t=1", "\uff1d1", "\0=1"])
def test_a_formula_becomes_a_text_in_every_table_of_a_drill(text: str) -> None:
    assert cell(text).startswith("'")
    header, row = csv.reader(io.StringIO(legal_table(["one", "two"], [[text, "plain"]])))
    assert row[0].startswith("'")
    assert (header, row[1]) == (["one", "two"], "plain")


@pytest.mark.parametrize("text", ["", "plain", "a=b", "1-2"])
def test_anything_else_stays(text: str) -> None:
    assert cell(text) == text
