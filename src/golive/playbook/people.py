"""The roster: who takes part, in which roles, and by which key a person is known."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from golive.kernel.errors import BadInput
from golive.kernel.text import clean, cut
from golive.playbook.findings import nearest

ALL = "All"
"""The owner that means one person of each role."""
_MOST_BYTES = 1_000_000
_LOCATED = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    email: str
    roles: Sequence[str]
    deputy_for: Sequence[str] = ()
    """Roles that this person may act in when nobody who holds them can."""
    key: str = ""
    """`SHA256:…`, the fingerprint of the key that proves it is them; "" before enrolment."""
    reader_key: str = ""
    """An age or ssh-ed25519 key to which originals with staff data are encrypted; "" for none."""
    revoked: str = ""
    """When the key was revoked (RFC 3339); "" while it holds."""
    revoked_because: str = ""


@dataclass(frozen=True)
class Roster:
    """The people of a rehearsal. Roles are compared without regard to case."""

    people: Sequence[Person]

    def person(self, ident: str) -> Person | None:
        return next((one for one in self.people if one.id == ident), None)

    def holders(self, role: str) -> tuple[Person, ...]:
        """Those who hold `role` themselves; "All" is everybody."""
        return tuple(one for one in self.people if _has(one.roles, role))

    def deputies(self, role: str) -> tuple[Person, ...]:
        """Those named as deputies for `role`."""
        return tuple(one for one in self.people if _has(one.deputy_for, role))

    def may_act(self, ident: str, role: str) -> bool:
        """Whether a person may act in `role`: as its holder or its named deputy.

        Anybody on the roster may act where a step has no owner (""), and as one of "All".
        """
        one = self.person(ident)
        if one is None:
            return False
        return not role or _has(one.roles, role) or _has(one.deputy_for, role)

    def roles(self) -> tuple[str, ...]:
        """Every role that somebody holds, in the roster's order."""
        seen = {_norm(role): role for one in reversed(self.people) for role in one.roles}
        order = dict.fromkeys(_norm(role) for one in self.people for role in one.roles)
        return tuple(seen[role] for role in order)


def _norm(role: str) -> str:
    return " ".join(role.casefold().split())


def _has(roles: Sequence[str], role: str) -> bool:
    wanted = _norm(role)
    return wanted == _norm(ALL) or any(_norm(one) == wanted for one in roles)


class _PersonShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    name: str = Field(min_length=1, max_length=100)
    email: str = Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,255}$")
    roles: list[str] = Field(min_length=1, max_length=20)
    deputy_for: list[str] = Field(default_factory=list, max_length=20)
    key: str = Field("", pattern=r"^(SHA256:[A-Za-z0-9+/=_-]{16,100})?$")
    reader_key: str = Field(
        "", pattern=r"^(age1[0-9a-z]{58}|ssh-ed25519 [A-Za-z0-9+/=]{68}( .{0,200})?)?$"
    )
    revoked: str = Field("", pattern=r"^(\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d))?$")
    revoked_because: str = Field("", max_length=500)


class _RosterShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    person: list[_PersonShape] = Field(min_length=1, max_length=500)


