"""From file to file: any size, any split, in linear time and flat memory."""

from __future__ import annotations

import csv
import gc
import io
import json
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.evidence.redact import Redactor, SecretInBinary, redactor
from golive.kernel.errors import GoliveError

MIB = 1 << 20
PEM = (
    "-----BEGIN PRIVATE KEY-----\n" + "QUJDREVGR0hJSktMTU5P\n" * 40 + "-----END PRIVATE KEY-----\n"
)
LINES = st.sampled_from(
    [
        "09:30 deployment d-1 InProgress\n",
        "password=hunter2\n",
        "mail jo@corp.com ",
        " and a known-secret ",
        '{"token":"abcdefgh1","n":[1,2,3]}\n',
        PEM,
        "x" * 500,
        "\n",
    ]
)


class Endless(io.RawIOBase):
    """`count` times `piece`."""

    def __init__(self, piece: bytes, count: int) -> None:
        self._piece, self._left, self._held = piece, count, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._held) < size and self._left:
            self._held += self._piece * 64
            self._left -= 1
        data, self._held = self._held[:size], self._held[size:]
        return data


def stream(data: bytes, media_type: str) -> bytes:
    sink = io.BytesIO()
    Redactor(["known-secret"]).stream(io.BytesIO(data), sink, media_type)
    return sink.getvalue()


@settings(max_examples=40)
@given(st.lists(LINES, max_size=60), st.integers(1, 3000), st.sampled_from(["text/plain"]))
def test_where_a_file_is_split_makes_no_difference(
    lines: list[str], piece: int, media_type: str
) -> None:
    """The same result in pieces of a few bytes as in one."""
    data = "".join(lines).encode()
    whole = stream(data, media_type)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redactor, "_PIECE", piece)
        patch.setattr("golive.evidence.redact.scanning._LONGEST", 2000)
        assert stream(data, media_type) == whole
    assert b"hunter2" not in whole and b"jo@corp" not in whole and b"QUJD" not in whole
    assert b"known-secret" not in whole


@settings(max_examples=40)
@given(
    st.recursive(
        st.integers() | st.text() | st.just('known-secret " é'),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("token"), inner),
        max_leaves=40,
    ),
    st.integers(1, 200),
)
def test_where_json_is_split_makes_no_difference(value: object, piece: int) -> None:
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    whole = stream(data, "application/json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redactor, "_PIECE", piece)
        patch.setattr("golive.evidence.redact.json_scanner._MARGIN", 8)
        assert stream(data, "application/json") == whole


@given(
    st.lists(st.lists(st.text('ab,"\n;é@.'), min_size=1, max_size=3), max_size=8),
    st.integers(1, 50),
)
def test_where_csv_is_split_makes_no_difference(rows: list[list[str]], piece: int) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    data = text.getvalue().encode()
    whole = stream(data, "text/csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redactor, "_PIECE", piece)
        assert stream(data, "text/csv") == whole


@pytest.mark.parametrize(
    ("piece", "media_type"),
    [
        (b"2024-05-30T10:45:00Z GET /v1/timeline 200 jo@x\n", "text/plain"),
        (b"no line ends here jo@x ", "text/plain"),
        (b"A" * 53, "text/plain"),
        (b'{"at":"2024-05-30T10:45:00Z","mail":"jo@x"}\n', "application/jsonl"),
        (b'"jo@x", ', "application/json"),
        (b"1,jo@x,ready,200\n", "text/csv"),
        (b"\x89PNG\0" * 11, "image/png"),
    ],
)
def test_memory_stays_flat_while_a_file_grows(
    piece: bytes, media_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces of 32 KiB: peak of Python's own allocations for a quarter of a MiB and for one."""
    monkeypatch.setattr(redactor, "_PIECE", 32 * 1024)
    monkeypatch.setattr("golive.evidence.redact.scanning._LONGEST", 4096)
    peaks = []
    for size in (MIB // 4, MIB):
        source = Endless(piece, size // (64 * len(piece)))
        tracemalloc.start()
        try:
            with Path("/dev/null").open("wb") as sink:
                Redactor().stream(source, sink, media_type)  # type: ignore[arg-type]
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + MIB // 8


BOMBS = [
    "a" * 300_000, "a@" * 100_000, "a." * 100_000, "0" * 300_000, "1 " * 150_000, "4111" * 70_000,
    "+" * 200_000, "+1 " * 100_000, "+1(" * 80_000, "password" * 30_000, "password=" * 30_000,
    "password: " * 30_000, "key" * 80_000, "key = " * 40_000, "eyJ" * 80_000, "eyJ." * 60_000,
    "eyJaaaaaaaa." * 20_000, "-----BEGIN PRIVATE KEY-----" * 9_000, "-----BEGIN " * 20_000,
    "://" * 80_000, "a://" * 60_000, "a://b:" * 40_000, "<" * 200_000, "<a>" * 80_000,
    "<input " * 30_000, "<input value=" * 20_000, "bearer " * 40_000, "Bearer a" * 30_000,
    "cookie:" * 40_000, "Cookie: " * 30_000, "authorization: " * 20_000, '"' * 200_000,
    '\\"' * 150_000, "{" * 200_000, '{"a":' * 50_000, "[" * 200_000, ",\n" * 100_000, " " * 300_000,
    "\n" * 300_000, "xoxb-" * 50_000, "sk-" * 80_000, "%40" * 80_000, "=" * 200_000, "'" * 200_000,
    "token='" * 40_000, "a=b;" * 60_000, "hooks.slack.com/services/" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BOMBS)))
@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "text/csv"])
def test_no_text_takes_more_than_linear_time(number: int, media_type: str) -> None:
    """Four times the text may take some six times as long, not sixteen; in CPU time."""
    bomb = BOMBS[number]

    def cost(data: bytes, times: int) -> float:
        """The quickest."""
        gc.disable()  # it would walk all that other tests have left, which is not this cost
        try:
            return min(_seconds(data, media_type) for _ in range(times))
        finally:
            gc.enable()

    if cost(bomb.encode(), 1) < QUICK:
        return
    short = cost(bomb[: len(bomb) // 4].encode(), 3)
    assert cost(bomb.encode(), 3) < max(9 * short, QUICK)


QUICK = 0.4
"""A bomb that took the square of its length would take longer; 0.3 MB in linear time do not."""


def _seconds(data: bytes, media_type: str) -> float:
    begun = time.process_time()
    REDACTOR.bytes(data, media_type)
    return time.process_time() - begun


REDACTOR = Redactor(["known-secret", "another one"], ["rehearsal.fixnado.example"])


def test_a_secret_across_two_pieces_of_a_binary_is_refused() -> None:
    data = b"\0" * (MIB - 5) + b"known-secret" + b"\0" * MIB
    with pytest.raises(SecretInBinary):
        stream(data, "application/octet-stream")


def test_a_single_value_beyond_measure_is_one_clear_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redactor, "_MOST", MIB)
    with pytest.raises(GoliveError, match="single value"):
        stream(b'["' + b"a" * (4 * MIB) + b'"]', "application/json")


def test_json_nested_beyond_reason_takes_no_memory_and_hides_nothing() -> None:
    deep, plain = 60_000, Redactor()
    text = "[" * deep + '{"password": "hunter2", "note": "fine"}' + "]" * deep
    tracemalloc.start()
    try:
        clean, log = plain.bytes(text.encode(), "application/json")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [one.kind for one in log] == ["password"]
    assert clean.decode() == text.replace("hunter2", "[redacted: password]")
    assert most < 4 << 20
