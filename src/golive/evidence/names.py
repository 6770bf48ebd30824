"""Which names a file in a release may bear.

BagIt and `sha256sum` escape some characters differently, file systems fold others, and terminals
obey a few. A name that any of them could read as another is refused (RFC 8493 §2.1.3, §6.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9_,+=@()#~-][A-Za-z0-9 ._,+=@()#~-]*")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_LONGEST_PART = 255
_LONGEST_PATH = 1024


def problem(path: str) -> str | None:
    """Why `path` may not name a file under `data/`, or None when it may."""
    if not path:
        return "is empty"
    if path.startswith("/"):
        return "is absolute"
    try:
        if len(path.encode("utf-8")) > _LONGEST_PATH:
            return f"is longer than {_LONGEST_PATH} bytes"
    except UnicodeEncodeError:
        return "is not valid UTF-8"
    for part in path.split("/"):
        if _PLAIN.fullmatch(part) and part[-1] not in " ." and len(part) <= _LONGEST_PART:
            continue
        wrong = _part_problem(part)
        if wrong:
            return wrong
    return None


def _part_problem(part: str) -> str | None:
    if part in ("", ".", ".."):
        return f"holds the part {part!r}"
    if "%" in part or "\\" in part:
        return "holds a percent sign or a backslash"
    if any(unicodedata.category(letter) in _REFUSED_CATEGORIES for letter in part):
        return "holds a control or invisible character"
    if part != part.strip():
        return "has a blank at the edge of a part"
    if unicodedata.normalize("NFC", part) != part:
        return "is not in Unicode normal form C"
    if len(part.encode("utf-8")) > _LONGEST_PART:
        return f"has a part longer than {_LONGEST_PART} bytes"
    return None


def folded(path: str) -> str:
    """What a file system that ignores case takes `path` for."""
    return unicodedata.normalize("NFC", path.casefold())


def clashes(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs that can't lie side by side: the same name twice, two that differ in case alone (a
    folder's name counts too), or a file where another needs a folder."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for path in paths:
        key = _key(path)
        if key in files or key in folders:
            found.append((files.get(key) or folders[key], path))
        files[key] = path
        cut = path.rfind("/")
        while cut != -1:
            folder = path[:cut]
            key = _key(folder)
            known = folders.setdefault(key, folder)
            if known != folder or key in files:
                found.append((files.get(key, known), path))
            cut = folder.rfind("/")
    return found


def _key(path: str) -> str:
    return path.lower() if path.isascii() else folded(path)


def shown(name: str) -> str:
    """`name` safe to print: control characters and undecodable bytes escaped."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in name
    )
