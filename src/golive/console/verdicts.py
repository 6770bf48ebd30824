"""Verdicts and decisions as badges: a mark, a word, and a colour that repeats them."""

from __future__ import annotations

from collections.abc import Mapping

from golive.console.views import Badge

CALLS: Mapping[str, Badge] = {
    "go": Badge("✔", "go", "good"),
    "go-with-conditions": Badge("◐", "go with conditions", "turn"),
    "no-go": Badge("✘", "no-go", "bad"),
    "open": Badge("○", "open", "quiet"),
    "stale": Badge("!", "stale: sign again", "turn"),
}


def verdict_badge(verdict: str) -> Badge:
    """`verdict` as the gate spells it."""
    mark, kind = {"ready": ("✔", "good"), "not-ready": ("✘", "bad")}.get(verdict, ("◇", "turn"))
    return Badge(mark, verdict.replace("-", " "), kind)
