"""The help desk is configured wholly, safely, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixnado.__main__ import main
from fixnado.platform.errors import StartRefused
from fixnado.platform.settings import HelpDesk, is_loopback, read_token


@pytest.mark.parametrize(
    "url",
    [
        "ftp://desk.example",
        "desk.example",
        "https://",
        "http://desk.example",
        "https://me:secret@desk.example",
        "https://desk.example/?token=x",
        "http://[::1",
    ],
)
def test_an_address_that_is_no_place_for_a_token(url: str) -> None:
    with pytest.raises(StartRefused) as refused:
        HelpDesk(url, 1, "t0ken-t0ken", 1)
    assert "t0ken" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://desk.example/help", "http://127.0.0.1:3000"])
def test_an_address_that_is(url: str) -> None:
    assert "t0ken" not in repr(HelpDesk(url, 1, "t0ken-t0ken", 1))


@pytest.mark.parametrize("content", ["", "  \n", "two words", "two\nlines"])
def test_what_is_no_token(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(StartRefused, match="no token"):
        read_token(file)


def test_a_token_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("t0ken-t0ken\n")
    file.chmod(0o640)
    with pytest.raises(StartRefused, match="chmod 600"):
        read_token(file)
    file.chmod(0o600)
    assert read_token(file) == "t0ken-t0ken"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--chatwoot", "https://desk.example"], "--chatwoot-account"),
        (["--chatwoot-inbox", "1"], "--chatwoot,"),
        (["--chatwoot-team", "1"], "--chatwoot-team needs --chatwoot"),
    ],
)
def test_half_a_configuration_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], words: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("ab" * 32)
    secret.chmod(0o600)
    serve = ["serve", "--database", f"sqlite:///{tmp_path / 'x.db'}", "--port", "0"]
    more = ["--instance", "blue", "--runtime", str(tmp_path), "--secret-file", str(secret)]
    assert main([*serve, *more, *flags]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "stays"),
    [
        ("localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback(host: str, stays: bool) -> None:
    assert is_loopback(host) is stays
