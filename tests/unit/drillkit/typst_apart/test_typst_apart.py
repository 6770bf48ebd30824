"""A page made apart: the same bytes each time, nothing loaded here, and typst's own words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from golive.drillkit.typst_apart import typeset

SOURCE = "#set document(date: none)\n#sys.inputs.said"


def test_the_same_page_has_the_same_bytes() -> None:
    made = typeset(SOURCE, {"said": "Ünïcode"})
    assert made.startswith(b"%PDF-")
    assert made == typeset(SOURCE, {"said": "Ünïcode"})


def test_what_it_loads_is_not_loaded_here() -> None:
    code = (
        "import sys; from golive.drillkit.typst_apart import typeset;"
        "typeset('words', {}); assert 'typst' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_typst_refuses_is_said() -> None:
    with pytest.raises(ValueError, match="said"):
        typeset(SOURCE, {})
