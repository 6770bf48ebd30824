"""One person's day: look at the board, do what waits for one's role, until it is sealed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from golive.kernel.errors import BadInput
from golive.playbook.people import Roster, load_roster
from golive.rehearsal.board import Board, BoardItem, fold, unvouched
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events

_LOOK_S = 0.4
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000"
    "01f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class Person:
    def __init__(self, name: str, state: Path, present: list[str]) -> None:
        self.name, self._state, self._present = name, state, present
        self._done: set[tuple[str, int, str]] = set()
        self._roster: Roster | None = None

    def take_part(self) -> None:
        while True:
            try:
                folder = RunFolder.find(self._state, None)
                board = fold(read_events(folder.events))
            except BadInput:
                time.sleep(_LOOK_S)
                continue
            if board.state == "sealed":
                return
            self._roster = self._roster or load_roster(folder.people)
            for item in board.waiting():
                self._answer(folder, board, item)
                self._look(folder, item)
            time.sleep(_LOOK_S)

    def _answer(self, folder: RunFolder, board: Board, item: BoardItem) -> None:
        wanted = str(item.waiting["want"])
        turn = (item.id, item.attempt, wanted)
        roles = item.waiting.get("by")
        named = [str(one) for one in roles] if isinstance(roles, list) else []
        barred = item.waiting.get("barred")
        mine = not named or any(self._mine(role) for role in named)
        if turn in self._done or not mine or (isinstance(barred, list) and self.name in barred):
            return
        self._done.add(turn)
        if wanted == "decide":
            self._act(folder, "retry" if item.attempt == 1 else "skip", item)
        elif wanted == "upload":
            self._act(folder, "attach", item, *self._files(item))
        else:
            self._act(folder, "approve" if wanted == "approve" else "confirm", item)

    def _look(self, folder: RunFolder, item: BoardItem) -> None:
        """At what somebody else brought and only eyes can judge: the first of the others does."""
        for file in unvouched(item):
            others = [one for one in self._present if one != file["by"]]
            turn = (item.id, item.attempt, file["sha256"])
            if others[0] == self.name and turn not in self._done:
                self._done.add(turn)
                self._act(folder, "vouch", item, "--digest", file["sha256"])

    def _mine(self, role: str) -> bool:
        """One's own role; another's only where nobody present holds it."""
        assert self._roster is not None
        holders = [one.id for one in self._roster.people if role in one.roles]
        if any(one in self._present for one in holders):
            return self.name in holders
        return self._roster.may_act(self.name, role)

    def _files(self, item: BoardItem) -> list[str]:
        files = item.waiting.get("files")
        wanted = [str(one) for one in files] if isinstance(files, list) else []
        made = []
        for path in wanted or [f"{item.id}.txt"]:
            file = Path("uploads") / self.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            words = f"What {self.name} saw of {item.title}.\n".encode()
            file.write_bytes(_PNG if file.suffix == ".png" else words)
            made.append(str(file))
        return made

    def _act(self, folder: RunFolder, action: str, item: BoardItem, *files: str) -> None:
        words = f"{self.name} has looked at it"
        argv = [sys.executable, "-m", "golive", action, folder.name, item.id, *files]
        argv += ["--as", self.name, "--comment", words, "--state", str(self._state)]
        done = subprocess.run(argv, check=False)
        print(f"{action} {item.id}: {done.returncode}", flush=True)


Person(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]).take_part()
