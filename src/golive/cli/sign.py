"""`golive sign`: what people say once a rehearsal is sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.act import Person, passphrase
from golive.cli.options import DEFAULT_STATE, Copy, State
from golive.kernel.errors import BadInput

if TYPE_CHECKING:
    from golive.governance.decision import Decision
    from golive.rehearsal.sign import SignedDecision

VaultFolder = Annotated[Path, typer.Argument(help="A vault (its newest seal), or one release.")]


def sign(
    vault: VaultFolder,
    person: Person,
    comment: Annotated[str, typer.Option(help="In your own words; it is kept.")] = "",
    decision: Annotated[str, typer.Option(help="go, no-go or go-with-conditions.")] = "",
    condition: Annotated[
        list[str] | None, typer.Option(help="What must be so first. May be repeated.")
    ] = None,
    role: Annotated[str, typer.Option(help="The seat, where you may fill several.")] = "",
    waive: Annotated[
        str, typer.Option(help="A rule, an item, or a role whose no-go it is (sponsor only).")
    ] = "",
    accept_risk: Annotated[str, typer.Option(help="A risk of the register, by its id.")] = "",
    until: Annotated[str, typer.Option(help="When a waiver or an acceptance ends.")] = "",
    reason: Annotated[
        str, typer.Option(help="Why it is waived or accepted; the comment where not given.")
    ] = "",
    state: State = DEFAULT_STATE,
    copy: Copy = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a word.")] = False,
) -> None:
    """Say go or no-go over a seal, waive, or accept a risk.

    It is signed with the person's own key, and kept in the ledger.

    Where the run copied its vault, the ledger and the sheet go there too.

    Ends with 0 signed, 1 the vault was changed, or it is signed and not copied, 2 refused (and why;
    the ledger is as it was).
    """
    from golive import bootstrap
    from golive.cli.copies import copied
    from golive.governance.keyring import default_keyring, unlock
    from golive.rehearsal.sign import Wish
    from golive.rehearsal.sign import sign as say

    if not (decision or waive or accept_risk):
        raise BadInput("nothing is said", hint="--decision, --waive or --accept-risk")
    common = {"person": person, "role": role}
    bearing = {**common, "comment": reason or comment, "until": end_of(until)}
    wishes = [
        *([Wish(**bearing, waive=waive)] if waive else []),
        *([Wish(**bearing, accept_risk=accept_risk)] if accept_risk else []),
        *([Wish(**common, comment=comment, decision=decision, conditions=condition or ())]
          if decision else []),
    ]  # fmt: skip
    key = unlock(person, default_keyring(), passphrase(person))
    supplies = bootstrap.Supplies()
    with copied(vault, copy, state, "signed", quiet=as_json):
        for wish in wishes:
            done = say(
                vault, wish, None, key, supplies.clock,
                log_key=supplies.signing_key(), paper=bootstrap.approval_paper(),
            )  # fmt: skip
            _tell(done, as_json=as_json)
        if not as_json:
            print("\n".join(decision_lines(done.decision)))


def _tell(done: SignedDecision, *, as_json: bool) -> None:
    if as_json:
        signed = {"seq": done.seq, "word": done.word.model_dump(mode="json"), "paper": done.paper}
        print(json.dumps({**signed, "decision": done.decision.to_json()}, ensure_ascii=False))
        return
    what = done.word.say or f"{done.word.kind} of {done.word.about} until {done.word.until}"
    print(f"{done.word.person} as {done.word.role}: {what}")
    print(f"  kept as entry {done.seq} of the ledger, over seal {done.word.seal_digest[:16]}…")
    if done.paper:
        print(f"  approval {done.paper}")
    if done.paper_problem:
        typer.echo(f"golive: the approval sheet was not signed: {done.paper_problem}", err=True)


def end_of(until: str) -> str:
    """A day lasts to its end, UTC; a moment is itself."""
    try:
        return f"{date.fromisoformat(until).isoformat()}T23:59:59Z" if len(until) == 10 else until
    except ValueError:
        raise BadInput(f"{until!r} is no day", hint="--until 2024-06-30") from None


def said_of(folder: Path) -> Sequence[str]:
    """What people decided on the newest seal of the vault that `folder` is or lies in; nothing
    where nobody has said anything, or it can't be told."""
    from golive.governance.words import WORD_TYPE
    from golive.kernel.errors import GoliveError
    from golive.rehearsal.docket import vault_root

    root, _ = vault_root(folder)
    try:
        if WORD_TYPE.encode() not in (root / "ledger" / "ledger.jsonl").read_bytes():
            return ()
        from golive.rehearsal.sign import standing

        return decision_lines(standing(folder))
    except (OSError, GoliveError):
        return ()


_MARKS = {"go": "✔", "go-with-conditions": "◐", "no-go": "✘", "stale": "!", "open": "○"}


def decision_lines(decided: Decision) -> Sequence[str]:
    """The decision for people: the call and why, then seat by seat."""
    from golive.kernel.text import clean

    lines = [f"DECISION {clean(decided.headline)}"]
    lines += [f"  and {clean(why)}" for why in decided.why[1:]]
    for seat in decided.seats:
        state = "stale: sign again" if seat.state == "stale" else seat.state
        lines.append(f"  {_MARKS[seat.state]} {clean(seat.seat.role):<28} {state}")
        for one in seat.signatures:
            stale = " (stale)" if one.stale else ""
            said = f"{one.person}, seal {one.seal}: {one.say}{stale}: {one.comment}"
            lines.append(f"      {clean(said)}")
        if seat.overruled:
            lines.append(f"      waived by {clean(seat.overruled)}")
    lines += [f"  condition: {clean(one)}" for one in decided.conditions]
    lines += [
        f"  {said.word.kind} of {clean(said.word.about)} by {clean(said.word.person)} until "
        f"{said.word.until}: {clean(said.word.comment)}"
        for said in (*decided.waivers, *decided.acceptances)
    ]
    lines += [
        f"  not counted, entry {one.seq} by {clean(one.person or 'nobody')}: {clean(one.why)}"
        for one in decided.uncounted
    ]
    return lines
