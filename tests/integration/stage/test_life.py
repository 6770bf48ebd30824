"""A stage's life: up, again, down; killed parents, wardens and children."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from golive.kernel.doors import SCHEME, DoorConnection
from golive.kernel.errors import GoliveError
from golive.stage import Stage, StageStatus, addresses
from golive.stage.addresses import PREFERRED
from golive.stage.balancer import Balancer
from golive.stage.layout import Layout
from golive.stage.settings import load
from stage_world.bench import eventually
from stage_world.ports import free_ports
from stage_world.processes import alive, all_end

REHEARSING = """
import json, sys, time
from pathlib import Path
from golive.stage import Stage
found = Stage(Path(sys.argv[1])).up(attached=True)
print(json.dumps({"warden": found.warden, "processes": dict(found.processes)}), flush=True)
time.sleep(60)
"""


def balancer(folder: Path) -> Balancer:
    settings = load(Layout(folder))
    assert settings is not None
    return Balancer(Layout(folder).admin, settings.ports, Layout(folder).traffic)


def healthz(found: StageStatus, name: str) -> dict[str, str]:
    answer = httpx.get(f"{found.urls[name]}/healthz", verify=False, timeout=5)
    assert answer.status_code == 200
    said: dict[str, str] = answer.json()
    return said


def rehearsing(folder: Path) -> tuple[subprocess.Popen[bytes], dict[str, object]]:
    """Another process that has an attached stage."""
    process = subprocess.Popen(
        [sys.executable, "-c", REHEARSING, str(folder)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said: dict[str, object] = json.loads(process.stdout.readline())
    process.stdout.close()
    return process, said


def pids(said: dict[str, object]) -> list[int]:
    processes = said["processes"]
    assert isinstance(processes, dict)
    return [int(str(said["warden"])), *processes.values()]


def test_a_new_stage_is_up_everywhere_and_down_it_leaves_nobody(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "new")
    found = stage.up(attached=True)
    assert set(found.urls) == {*PREFERRED, "admin"}
    everyone = [found.warden, *found.processes.values()]
    stage.down()
    assert not any(alive(pid) for pid in everyone)
    assert stage.status() is None


def test_a_folder_of_another_users_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(GoliveError, match="belongs to another user"):
        Stage(tmp_path).up(attached=True)
    assert list(tmp_path.iterdir()) == []


def test_every_address_answers_as_itself(up: StageStatus) -> None:
    assert healthz(up, "green")["version"] == "0.99"
    assert healthz(up, "blue")["version"] == "1.00"
    assert healthz(up, "production")["instance"] == "green"
    assert healthz(up, "validation")["instance"] == "blue"
    admin = Path(up.urls["admin"].removeprefix(SCHEME))
    connection = DoorConnection(admin, timeout=5)
    connection.request("GET", "/config/")
    assert connection.getresponse().status == 200
    connection.close()
    assert healthz(up, "green")["schema"] == healthz(up, "blue")["schema"]


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics?x=1", "//metrics", "/%6Detrics", "/METRICS/"]
)
def test_customers_are_told_no_metrics_and_the_instances_tell_them(
    up: StageStatus, path: str
) -> None:
    for listener in ("production", "validation"):
        answer = httpx.get(f"{up.urls[listener]}{path}", verify=False, timeout=5)
        assert (answer.status_code, answer.content) == (404, b"")
    assert "# TYPE" in httpx.get(f"{up.urls['green']}/metrics", timeout=5).text


def test_its_certificates_are_its_own_authoritys_and_trusted_nowhere_else(
    up: StageStatus,
) -> None:
    import ssl

    context = ssl.create_default_context(cafile=up.authority)
    for host in ("127.0.0.1", "localhost"):
        url = up.urls["production"].replace("127.0.0.1", host)
        assert httpx.get(url, verify=context, timeout=5).status_code == 200
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(up.urls["production"], timeout=5)


def test_secrets_are_for_their_owner_alone(up: StageStatus) -> None:
    doors = {stat.S_IMODE(path.stat().st_mode) for path in up.folder.glob("caddy/*.sock")}
    assert not any(mode & 0o077 for mode in doors)
    assert stat.S_IMODE((up.folder / "caddy" / "admin.sock").stat().st_mode) == 0o600
    secret = list((up.folder / "secrets").iterdir())
    assert len(secret) >= 9
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert stat.S_IMODE(up.folder.stat().st_mode) == 0o700
    for path in secret:
        said = path.read_text("utf-8")
        for log in (up.folder / "logs").iterdir():
            assert said not in log.read_text("utf-8", "replace")


def test_up_and_down_may_be_said_twice(folder: Path) -> None:
    first = Stage(folder).up(attached=True)
    again = Stage(folder).up(attached=True)
    assert first == again
    Stage(folder).down()
    Stage(folder).down()
    assert Stage(folder).status() is None


def test_another_fault_needs_another_start(up: StageStatus) -> None:
    with pytest.raises(GoliveError, match="is up with no fault"):
        Stage(up.folder, fault="incoming-5xx").up(attached=True)


def test_a_killed_rehearsal_takes_everything_with_it(folder: Path) -> None:
    process, said = rehearsing(folder)
    balancer(folder).shift({"green": 70.0, "blue": 30.0})
    ports = load(Layout(folder))
    process.kill()
    process.wait()
    all_end(pids(said))
    database = (folder / "database" / "seeded.json").stat().st_mtime_ns
    found = Stage(folder).up(attached=True)
    try:
        assert load(Layout(folder)) == ports
        assert balancer(folder).read().weights == {"green": 70.0, "blue": 30.0}
        assert (folder / "database" / "seeded.json").stat().st_mtime_ns == database
        assert found.config.accounts["admin"].password.read("the admin's").strip()
    finally:
        Stage(folder).down()
    assert balancer_at_rest(folder)


def test_a_stage_that_is_still_ending_is_not_taken_for_one_that_is_up(folder: Path) -> None:
    """Resumed in the same instant in which the rehearsal was killed."""
    process, said = rehearsing(folder)
    process.kill()
    process.wait()
    found = Stage(folder).up(attached=True)
    try:
        assert not set(pids(said)) & {found.warden, *found.processes.values()}
        all_end(pids(said))
        assert healthz(found, "production")["instance"] == "green"
    finally:
        Stage(folder).down()


def balancer_at_rest(folder: Path) -> bool:
    """Whether the next start would begin with all traffic on the old side."""
    kept = json.loads((folder / "traffic.json").read_text("utf-8"))
    return kept == {"weights": {"green": 100.0, "blue": 0.0}, "validation": "blue"}


def test_a_killed_warden_takes_its_children_with_it(folder: Path) -> None:
    stage = Stage(folder)
    first = stage.up(attached=True)
    os.kill(first.warden, signal.SIGKILL)
    all_end(first.processes.values())
    second = stage.up(attached=True)
    assert second.warden != first.warden
    assert second.urls == first.urls
    stage.down()


def test_children_that_die_are_started_again(up: StageStatus) -> None:
    for name in ("green", "controller", "balancer", "listener"):
        os.kill(up.processes[name], signal.SIGKILL)

        def back(name: str = name) -> None:
            now = Stage(up.folder).status()
            assert now is not None
            assert now.processes[name] != up.processes[name]
            assert healthz(now, "production")["instance"] == "green"

        eventually(back, (AssertionError, httpx.HTTPError))  # type: ignore[arg-type]


def test_ctrl_c_in_the_terminal_does_not_reach_it(folder: Path) -> None:
    """The warden has a session of its own, so traffic can be brought back before it ends."""
    process, said = rehearsing(folder)
    assert os.getsid(int(str(said["warden"]))) != os.getsid(process.pid)
    process.kill()
    process.wait()
    all_end(pids(said))


def test_detached_it_outlives_whoever_brought_it_up(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from golive.stage import Stage; "
        "Stage(Path(sys.argv[1])).up(attached=False)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60)
    found = Stage(folder).status()
    assert found is not None
    assert not found.attached
    assert healthz(found, "production")["instance"] == "green"
    Stage(folder).down()
    assert not any(alive(pid) for pid in [found.warden, *found.processes.values()])


def test_two_stages_do_not_disturb_each_other(
    up: StageStatus, seeded: Path, tmp_path: Path
) -> None:
    import shutil

    other = Stage(Path(shutil.copytree(seeded, tmp_path / "other")))
    second = other.up(attached=True)
    assert not set(up.urls.values()) & set(second.urls.values())
    balancer(second.folder).shift({"green": 0.0, "blue": 100.0})
    assert healthz(up, "production")["instance"] == "green"
    assert healthz(second, "production")["instance"] == "blue"
    other.down()
    assert healthz(up, "production")["instance"] == "green"


def test_an_occupied_port_that_is_insisted_on_is_one_clear_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(PREFERRED)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(addresses, "PREFERRED", {**free_ports(names), "validation": port})
        with pytest.raises(GoliveError, match=f"port {port} is occupied.*validation"):
            Stage(folder, insist_ports=True).up(attached=True)
    assert Stage(folder).status() is None


@pytest.mark.parametrize("part", ["migrate", "serve"])
def test_a_part_that_does_not_start_is_named(folder: Path, part: str) -> None:
    program = f"import sys; sys.exit('no such table' if sys.argv[1] == {part!r} else 0)"
    stage = Stage(folder, fixnado=(sys.executable, "-c", program))
    with pytest.raises(GoliveError, match=r"did not start(?s:.)*status 1(?s:.)*no such table"):
        stage.up(attached=True)
    assert stage.status() is None


def test_a_folder_that_can_not_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GoliveError, match="can't be written"):
        Stage(tmp_path / "file" / "stage").up(attached=True)


def test_damaged_settings_are_one_clear_error(folder: Path) -> None:
    (folder / "stage.json").write_text('{"ports": 7}')
    with pytest.raises(GoliveError, match="settings are damaged"):
        Stage(folder).up(attached=True)


def test_a_fault_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoliveError, match="no fault is called 'incoming-fire'"):
        Stage(tmp_path, fault="incoming-fire")
