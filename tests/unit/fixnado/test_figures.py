"""What metrics tell of the business and of the process, and what they never tell."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from fixnado.platform.moments import utc_now
from fixnado.readiness.board import Board
from fixnado.readiness.figures import Figure, Figures
from fixnado.readiness.metrics import Metrics


def exposed(metrics: Metrics) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def metrics_with(figures: Figures) -> Metrics:
    return Metrics(Board(("database",), utc_now), instance="blue", version="1", figures=figures)


def test_a_count_that_fails_leaves_no_figure_rather_than_an_old_one() -> None:
    answers = [[Figure("fixnado_orders", "Orders", "status", {"placed": 3.0})]]

    def count() -> list[Figure]:
        return answers.pop()

    figures = Figures(count)
    metrics = metrics_with(figures)
    assert "fixnado_orders" not in exposed(metrics)
    figures.recount()
    assert exposed(metrics)["fixnado_orders"] == {(("status", "placed"),): 3.0}
    figures.recount()  # there is nothing left to pop
    assert "fixnado_orders" not in exposed(metrics)
    assert "fixnado_readiness_status" in exposed(metrics)


def test_counting_goes_on_by_itself_and_stops_when_it_is_told_to() -> None:
    figures = Figures(list)
    figures.start()
    figures.stop(wait_s=5)
    figures.stop()


def test_an_instance_tells_what_it_costs() -> None:
    found = exposed(metrics_with(Figures(list)))
    assert found["process_resident_memory_bytes"][()] > 1_000_000
    assert found["process_cpu_seconds_total"][()] > 0
