"""A real object store on loopback: SeaweedFS from its wheel, on free ports."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stage_world.ports import free_ports

ACCESS, SECRET = "golive-test", "only-on-loopback"


@dataclass(frozen=True)
class Store:
    endpoint: str
    client: Any

    def bucket(self, name: str, *, lock: bool) -> str:
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        return name


def _command(folder: Path, ports: Mapping[str, int]) -> list[str]:
    rooms = [word for name, port in ports.items() for word in (f"-{name}", str(port))]
    identity = {
        "name": "golive",
        "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    weed = Path(sys.executable).with_name("weed")
    return [
        str(weed), "-logtostderr", "server", "-dir", str(folder / "data"), "-ip", "127.0.0.1",
        "-ip.bind", "127.0.0.1", "-filer", "-s3", "-s3.config", str(config),
        "-master.volumeSizeLimitMB", "64", "-volume.max", "100", *rooms,
        # these two would listen on fixed ports: two stores at once would fight over them
        "-s3.port.iceberg", "0", "-s3.port.lance", "0",
    ]  # fmt: skip


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("seaweedfs")
    rooms = ("master", "volume", "filer", "s3")
    ports = free_ports([f"{room}.port{kind}" for room in rooms for kind in ("", ".grpc")])
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    client = boto3.session.Session(ACCESS, SECRET, region_name="us-east-1").client(
        "s3",
        endpoint_url=endpoint,
        config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _command(folder, ports), cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(client, process, folder / "log")
        yield Store(endpoint, client)
    finally:
        client.close()
        process.kill()  # asked to end, it would wait ten seconds for its cluster
        process.wait()


def _wait(client: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            client.list_buckets()
            client.create_bucket(Bucket="warm-up")
            client.put_object(Bucket="warm-up", Key="x", Body=b"x")
            return
        except (BotoCoreError, ClientError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text(errors="replace")[-3000:]) from error
            time.sleep(0.2)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where boto3's usual chain finds them, and no file of the person who runs the tests."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
