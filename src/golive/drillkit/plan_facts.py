"""What a Terraform plan's JSON says, and its difference without what is marked sensitive.

Source: Terraform's "JSON Output Format", format_version 1.x. Unknown fields are ignored, an
unknown major version is refused. Exit codes and the text for people are never read: a failed
`check` block exits 0, and an output-only change exits 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.kernel.json import Json, JsonObject

SENSITIVE = "(sensitive)"
UNKNOWN = "(known after apply)"
_QUIET = frozenset({("no-op",), ("read",), ()})


class PlanError(ValueError):
    """The document is no plan that can be judged; the message says why."""


@dataclass(frozen=True)
class Change:
    """One resource or output that the plan would change, or that has drifted."""

    address: str
    actions: Sequence[str]
    before: Json
    after: Json

    @property
    def replaces(self) -> bool:
        """Terraform's `["delete", "create"]` or the reverse."""
        return "delete" in self.actions and "create" in self.actions

    @property
    def destroys(self) -> bool:
        """Deletes without putting another in its place, or lets go of it (`forget`)."""
        return not self.replaces and ("delete" in self.actions or "forget" in self.actions)

    def to_json(self) -> JsonObject:
        return {
            "address": self.address,
            "actions": list(self.actions),
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True)
class PlanFacts:
    """Redacted already: no value that is marked sensitive is in here."""

    format_version: str
    terraform_version: str
    has_state: bool
    """Whether there was a state with resources to compare with. Without one, no drift shows."""
    changes: Sequence[Change]
    drift: Sequence[Change]
    outputs: Sequence[Change]
    checks: Mapping[str, str]
    """Status by check: `pass`, `fail`, `error` or `unknown`."""
    problems: Sequence[str]
    """What failed checks say."""
    errored: bool
    complete: bool | None
    """None where the tool is too old to say."""


def read_plan(document: JsonObject) -> PlanFacts:
    """PlanError unless `document` is a plan of a known major version."""
    version = document.get("format_version")
    if not isinstance(version, str) or version.split(".")[0] != "1":
        raise PlanError(f"the plan's format_version is {version!r}; only 1.x can be judged")
    if not {"planned_values", "resource_changes", "resource_drift"} & document.keys():
        raise PlanError("the document is no plan: it tells of no resources")
    hide = _Hider(sensitive_values(document))
    complete = document.get("complete")
    return PlanFacts(
        format_version=version,
        terraform_version=str(document.get("terraform_version", "")),
        has_state=_has_resources(document.get("prior_state")) or _had_something(document),
        changes=_resources(document, "resource_changes", hide),
        drift=_resources(document, "resource_drift", hide),
        outputs=_outputs(document, hide),
        checks={name: status for name, status, _ in _checks(document)},
        problems=[hide.text(said) for _, _, problems in _checks(document) for said in problems],
        errored=document.get("errored") is True,
        complete=complete if isinstance(complete, bool) else None,
    )


def sensitive_values(document: JsonObject) -> frozenset[str]:
    """Every text and long number that is marked sensitive anywhere in the plan: Terraform itself
    marks a value in one place and repeats it unmarked in another (`terraform_data`'s `output`)."""
    found: set[str] = set()
    for change in _all_changes(document):
        for side in ("before", "after"):
            found |= set(_marked(change.get(side), change.get(f"{side}_sensitive")))
    variables = _path(document, "configuration", "root_module", "variables")
    for name, declared in variables.items():
        if isinstance(declared, Mapping) and declared.get("sensitive") is True:
            given = _path(document, "variables", name)
            found |= set(_leaves([given.get("value"), declared.get("default")]))
    for values in (document.get("planned_values"), _path(document, "prior_state").get("values")):
        found |= set(_marked_in_values(values))
    return frozenset(found)


class _Hider:
    """Hides marked values, and the same values where nobody marked them."""

    def __init__(self, secrets: frozenset[str]) -> None:
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._exact = secrets

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, SENSITIVE)
        return text

    def __call__(self, value: Json, marks: Json = None, unknown: Json = None) -> Json:
        if marks is True:
            return SENSITIVE
        if isinstance(value, Mapping) or isinstance(unknown, Mapping):
            return self._object(value, marks, unknown)
        if unknown is True:
            return UNKNOWN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Sequence):
            many, hints = _items(marks), _items(unknown)
            return [
                self(one, _at(many, index), _at(hints, index)) for index, one in enumerate(value)
            ]
        plain = isinstance(value, int | float) and str(value) in self._exact
        return SENSITIVE if plain else value

    def _object(self, value: Json, marks: Json, unknown: Json) -> Json:
        known = value if isinstance(value, Mapping) else {}
        hints = unknown if isinstance(unknown, Mapping) else {}
        marked = marks if isinstance(marks, Mapping) else {}
        names = [*known, *(name for name in hints if name not in known and hints[name] is True)]
        return {
            self.text(name): self(known.get(name), marked.get(name), hints.get(name))
            for name in names
        }