def load_roster(path: Path) -> Roster:
    """The roster in the file at `path`; BadInput says what is wrong with it, and where."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInput(f"the roster can't be read: {why}", where=str(path)) from error
    return parse_roster(content, str(path))


def parse_roster(content: bytes, file: str) -> Roster:
    """The roster in `content`, which people know as `file`. BadInput as `load_roster`."""
    if len(content) > _MOST_BYTES:
        raise BadInput("a roster of more than a megabyte", where=file)
    try:
        text = content.decode("utf-8")
        shape = _RosterShape.model_validate(tomllib.loads(text))
    except UnicodeDecodeError as error:
        raise BadInput("the roster isn't UTF-8 text", where=file) from error
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _LOCATED.search(said)
        where = f"{file}:{at[1]}:{at[2]}" if at else file
        raise BadInput(_LOCATED.sub("", said).strip(), where=where, hint="it is TOML") from error
    except RecursionError as error:
        raise BadInput("nested too deeply", where=file, hint="it is TOML") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _misfit(first["type"], first["loc"], first["msg"], text, file) from error
    roster = Roster(tuple(Person(**one.model_dump()) for one in shape.person))
    _demand_distinct(roster, text, file)
    _demand_known_roles(roster, text, file)
    return roster


def with_key(content: bytes, ident: str, mark: str) -> bytes:
    """`content` with the key of the person `ident` set to `mark`, and holding; all else stays as
    written. BadInput where the roster doesn't parse or hasn't the person."""
    person = parse_roster(content, "people.toml").person(ident)
    if person is not None and person.revoked:
        content = _with(content, ident, "revoked", "")
    if person is not None and person.revoked_because:
        content = _with(content, ident, "revoked_because", "")
    return _with(content, ident, "key", mark)


def with_revocation(content: bytes, ident: str, at: str, reason: str) -> bytes:
    """`content` with the key of `ident` revoked at the moment `at` (RFC 3339) for the `reason`, as
    `with_key`."""
    revoked = _with(content, ident, "revoked", at)
    return _with(revoked, ident, "revoked_because", cut(clean(reason), 500))


def _with(content: bytes, ident: str, name: str, value: str) -> bytes:
    roster = parse_roster(content, "people.toml")
    index = next((at for at, one in enumerate(roster.people) if one.id == ident), None)
    if index is None:
        raise BadInput(f"{ident!r} is not on the roster")
    lines = content.decode("utf-8").splitlines(keepends=True)
    begin, end = _block(lines, index)
    # A JSON string without control characters is a TOML one.
    entry = f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
    for at in range(begin + 1, end):
        if re.match(rf"\s*{name}\s*=", lines[at]):
            lines[at] = entry
            break
    else:
        last = max(at for at in range(begin, end) if lines[at].strip())
        lines[last] = lines[last].rstrip("\r\n") + "\n"
        lines.insert(last + 1, entry)
    changed = "".join(lines).encode()
    written = parse_roster(changed, "people.toml").person(ident)
    if written is None or getattr(written, name) != value:
        raise BadInput(f"the {name} of {ident!r} must be set by hand: {name} = {value!r}")
    return changed


def _block(lines: Sequence[str], index: int) -> tuple[int, int]:
    """First line of the `index`-th `[[person]]` and the line after its last (0-based)."""
    heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*person\s*\]\]", line)]
    if index >= len(heads):
        return 0, len(lines)
    return heads[index], heads[index + 1] if index + 1 < len(heads) else len(lines)


def _misfit(kind: str, loc: Sequence[int | str], message: str, text: str, file: str) -> BadInput:
    name = ".".join(str(part) for part in loc if not isinstance(part, int) and part != "person")
    index = next((part for part in loc if isinstance(part, int)), 0)
    key = str(loc[2]) if len(loc) > 2 else ""
    where = _where(text, file, index, key)
    known = _PersonShape.model_fields
    if kind == "extra_forbidden":
        hint = nearest(name, known) or f"a person has {', '.join(known)}"
        return BadInput(f"no key `{name or loc[0]}` is known here", where=where, hint=hint)
    if kind == "missing":
        what = f"the person has no `{name}`" if name else "there is no [[person]]"
        return BadInput(what, where=where, hint=f"a person has {', '.join(known)}")
    return BadInput(f"`{name or 'person'}`: {message}", where=where)


def _where(text: str, file: str, index: int, key: str) -> str:
    lines = text.splitlines()
    begin, end = _block(lines, index)
    for at in range(begin, end):
        if key and re.match(rf"\s*{re.escape(key)}\s*=", lines[at]):
            return f"{file}:{at + 1}:{len(lines[at]) - len(lines[at].lstrip()) + 1}"
    return f"{file}:{begin + 1}:1"


def _demand_distinct(roster: Roster, text: str, file: str) -> None:
    """One id, one address and one key each: two persons with one key would be one person."""
    seen: dict[tuple[str, str], str] = {}
    for index, one in enumerate(roster.people):
        for key, value in (("id", one.id), ("email", one.email.casefold()), ("key", one.key)):
            other = seen.setdefault((key, value), one.id)
            first = next(p for p in roster.people if p.id == other)
            if value and first is not one:
                raise BadInput(
                    f"two persons have the {key} `{value}`",
                    where=_where(text, file, index, key),
                    hint="everybody is proved by what only they have",
                )


def _demand_known_roles(roster: Roster, text: str, file: str) -> None:
    """A deputy stands in for a role that somebody holds."""
    held = {_norm(role) for role in roster.roles()}
    for index, one in enumerate(roster.people):
        for role in one.deputy_for:
            if _norm(role) not in held:
                raise BadInput(
                    f"`{one.id}` is deputy for `{role}`, which nobody holds",
                    where=_where(text, file, index, "deputy_for"),
                    hint=nearest(role, roster.roles()),
                )
