"""Whether two verdicts decide the same, whatever words and engine each was reached with. Pure.

Bytes are the first proof. Another version of Golive, or of the engine that evaluates rules, may
spell a verdict otherwise; then what it decides is compared: every rule, every reason, every count,
and the facts and the policy that it rests on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from golive.kernel.json import Json, JsonObject

_TOLD = (
    "verdict", "practice", "machine_items", "machine_ready", "open_human_items", "fidelity",
)  # fmt: skip
_BASIS = ("facts", "policy_digest", "evaluated_at", "params")
_REASON = ("rule", "item", "check", "blocks", "line", "waived_by")


def apart(first: JsonObject, second: JsonObject) -> Iterator[str]:
    """What `second` decides otherwise than `first`, each a verdict as it is sealed."""
    for name in _TOLD:
        if first.get(name) != second.get(name):
            yield f"{name.replace('_', ' ')}: {first.get(name)}, now {second.get(name)}"
    before, after = _object(first.get("basis")), _object(second.get("basis"))
    for name in _BASIS:
        if before.get(name) != after.get(name):
            yield f"it rests on another {name.replace('_', ' ')}"
    rules, again = _rules(first), _rules(second)
    for name in sorted(rules.keys() | again.keys()):
        if rules.get(name, _NONE) != again.get(name, _NONE):
            yield f"rule {name}: {_held(rules, name)}, now {_held(again, name)}"
    for list_name in ("reasons", "waived"):
        one, other = _reasons(first, list_name), _reasons(second, list_name)
        for key in sorted((one - other).keys() | (other - one).keys()):
            which = "gone" if key in one - other else "new"
            yield f"{list_name}: {which}: {key[0]} {key[1]}".rstrip()


_NONE = "not there"


def _rules(verdict: JsonObject) -> Mapping[str, Any]:
    return {str(one.get("id")): one.get("holds") for one in _objects(verdict.get("rules"))}


def _held(rules: Mapping[str, Any], name: str) -> str:
    said = {True: "holds", False: "doesn't hold", None: "not asked"}
    return said.get(rules[name], "unclear") if name in rules else _NONE


def _reasons(verdict: JsonObject, name: str) -> Counter[tuple[str, ...]]:
    found = _objects(verdict.get(name))
    return Counter(tuple(str(one.get(key, "")) for key in _REASON) for one in found)


def _object(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Json) -> list[Mapping[str, Any]]:
    return [_object(one) for one in value] if isinstance(value, list) else []
