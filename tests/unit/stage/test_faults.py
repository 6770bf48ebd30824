"""What may be asked for at the command line is what the stage can do."""

from __future__ import annotations

from golive import bootstrap
from golive.stage import settings


def test_a_rehearsal_takes_the_stages_faults_and_no_others() -> None:
    assert bootstrap.stage_faults() == tuple(settings.FAULTS)


def test_a_help_desk_that_is_away_is_no_defect_of_a_side() -> None:
    assert settings.FAULTS[settings.HELP_DESK_DOWN] == ""
    assert [name for name, defect in settings.FAULTS.items() if not defect] == [
        settings.HELP_DESK_DOWN
    ]
