"""Policies: rules that a rehearsal is judged by, read from TOML or YAML 1.2 and guarded once.

A rule is a yes or no in CEL over the facts (`facts.py`). It is compiled when the policy is loaded,
and refused there when it names what isn't a fact or would take nothing for proof (`guards.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from golive.gates import guards, syntax
from golive.kernel.errors import BadInput
from golive.kernel.ids import sha256_hex
from golive.playbook.yaml12 import YamlProblem
from golive.playbook.yaml12 import read as read_yaml

if TYPE_CHECKING:
    from cel import Program

DEFAULT = Path(__file__).parents[3] / "policies" / "default.toml"
_MOST_BYTES = 200_000
_SEVERITIES = ("not-ready", "incomplete")

Parameter = (
    Annotated[str, Field(max_length=200)] | bool | int | float | list[Annotated[str, Field()]]
)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RuleShape(_Shape):
    """One rule."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,59}$", description="what waivers name")
    words: str = Field(min_length=1, max_length=300, description="the rule as people say it")
    severity: Literal["not-ready", "incomplete"] = Field(
        description="what it makes of the verdict when it doesn't hold"
    )
    expression: str = Field(min_length=1, max_length=4000, description="CEL over the facts")
    because: str = Field(
        "", max_length=500, description="the reason, with {fields} of the fact that offends"
    )
    change: str = Field(min_length=1, max_length=500, description="what would change it")
    attended: bool = Field(
        False, description="asked of attended runs alone: in practice nobody is there to ask"
    )
    otherwise: bool = Field(
        False, description="told only of items of which no rule before it has told"
    )


class PolicyShape(_Shape):
    """A policy file."""

    version: Literal[1] = Field(alias="golive-policy", description="version of the format")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$")
    param: dict[Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")], Parameter] = Field(
        default_factory=dict, description="what rules read as `param.<name>`"
    )
    rule: list[RuleShape] = Field(min_length=1, max_length=200)


@dataclass(frozen=True)
class Rule:
    """A rule, compiled."""

    shape: RuleShape
    tree: syntax.Node
    program: Program = field(compare=False)


@dataclass(frozen=True)
class Policy:
    name: str
    source: bytes = field(repr=False)
    """The file's bytes: what is sealed."""
    params: Mapping[str, Any]
    rules: Sequence[Rule]

    @property
    def digest(self) -> str:
        return sha256_hex(self.source)


@cache
def default_policy() -> Policy:
    """The policy that Golive ships."""
    return parse_policy(DEFAULT.read_bytes(), "policies/default.toml")


def of_its_own(policy: Policy) -> str:
    """What a verdict by `policy` must say of it: nothing of the one that Golive judges by unless
    told otherwise. A policy names itself, so only its bytes tell which it is."""
    if policy.digest == default_policy().digest:
        return ""
    if policy.digest in _shipped():
        return f"judged by Golive's {policy.name} policy"
    return f"judged by a policy of its own: sha256 {policy.digest[:16]}…"


@cache
def _shipped() -> frozenset[str]:
    return frozenset(sha256_hex(one.read_bytes()) for one in DEFAULT.parent.glob("*.toml"))


def load_policy(path: Path) -> Policy:
    """The policy in the file at `path`. BadInput says what is wrong with it, and where."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"the policy can't be read: {error.strerror}", where=str(path)) from error
    return parse_policy(content, str(path))


def parse_policy(content: bytes, file: str) -> Policy:
    """The policy in `content`, which is TOML, or YAML where it doesn't begin like TOML."""
    if len(content) > _MOST_BYTES:
        raise BadInput("a policy of more than 200 kB", where=file)
    try:
        shape = PolicyShape.model_validate(_data(content))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, YamlProblem, RecursionError) as error:
        raise BadInput(f"not a policy: {error}", where=file, hint="TOML or YAML 1.2") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"not a policy: `{name}`: {first['msg']}", where=file, hint="`golive schema policy`"
        ) from error
    _demand_distinct(shape, file)
    if all(one.attended for one in shape.rule):
        raise BadInput(
            "every rule is about people: a practice run would be asked nothing",
            where=file,
            hint="at least one rule is not `attended`",
        )
    rules = [_rule(one, shape, f"{file}: rule {one.id}") for one in shape.rule]
    return Policy(shape.name, content, dict(shape.param), rules)


def _data(content: bytes) -> Any:
    text = content.decode("utf-8")
    if re.search(r"^\s*golive-policy\s*:", text, re.M):
        return read_yaml(text).value
    return tomllib.loads(text)


def _demand_distinct(shape: PolicyShape, file: str) -> None:
    names = [one.id for one in shape.rule]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise BadInput(f"two rules are called {twice!r}", where=file)


def _rule(shape: RuleShape, policy: PolicyShape, where: str) -> Rule:
    import cel

    try:
        tree = syntax.read(shape.expression)
        guards.check(tree, policy.param)
        return Rule(shape, tree, cel.compile(shape.expression))
    except RecursionError:
        raise BadInput("the expression is too long a chain", where=where) from None
    except ValueError as error:
        hint = "docs/verdict.md says how rules are written"
        raise BadInput(str(error), where=where, hint=hint) from error
