"""The console as a process: killed in mid-day and begun again, and ended by Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console_world import PASSPHRASE, PLAYBOOK, Browser, World, roster, said


@contextmanager
def serving(
    state: Path, *options: str, port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`golive serve` as a process of its own; its origin."""
    command = [
        sys.executable, "-m", "golive", "serve", "--state", str(state), "--port", str(port),
        *options,
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(state.parent / "config")},
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "The console is at" in line:
                break
        found = re.search(r"http://[0-9.:]+", told[-1] if told else "")
        assert found, "".join(told)
        process.told = "".join(told)  # type: ignore[attr-defined]
        try:
            yield found[0], process
        finally:
            if process.poll() is None:
                process.kill()


def test_a_killed_console_begins_again_and_nothing_is_lost(day: World) -> None:
    """The rehearsal goes on meanwhile: its process is another."""
    day.start()
    port = 0
    with serving(day.state) as (base, process):
        port = int(base.rpartition(":")[2])
        nadia = Browser(base)
        nadia.accept(day.links["nadia"])
        page = day.waiting("kick-off/1")
        assert "You have confirmed it." in said(nadia.act(page, "confirm"))
        form = nadia.form(day.waiting("checks/1"), "/act", "approve")
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        with pytest.raises(OSError, match=r"refused|reset|disconnected"):
            _send(nadia, form.action)
    assert [one["person"] for one in day.board().items["kick-off/1"].acts] == ["nadia"]
    with serving(day.state, port=port) as (base, process):
        # The session outlives the process, and so does the form on her screen.
        again = nadia.send(form, comment="I looked", passphrase=PASSPHRASE)
        assert "approved" in said(again)
        stranger = Browser(base)
        assert stranger.enter("nadia").url.path == "/me"
        assert len(day.until(lambda board: bool(board.items["checks/1"].acts)).items) == 4
        stranger.close()
    nadia.close()


def _send(browser: Browser, path: str) -> None:
    import httpx

    try:
        browser.http.post(path, headers=browser.origin)
    except httpx.TransportError as error:
        raise OSError(f"disconnected: {error}") from error


def test_a_form_that_was_cut_short_takes_effect_once(day: World) -> None:
    """Sent to the run, but the console was killed before it could note so."""
    day.start()
    nadia = day.person("nadia")
    page = day.waiting("kick-off/1")
    form = nadia.form(page, "/act", "confirm")
    nadia.send(form, comment="here")
    with day.console.means.store.writing() as db:
        db.execute("UPDATE once SET location = '', process = 'one that was killed'")
    day.waiting("checks/1")
    again = nadia.send(form, comment="here")
    assert again.status_code == 400
    assert "doesn't wait" in said(again)
    assert len(day.board().items["kick-off/1"].acts) == 1


def test_a_sample_day_is_served_and_ended(tmp_path: Path) -> None:
    """What `make serve` does, with a shorter playbook; ended as service managers do."""
    playbook = tmp_path / "playbook.md"
    playbook.write_text(PLAYBOOK.replace("vault: vault\n", "vault: vault\npeople: people.toml\n"))
    (tmp_path / "people.toml").write_bytes(roster())
    options = ("--rehearse", str(playbook), "--vault-root", str(tmp_path / "vaults"))
    with serving(tmp_path / "state", *options) as (base, process):
        told: str = process.told  # type: ignore[attr-defined]
        links = dict(re.findall(rf"^(\w+) Example.*{re.escape(base)}(/invited/\S+)$", told, re.M))
        assert sorted(links) == ["Asha", "Nadia", "Ruth", "Tom"]
        nadia = Browser(base)
        nadia.accept(links["Nadia"])
        deadline = time.monotonic() + 60
        while "Everybody is here" not in nadia.get("/me").text:
            assert time.monotonic() < deadline, nadia.get("/runs").text
            time.sleep(0.2)
        nadia.close()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
        assert "It goes on with `golive resume`" in rest
        assert process.returncode == 0
    run = next((tmp_path / "state").glob("2.0-*"))
    assert '"event": "interrupted"' in (run / "events.jsonl").read_text()
    assert (tmp_path / "people.toml").read_bytes() == roster(), (
        "the team's own roster is left alone"
    )


def test_addresses_that_others_reach_are_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "golive", "serve", "--state", str(tmp_path), "--host", "192.0.2.7"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "can be reached by others" in done.stderr
    assert "--tls-cert" in done.stderr


def test_an_invitation_from_another_process(tmp_path: Path) -> None:
    people = tmp_path / "people.toml"
    people.write_bytes(roster())
    command = [sys.executable, "-m", "golive", "invite", "nadia", "--people", str(people),
               "--state", str(tmp_path / "state")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert re.fullmatch(r"http://127\.0\.0\.1:8400/invited/\S{43}\n", done.stdout)
    assert 'key = "SHA256:' in people.read_text()
