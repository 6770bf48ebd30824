"""Reads a growing log of samples, each line once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from golive.ports.probe import ProbeSample


class Tail:
    """Samples of `log`, one JSON array a line: `[started, latency, status, side]`. Lines that are
    none (cut short by a kill) are dropped."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._offset = 0
        self._rest = b""
        self._samples: list[ProbeSample] = []

    def all(self) -> Sequence[ProbeSample]:
        """Every sample so far, in order of start."""
        self._read()
        return sorted(self._samples, key=lambda one: one.started)

    def ended_since(self, moment: float) -> Sequence[ProbeSample]:
        """Samples that came to their end after `moment` (Unix time)."""
        self._read()
        found = []
        # They lie in the order in which they ended, give or take the order within one write.
        for sample in reversed(self._samples):
            ended = sample.started + sample.latency
            if ended < moment - 0.1:
                break
            if ended >= moment:
                found.append(sample)
        return found

    def _read(self) -> None:
        with self._log.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._samples.extend(sample for line in lines if (sample := _parsed(line)) is not None)


def _parsed(line: bytes) -> ProbeSample | None:
    try:
        started, latency, status, side = json.loads(line)
        return ProbeSample(float(started), float(latency), int(status), str(side))
    except (ValueError, TypeError):
        return None
