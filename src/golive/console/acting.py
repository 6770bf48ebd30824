"""What people do to a run: signed with their key, sent to the rehearsing process, and what it made
of it. Every act of the console goes this way, and so through `golive.rehearsal.act`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from golive.console.days import Day
from golive.console.forms import Form
from golive.console.means import Means
from golive.console.refusals import Missing, TooLate
from golive.console.sessions import Visit
from golive.evidence.artefact import Artefact
from golive.evidence.keys import SigningKey
from golive.governance.acts import ActRefused, Statement
from golive.kernel.errors import BadInput
from golive.playbook.people import Person
from golive.rehearsal.act import Wish, act
from golive.rehearsal.board import Board, BoardItem
from golive.rehearsal.turns import Turn, turn

CUSTODY = "kept by the server"
_PATIENCE, _TICK = 3.0, 0.03
_ANSWERS = frozenset({"confirm", "approve", "refuse", "retry", "skip"})

DONE = {
    "confirm": "You have confirmed it.",
    "sign": "You have signed it.",
    "attach": "Your file is kept as evidence.",
    "approve": "You have approved it.",
    "refuse": "You have refused it.",
    "retry": "It runs again; the failed attempt is kept.",
    "skip": "It is skipped; the verdict will say so.",
    "vouch": "Your word for the file is on record.",
    "withdraw": "The file is not kept; another may be brought.",
}


def member(means: Means, visit: Visit, day: Day) -> Person:
    """The visitor on `day`'s roster; Missing where they aren't on it, as if it weren't there."""
    found = means.person(visit, day)
    if found is None:
        raise Missing("there is no such run")
    return found


def item_of(board: Board, number: int) -> BoardItem:
    """The `number`-th item of the day, from 1; Missing beyond the last."""
    items = list(board.items.values())
    if not 1 <= number <= len(items):
        raise Missing("there is no such step")
    return items[number - 1]


def key_of(
    means: Means, visit: Visit, form: Form, client: str, *, fresh: bool = False
) -> SigningKey:
    """The visitor's key: as it came along at sign-in, or, where it didn't or `fresh` proof is
    wanted, opened with the passphrase in the form. NotKnown when that is wrong."""
    kept = None if fresh else means.sessions.key(visit)
    if kept is not None:
        return kept
    passphrase = form.secret("passphrase")
    if not passphrase:
        raise BadInput("your passphrase is needed for this", hint="type it into the form")
    proof = means.identity.enter(visit.person, passphrase, client)
    if proof.key is None:
        raise ActRefused(
            "the server keeps no signing key of yours",
            hint="act on your own machine: `golive confirm`, `golive approve`, …",
        )
    return proof.key


def perform(
    means: Means,
    visit: Visit,
    day: Day,
    wish: Wish,
    key: SigningKey,
    media_type: str = "application/octet-stream",
) -> bool:
    """Send the act; tell the visitor what became of it. Whether the run took it, or will when it
    goes on. ActRefused, or BadInput, before anything was sent.

    One act of a person at a time: whoever presses in two tabs at once has answered, by the time
    that the second is looked at.
    """
    with day.one_act_of(wish.person):
        signs = wish.action in _ANSWERS and _demand_turn(day, wish).request.want == "sign"
        done = DONE["sign" if signs and wish.action == "confirm" else wish.action]
        return _performed(means, visit, day, wish, key, media_type, done)


def _demand_turn(day: Day, wish: Wish) -> Turn:
    """What is asked. TooLate where what was waited for is there by now, ActRefused where it never
    was this person's to give."""
    with day.reading() as board:
        asked = turn(board.items[wish.item], day.roster.person(wish.person), day.roster)
    if asked is None:
        raise TooLate("it waits for nobody any more", hint="look at the page again")
    if any(one["person"] == wish.person for one in asked.has):
        raise TooLate("you have said so already", hint="once is enough, in whichever tab")
    if asked.why_not:
        raise ActRefused(f"you can't answer this: {asked.why_not}")
    return asked


def _performed(
    means: Means, visit: Visit, day: Day, wish: Wish, key: SigningKey, media_type: str, done: str
) -> bool:
    keeper = means.supplies.keeper(day.folder)

    def store(file: Path, path: str) -> Artefact:
        return keeper.upload(path, file, media_type, person=wish.person, item=wish.item)

    signed = replace(wish, custody=CUSTODY, session=visit.session.way)
    statement = act(day.folder, signed, day.roster, key, means.supplies.clock, store)
    return settled(means, visit, day, statement, done)


def settled(means: Means, visit: Visit, day: Day, statement: Statement, done: str) -> bool:
    """Tell the visitor what became of an act that was sent; `done` says that it was taken."""
    answer = _answer(day, (statement.person, statement.at))
    if answer is None:
        why = "has not answered yet" if day.alive() else "is not under way now"
        waits = f"It was sent and is safe: the run {why}, and takes it when it goes on."
        means.sessions.tell(visit, "done", waits)
        return True
    if answer["event"] == "refused-act":
        means.sessions.tell(visit, "refused", f"It came too late: {answer['why']}.")
        return False
    means.sessions.tell(visit, "done", done)
    return True


def once(means: Means, form: Form, visit: Visit, action: Callable[[], str]) -> str:
    """The page to go to after `action`, which is done once for this form."""
    return means.once.do(form, visit.person, action)


def _answer(day: Day, said: tuple[str, str]) -> dict[str, object] | None:
    """What the run's journal says became of the act; None when nothing yet."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        day.refresh()
        if said in day.answers:
            return dict(day.answers[said])
        if not day.alive():
            return None
        time.sleep(_TICK)
    return None
