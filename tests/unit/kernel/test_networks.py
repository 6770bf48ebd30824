"""However the world is cut up, it is the world."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.kernel.networks import overheard, worldwide


@given(st.lists(st.integers(0, 2**32 - 1), max_size=6))
def test_pieces_that_add_up_to_everybody_are_everybody(cuts: list[int]) -> None:
    """Each cut splits the piece that an address lies in."""
    pieces = [IPv4Network("0.0.0.0/0")]
    for cut in cuts:
        piece = next(one for one in pieces if ip_network(cut).subnet_of(one))
        pieces.remove(piece)
        pieces += piece.subnets()
    assert worldwide(map(str, pieces)) == ["0.0.0.0/0"]


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (["2000::/3"], ["2000::/3"]),
        (["::/0", "0.0.0.0/0"], ["0.0.0.0/0", "::/0"]),
        (["1.2.3.4/0"], ["0.0.0.0/0"]),
        (["10.0.0.0/8", "fd00::/16", "203.0.113.7/32"], []),
        ([], []),
    ],
)
def test_what_an_organisation_may_have_is_not_the_world(
    sources: list[str], found: list[str]
) -> None:
    assert worldwide(sources) == found


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="everybody"):
        worldwide(["everybody"])


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://desk.example", False),
        ("http://desk.example", True),
        ("http://127.9.9.9:80", False),
        ("http://[::1]/", False),
        ("http://localhost", False),
        ("http://127.0.0.1.evil.example", True),
        ("http://localhost@evil.example", True),
        ("ftp://desk.example", True),
    ],
)
def test_what_goes_in_the_clear_beyond_this_machine_is_overheard(url: str, told: bool) -> None:
    assert overheard(url) is told
