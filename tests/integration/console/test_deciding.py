"""The verdict with its reasons, and the signatures over it, through forms alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console_world import PASSPHRASE, World, said, world
from decided_day import prepare, sign, whole_day


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        prepare(made)
        yield made


def test_from_the_verdict_to_a_go_in_the_ledger(launch: World) -> None:
    people = whole_day(launch)
    run = launch.folder.name
    shown = people["ruth"].get(f"/runs/{run}/verdict").text
    assert "READY" in shown
    assert "Nothing stands in the way" in shown
    assert "from stand-ins" in shown
    for name in ("tom", "greta", "ruth"):
        assert "Signed: go." in sign(launch, people[name])
    shown = people["nadia"].get(f"/runs/{run}/sign").text
    assert "GO" in shown
    assert "You can't sign here: the sign-off list asks for" in shown
    root = Path(str(launch.board().verdict["vault"])).parents[2]
    lines = (root / "ledger" / "ledger.jsonl").read_text().splitlines()
    words = [json.loads(base64.b64decode(_envelope(one)["payload"])) for one in lines]
    signed = [one for one in words if one.get("kind") == "decision"]
    assert [one["say"] for one in signed] == ["go", "go", "go"]
    assert {one["custody"] for one in signed} == {"kept by the server"}


def _envelope(line: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(line)["env"]
    return found


def test_signing_asks_for_the_passphrase_and_for_reasons(launch: World) -> None:
    people = whole_day(launch)
    assert "passphrase" in sign(launch, people["tom"], passphrase="")
    assert "belong together" in sign(launch, people["tom"], passphrase="something else quite")
    assert "a comment is needed" in sign(launch, people["tom"], comment="")
    assert "conditions" in sign(launch, people["tom"], "go-with-conditions")
    assert "no decision" in sign(launch, people["tom"], "perhaps")
    assert "another seal" in sign(launch, people["tom"], seal="0" * 64)
    told = sign(launch, people["tom"], "go-with-conditions", conditions="the fix is in")
    assert "go with conditions" in told


def test_before_the_seal_nothing_is_signed(launch: World) -> None:
    launch.start()
    tom = launch.person("tom")
    run = launch.folder.name
    assert "not sealed yet" in tom.get(f"/runs/{run}/sign").text
    assert "computed from the evidence when the day is over" in tom.get(f"/runs/{run}/verdict").text


def test_a_no_go_is_explained_and_only_the_sponsor_waives(launch: World) -> None:
    from decided_day import PLAYBOOK

    launch.start(PLAYBOOK)
    people = {name: launch.person(name) for name in ("nadia", "ruth")}
    form = people["nadia"].form(f"/runs/{launch.folder.name}/abort", "/call")
    people["nadia"].send(form, comment="the fire bell rings")
    launch.finish()
    page = f"/runs/{launch.folder.name}/verdict"
    shown = people["nadia"].get(page).text
    assert "line 3" in shown
    assert "only the Executive Sponsor may waive" in shown
    assert "/verdict/waive" not in shown
    form = people["ruth"].form(page, "/waive")
    bad = people["ruth"].send(form, comment="", until="2199-01-01", passphrase=PASSPHRASE)
    assert "has a reason" in said(bad)
    given = {"comment": "we bear it", "until": "2199-01-01", "passphrase": PASSPHRASE}
    assert "Signed: waiver" in said(people["ruth"].send(form, **given))
    assert "ruth as Executive Sponsor, until 2199-01-01" in people["ruth"].get(page).text
    forged = people["nadia"].http.post(
        form.action, data={**form.fields, **given}, headers=people["nadia"].origin
    )
    assert forged.status_code == 403