def _resources(document: JsonObject, key: str, hide: _Hider) -> Sequence[Change]:
    found = []
    for entry in _items(document.get(key)):
        if isinstance(entry, Mapping):
            change = _change(hide.text(str(entry.get("address", "?"))), entry.get("change"), hide)
            if tuple(change.actions) not in _QUIET:
                found.append(change)
    return found


def _outputs(document: JsonObject, hide: _Hider) -> Sequence[Change]:
    changes = _path(document, "output_changes")
    found = [_change(f"output.{name}", change, hide) for name, change in changes.items()]
    return [change for change in found if tuple(change.actions) not in _QUIET]


def _change(address: str, change: Json, hide: _Hider) -> Change:
    told = change if isinstance(change, Mapping) else {}
    return Change(
        address=address,
        actions=tuple(str(one) for one in _items(told.get("actions"))),
        before=hide(told.get("before"), told.get("before_sensitive")),
        after=hide(told.get("after"), told.get("after_sensitive"), told.get("after_unknown")),
    )


def _checks(document: JsonObject) -> Iterator[tuple[str, str, Sequence[str]]]:
    for check in _items(document.get("checks")):
        if not isinstance(check, Mapping):
            continue
        address = _path(check, "address")
        problems = [
            str(problem.get("message", ""))
            for instance in _items(check.get("instances"))
            if isinstance(instance, Mapping)
            for problem in _items(instance.get("problems"))
            if isinstance(problem, Mapping)
        ]
        yield str(address.get("to_display", "?")), str(check.get("status", "unknown")), problems


def _all_changes(document: JsonObject) -> Iterator[JsonObject]:
    yield from _resource_changes(document)
    for change in _path(document, "output_changes").values():
        if isinstance(change, Mapping):
            yield change


def _resource_changes(document: JsonObject) -> Iterator[JsonObject]:
    for key in ("resource_changes", "resource_drift"):
        for entry in _items(document.get(key)):
            if isinstance(entry, Mapping):
                yield _path(entry, "change")


def _marked_in_values(values: Json) -> Iterator[str]:
    """Sensitive leaves of `planned_values` or a state: outputs, resources, child modules."""
    if not isinstance(values, Mapping):
        return
    for output in _path(values, "outputs").values():
        if isinstance(output, Mapping) and output.get("sensitive") is True:
            yield from _leaves(output.get("value"))
    modules = [_path(values, "root_module")]
    while modules:
        module = modules.pop()
        modules += [one for one in _items(module.get("child_modules")) if isinstance(one, Mapping)]
        for resource in _items(module.get("resources")):
            if isinstance(resource, Mapping):
                yield from _marked(resource.get("values"), resource.get("sensitive_values"))


def _marked(value: Json, marks: Json) -> Iterator[str]:
    if marks is True:
        yield from _leaves(value)
    elif isinstance(marks, Mapping) and isinstance(value, Mapping):
        for name, mark in marks.items():
            yield from _marked(value.get(name), mark)
    elif isinstance(value, list) and isinstance(marks, list):
        for one, mark in zip(value, marks, strict=False):
            yield from _marked(one, mark)


def _leaves(value: Json) -> Iterator[str]:
    """Texts of four characters and more, numbers of four digits and more: anything shorter would
    blot out half the plan, and is hidden only where it is marked."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, str | int | float):
        if len(str(value)) >= 4:
            yield str(value)
    else:
        for one in value:
            yield from _leaves(one)


def _has_resources(state: Json) -> bool:
    root = _path(state, "values", "root_module") if isinstance(state, Mapping) else {}
    return bool(_items(root.get("resources")) or _items(root.get("child_modules")))


def _had_something(document: JsonObject) -> bool:
    """Even what doesn't change is listed, with what it was before."""
    return any(change.get("before") is not None for change in _resource_changes(document))


def _path(value: Json, *names: str) -> JsonObject:
    """The object at `names`; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


def _at(items: Sequence[Json], index: int) -> Json:
    return items[index] if index < len(items) else None
