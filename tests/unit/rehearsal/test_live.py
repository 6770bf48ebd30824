"""Live figures reach other processes whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from golive.rehearsal.live import LiveFigures, read_figures


def test_the_last_figures_are_there_to_read(tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    assert read_figures(file) == {}
    watch = LiveFigures(file)
    watch({"event": "log", "text": "not a figure"})
    assert read_figures(file) == {}
    event = {"event": "progress", "item": "a/1", "text": "shift", "figures": {"blue_weight": 10}}
    watch(event)
    assert read_figures(file) == event


def test_figures_in_a_rush_are_written_now_and_then(tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    watch = LiveFigures(file)
    for number in range(1000):
        watch({"event": "progress", "item": "a/1", "text": str(number), "figures": {}})
    assert int(str(read_figures(file)["text"])) < 999, "every single one reached the disk"


def test_a_folder_that_can_t_be_written_costs_no_run(tmp_path: Path) -> None:
    LiveFigures(tmp_path / "nowhere" / "live.json")({"event": "progress"})
    (tmp_path / "live.json").write_text('{"half')
    assert read_figures(tmp_path / "live.json") == {}
