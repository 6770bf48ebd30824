"""The console as a process: killed in mid-day and begun again, and ended by Ctrl-C."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console_world import PASSPHRASE, PLAYBOOK, Browser, World, roster, said
from golive.playbook.people import load_roster


@contextlib.contextmanager
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
        found = re.search(r"https?://[0-9.:]+", told[-1] if told else "")
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
    with contextlib.ExitStack() as leaving:
        with serving(day.state) as (base, process):
            port = int(base.rpartition(":")[2])
            nadia = leaving.enter_context(contextlib.closing(Browser(base)))
            nadia.accept(day.links["nadia"])
            page = day.waiting("kick-off/1")
            assert "You have confirmed it." in said(nadia.act(page, "confirm"))
            form = nadia.form(day.waiting("checks/1"), "/act", "approve")
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            with pytest.raises(httpx.TransportError):
                nadia.http.post(form.action, headers=nadia.origin)
        assert [one["person"] for one in day.board().items["kick-off/1"].acts] == ["nadia"]
        with serving(day.state, port=port) as (base, _):
            # The session outlives the process, and so does the form on her screen.
            again = nadia.send(form, comment="I looked", passphrase=PASSPHRASE)
            assert "approved" in said(again)
            stranger = leaving.enter_context(contextlib.closing(Browser(base)))
            assert stranger.enter("nadia").url.path == "/me"
            assert day.until(lambda board: bool(board.items["checks/1"].acts))


def test_a_form_that_was_cut_short_takes_effect_once(day: World) -> None:
    """Sent to the run, but the console was killed before it could note so."""
    day.start()
    nadia = day.person("nadia")
    page = day.waiting("kick-off/1")
    form = nadia.form(page, "/act", "confirm")
    nadia.send(form, comment="here")
    with day.console.means.store.writing() as db:
        db.execute("UPDATE sent_form SET location = '', process = 'one that was killed'")
    day.waiting("checks/1")
    again = nadia.send(form, comment="here")
    assert again.status_code == 409
    assert "waits for nobody" in said(again)
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
        with contextlib.closing(Browser(base)) as nadia:
            nadia.accept(links["Nadia"])
            deadline = time.monotonic() + 60
            while "Everybody is here" not in nadia.get("/me").text:
                assert time.monotonic() < deadline, nadia.get("/runs").text
                time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
        assert "It goes on with `golive resume`" in rest
        assert process.returncode == 0
    run = next((tmp_path / "state").glob("2.0-*"))
    assert '"event": "interrupted"' in (run / "events.jsonl").read_text()
    assert (tmp_path / "people.toml").read_bytes() == roster(), (
        "the team's own roster is left alone"
    )


def test_who_was_here_before_keeps_key_and_passphrase(day: World, tmp_path: Path) -> None:
    from golive.console.serving import sample_people

    playbook = tmp_path / "playbook.md"
    playbook.write_text(PLAYBOOK.replace("vault: vault\n", "vault: vault\npeople: people.toml\n"))
    (tmp_path / "people.toml").write_bytes(roster())
    ours = day.settings.folder / "people.toml"
    links = sample_people(playbook, ours, day.settings)
    first = load_roster(ours)
    nadia = day.browser()
    nadia.accept(links["Nadia Example (Programme Manager)"].removeprefix(day.base))
    again = sample_people(playbook, ours, day.settings)
    assert again["Nadia Example (Programme Manager)"].endswith(
        "/enter as nadia, with their passphrase"
    )
    assert "/invited/" in again["Tom Example (DevOps Lead)"]
    keys = [(one.id, one.key) for one in load_roster(ours).people]
    assert keys[0] == (first.people[0].id, first.people[0].key)
    assert all(key for _, key in keys)
    assert nadia.enter("nadia").url.path == "/me"


def test_addresses_that_others_reach_are_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "golive", "serve", "--state", str(tmp_path), "--host", "192.0.2.7"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "can be reached by others" in done.stderr
    assert "--tls-cert" in done.stderr


def test_over_tls_the_cookie_is_bound_to_it(tmp_path: Path) -> None:
    cert, key = _self_signed(tmp_path)
    options = ("--tls-cert", str(cert), "--tls-key", str(key))
    with serving(tmp_path / "state", *options) as (base, _):
        assert base.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert))
        with httpx.Client(base_url=base, verify=trusting) as stranger:
            answer = stranger.get("/enter")
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-golive=")
        assert "Secure" in cookie
        assert "domain" not in cookie.lower()
        assert "Sign in with a passkey" in answer.text


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "golive test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


def test_an_invitation_from_another_process(tmp_path: Path) -> None:
    people = tmp_path / "people.toml"
    people.write_bytes(roster())
    command = [sys.executable, "-m", "golive", "invite", "nadia", "--people", str(people),
               "--state", str(tmp_path / "state")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert re.fullmatch(r"http://127\.0\.0\.1:8400/invited/\S{43}\n", done.stdout)
    assert 'key = "SHA256:' in people.read_text()
