"""A kept web page is shown as its words, and as nothing that acts."""

from __future__ import annotations

import pytest

from golive.console.readable import readable


def test_a_printed_list_reads_as_one() -> None:
    page = """<!doctype html><html><head><title>t</title><style>td{color:red}</style></head><body>
    <h1>Manual payouts</h1><p>1 to check</p><table><thead><tr><th>Case</th><th>Amount</th></tr>
    </thead><tbody><tr><td>RF-1 &amp; more</td><td class="n">&pound;12,500.00</td></tr></tbody>
    </table><script>alert(1)</script></body></html>"""
    assert readable(page).split("\n") == [
        "Manual payouts",
        "1 to check",
        "Case | Amount",
        "RF-1 & more | £12,500.00",
    ]


@pytest.mark.parametrize("torn", ["<", "<p", "</style>words", "<![CDATA[x", "&#xFFFFFFFF;", "<!--"])
def test_what_is_torn_is_read_all_the_same(torn: str) -> None:
    assert "before" in readable(f"<p>before</p>{torn}")
