"""The stage's help desk: a child of the warden, reached with the stage's own token alone."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import httpx

from golive.stage import Stage, StageStatus, credentials
from golive.stage.layout import Layout
from golive.stage.settings import HELP_DESK_DOWN
from stage_world.bench import eventually


def token_of(folder: Path) -> str:
    return Layout(folder).helpdesk_token.read_text()


def answers(found: StageStatus) -> httpx.Response:
    headers = {"api_access_token": token_of(found.folder)}
    return httpx.get(
        f"{found.urls['helpdesk']}/api/v1/accounts/1/canned_responses", headers=headers
    )


def test_its_token_is_random_private_and_needed(up: StageStatus, tmp_path: Path) -> None:
    path = Layout(up.folder).helpdesk_token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = Layout(tmp_path / "other")
    other.create()
    credentials.ensure(other)
    assert token_of(other.folder) != token_of(up.folder)
    assert len(token_of(up.folder)) >= 40
    assert answers(up).status_code == 200
    bare = httpx.get(f"{up.urls['helpdesk']}/api/v1/accounts/1/canned_responses")
    assert bare.status_code == 401


def test_the_target_refers_to_it_and_says_that_it_is_simulated(up: StageStatus) -> None:
    desk = up.config.helpdesk
    assert desk is not None
    assert (desk.url, desk.fidelity) == (up.urls["helpdesk"], "simulated")
    assert desk.token.read("the token") == token_of(up.folder)
    assert token_of(up.folder) not in repr(up.config)


def test_killed_it_comes_back_with_what_it_knew(up: StageStatus) -> None:
    before = len(answers(up).json())
    assert before > 3
    pid = up.processes["helpdesk"]
    os.kill(pid, signal.SIGKILL)

    def back() -> None:
        now = Stage(up.folder).status()
        assert now is not None
        assert now.processes["helpdesk"] != pid
        assert len(answers(now).json()) == before

    eventually(back, (AssertionError, httpx.HTTPError))  # type: ignore[arg-type]


def test_both_sides_escalate_to_it(up: StageStatus) -> None:
    for side in ("green", "blue"):
        client = httpx.Client(base_url=up.urls[side])
        account = {
            "email": "support@rehearsal.fixnado.example",
            "password": Layout(up.folder).password("support").read_text(),
            "clientType": "mobile",
        }
        tokens = client.post("/v1/auth/login", json=account).raise_for_status().json()["tokens"]
        client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
        body = {"severity": "SEV2", "title": side, "drill": True}
        made = client.post("/v1/incidents", json=body).raise_for_status().json()["id"]
        path = f"/v1/incidents/{made}"
        client.post(f"{path}/escalate", json={"reason": "x"}).raise_for_status()

        def delivered(client: httpx.Client = client, path: str = path) -> None:
            (one,) = client.get(f"{path}/escalations").json()["escalations"]
            assert one["outcome"] is not None
            assert one["outcome"]["teamId"] == 1

        eventually(delivered)
        client.close()


def test_away_it_spoils_no_side(folder: Path) -> None:
    stage = Stage(folder, fault=HELP_DESK_DOWN)
    found = stage.up(attached=True)
    try:
        assert answers(found).status_code == 503
        for side in ("green", "blue"):
            assert httpx.get(f"{found.urls[side]}/readyz").status_code == 200
        os.kill(found.processes["blue"], signal.SIGKILL)

        def back() -> None:
            now = stage.status()
            assert now is not None
            assert now.processes["blue"] != found.processes["blue"]
            assert answers(now).status_code == 200

        eventually(back)
    finally:
        stage.down()
