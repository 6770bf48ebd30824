"""What the tape holds and what is made of it, against a model that counts every request."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golive.adapters.scraped_series import ScrapedSeries
from golive.kernel.errors import PortError
from golive.ports.series import LATENCY, READINESS, REQUESTS, Combine, Figure, Query, Series
from golive.ports.tape import aside
from golive.stage.scraper.tape import Tape

BEGIN = 1_717_056_000.0


def at(second: float) -> datetime:
    return datetime.fromtimestamp(BEGIN + second, UTC)


def asked(path: Path, query: Query, start: float, end: float, step: float = 1) -> Sequence[Series]:
    return ScrapedSeries(path).query(query, at(start), at(end), step)


def values(series: Series) -> list[float]:
    return [round(value, 6) for _, value in series.points]


def kept(path: Path, side: str, looks: Sequence[Mapping[str, float] | None]) -> Path:
    with Tape(path) as tape:
        for second, exposed in enumerate(looks):
            tape.keep(BEGIN + second, side, exposed)
    return path


def requests(status: int, count: float) -> dict[str, float]:
    return {f'{REQUESTS}{{method="GET",route="/",status="{status}"}}': count}


def test_a_rate_counts_growth_and_survives_a_restart_of_the_instance(tmp_path: Path) -> None:
    looks = [requests(200, n) for n in (100, 110, 120, 5, 10)]  # begun anew after 120
    path = kept(tmp_path / "tape", "blue", looks)
    (found,) = asked(path, Query(REQUESTS, Figure.RATE, ("instance",), over=1), 1, 4)
    assert found.labels == {"instance": "blue"}
    assert values(found) == [10, 10, 5, 5]


def test_a_series_that_appears_while_its_side_is_seen_began_at_nought(tmp_path: Path) -> None:
    looks = [requests(200, 50), {**requests(200, 50), **requests(500, 3)}]
    path = kept(tmp_path / "tape", "blue", looks)
    query = Query(REQUESTS, Figure.RATE, ("status",), where={"status": "5.."}, over=1)
    (found,) = asked(path, query, 0, 1)
    assert found.labels == {"status": "500"}
    assert values(found)[-1] == 3
    (all_in_all,) = asked(path, Query(REQUESTS, Figure.RATE, over=1), 1, 1)
    assert values(all_in_all) == [3]  # what had been counted before the first look is no growth


def test_a_side_that_is_down_has_no_points_but_is_seen_to_be_down(tmp_path: Path) -> None:
    gauge = {f'{READINESS}{{component="database"}}': 1.0}
    path = kept(tmp_path / "tape", "blue", [gauge, None, None, gauge])
    (ready,) = asked(path, Query(READINESS, by=("component",), combine=Combine.MIN), 0, 3)
    assert [round(second - BEGIN) for second, _ in ready.points] == [0, 3]
    (up,) = asked(path, Query("up", by=("instance",)), 0, 3)
    assert values(up) == [1, 0, 0, 1]
    assert asked(path, Query("up", where={"instance": "green"}), 0, 3) == []
    kept(path, "green", [gauge] * 4)
    (worst,) = asked(path, Query("up", combine=Combine.MIN), 0, 3)
    assert (dict(worst.labels), values(worst)) == ({}, [1, 0, 0, 1])


def test_a_look_that_was_missed_makes_no_peak(tmp_path: Path) -> None:
    looks = [requests(200, 0), requests(200, 10), None, None, requests(200, 40), requests(200, 50)]
    path = kept(tmp_path / "tape", "blue", looks)
    (found,) = asked(path, Query(REQUESTS, Figure.RATE, over=1), 1, 5)
    assert values(found) == [10, 10, 10]


def test_what_nobody_looked_at_for_a_while_is_not_known(tmp_path: Path) -> None:
    path = kept(tmp_path / "tape", "blue", [{"up_total": 1.0}])
    (found,) = asked(path, Query("up_total"), 0, 60)
    assert len(found.points) == 6


def test_readiness_is_the_worst_where_the_worst_is_asked_for(tmp_path: Path) -> None:
    with Tape(tmp_path / "tape") as tape:
        for side, worst in (("blue", 0.25), ("green", 1.0)):
            a, b = (f'{READINESS}{{component="{name}"}}' for name in "ab")
            tape.keep(BEGIN, side, {a: 1.0, b: worst})
    found = asked(tmp_path / "tape", Query(READINESS, by=("instance",), combine=Combine.MIN), 0, 0)
    assert {one.labels["instance"]: values(one) for one in found} == {
        "blue": [0.25],
        "green": [1.0],
    }


BOUNDS = (0.01, 0.1, 1.0)


def histogram(latencies: Sequence[float]) -> dict[str, float]:
    ordered = sorted(latencies)
    counted = {str(bound): bisect_right(ordered, bound) for bound in BOUNDS}
    counted["+Inf"] = len(ordered)
    name = f"{LATENCY}_bucket"
    return {f'{name}{{le="{le}",route="/"}}': float(count) for le, count in counted.items()}


@settings(max_examples=40)
@given(
    st.lists(st.floats(0, 2), max_size=30),
    st.lists(st.floats(0, 2), min_size=1, max_size=30),
    st.sampled_from([0.5, 0.95, 1.0]),
)
def test_a_quantile_lies_in_the_bucket_in_which_the_true_one_lies(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[float],
    within: list[float],
    share: float,
) -> None:
    path = tmp_path_factory.mktemp("tape") / "tape"
    kept(path, "blue", [histogram(before), histogram([*before, *within])])
    query = Query(LATENCY, Figure.QUANTILE, quantile=share, over=1)
    (found,) = asked(path, query, 1, 1)
    (measured,) = values(found)
    rank = max(1, -(-int(share * len(within) * 1000) // 1000))
    true = sorted(within)[rank - 1]
    edges = (0.0, *BOUNDS)
    place = next((n for n, bound in enumerate(BOUNDS) if true <= bound), None)
    if place is None:  # beyond the last bound nothing is known but the bound
        assert measured == BOUNDS[-1]
    else:
        assert edges[place] - 1e-6 <= measured <= edges[place + 1] + 1e-6


def test_no_request_has_no_quantile(tmp_path: Path) -> None:
    path = kept(tmp_path / "tape", "blue", [histogram([0.5]), histogram([0.5])])
    assert asked(path, Query(LATENCY, Figure.QUANTILE, over=1), 1, 1) == []


def test_a_full_tape_is_moved_aside_and_nothing_is_lost_at_the_seam(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    seen = 0
    with Tape(path, largest=600) as tape:
        for second in range(60):
            tape.keep(BEGIN + second, "blue", requests(200, second * 7))
            seen = max(seen, path.stat().st_size)
    assert aside(path).exists()
    assert seen < 1200
    (found,) = asked(path, Query(REQUESTS, Figure.RATE, over=1), 55, 59)
    assert values(found) == [7] * 5


def test_a_writer_that_was_cut_off_spoils_nothing(tmp_path: Path) -> None:
    path = kept(tmp_path / "tape", "blue", [requests(200, 10), requests(200, 20)])
    path.write_bytes(path.read_bytes()[:-9])
    for hostile in (b"null\n", b"[[[[\n", b'["scrape"]\n', b'["series",1]\n', b"\xff\xfe\n"):
        with path.open("ab") as file:
            file.write(b"\n" + hostile)
    with Tape(path) as tape:
        for second in (2, 3):
            tape.keep(BEGIN + second, "blue", requests(200, second * 20))
    (found,) = asked(path, Query(REQUESTS, Figure.RATE, over=1), 3, 3)
    assert values(found) == [20]


def test_labels_keep_what_was_escaped(tmp_path: Path) -> None:
    path = kept(tmp_path / "tape", "blue", [{'a{b="x \\"y\\" \\\\ {z} \\n"}': 1.0}])
    (found,) = asked(path, Query("a", by=("b",)), 0, 0)
    assert found.labels == {"b": 'x "y" \\ {z} \n'}


def test_what_can_not_be_answered_is_said(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="nothing has been scraped"):
        asked(tmp_path / "none", Query("up"), 0, 1)
    path = kept(tmp_path / "tape", "blue", [{"a": 1.0}])
    with pytest.raises(PortError, match="more than"):
        asked(path, Query("a"), 0, 1e6, 0.01)
    with pytest.raises(PortError, match="step"):
        asked(path, Query("a"), 0, 1, 0)
    assert asked(path, Query("unknown"), 0, 1) == []
