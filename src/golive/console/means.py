"""What the console's pages work with, made once by `app.create_app`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from golive.console.days import Day, Days, Supplies
from golive.console.identity import Identity
from golive.console.once import Once
from golive.console.passkeys import Passkeys
from golive.console.sealed import Opened, Standing, vault_of
from golive.console.sessions import Sessions, Visit
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.playbook.people import Person
from golive.rehearsal.wording import zone

if TYPE_CHECKING:
    from jinja2 import Environment

    from golive.console.stream import Hub
    from golive.console.verifying import Verifier


@dataclass(frozen=True)
class Means:
    settings: ConsoleSettings
    supplies: Supplies
    store: Store
    identity: Identity
    sessions: Sessions
    passkeys: Passkeys
    once: Once
    days: Days
    hub: Hub
    opened: Opened
    verifier: Verifier
    templates: Environment

    def person(self, visit: Visit, day: Day) -> Person | None:
        """Who the visitor is on `day`'s roster; None where they are not on it."""
        return day.person(visit.person, self.identity.mark(visit.person))

    def standing(self, day: Day) -> Standing | None:
        """None where the run isn't sealed yet. VaultError or NotAsSealed where the vault isn't what
        was sealed, BadInput where it is gone."""
        root = vault_of(day)
        if root is None:
            return None
        return self.opened.standing(root, day.settings.rehearsal, self.supplies.clock.now())

    def zone(self, visit: Visit) -> tzinfo:
        """Of the newest run that the visitor takes part in; UTC where there is none."""
        for day in self.days.all():
            if self.person(visit, day) is not None:
                with day.reading() as board:
                    return zone(board)
        return UTC
