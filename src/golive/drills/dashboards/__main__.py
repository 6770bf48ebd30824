"""`python -m golive.drills.dashboards FOLDER`: write the dashboards' JSON there, for Grafana."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from golive.drills.dashboards.boards import BOARDS, Board
from golive.drills.dashboards.grafana_json import dashboard


def content(board: Board) -> str:
    """The file's text."""
    return json.dumps(dashboard(board), indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for board in BOARDS:
        (folder / f"{board.uid}.json").write_text(content(board), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
