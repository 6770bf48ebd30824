"""What a target file may say about its help desk, and that its token is never kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.adapters.chatwoot import Chatwoot
from golive.bootstrap import build_target, read_target
from golive.bootstrap.targets import secrets_of
from golive.kernel.errors import BadInput, NotConfigured
from golive.kernel.fidelity import Fidelity


def target(url: str = "https://chat.example", token: str = 'env = "THE_TOKEN"') -> bytes:
    return (
        f'name = "x"\n[helpdesk]\nurl = "{url}"\naccount = 1\ninbox = 3\ntoken = {{ {token} }}\n'
    ).encode()


def test_a_remote_one_is_live_and_its_token_is_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_TOKEN", "a very secret token")
    config = read_target(target(), "x.toml")
    assert config.helpdesk is not None
    assert config.helpdesk.fidelity is Fidelity.LIVE
    assert secrets_of(config) == ["a very secret token"]
    assert "secret" not in repr(config)
    built = build_target(config).helpdesk
    assert isinstance(built, Chatwoot)
    assert built.fidelity is Fidelity.LIVE


def test_without_its_token_it_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THE_TOKEN", raising=False)
    config = read_target(target(), "x.toml")
    assert secrets_of(config) == []
    built = build_target(config).helpdesk
    assert built is not None
    with pytest.raises(NotConfigured, match="THE_TOKEN"):
        built.answers()


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("x")
    file.chmod(0o644)
    built = build_target(read_target(target(token=f'file = "{file}"'), "x.toml")).helpdesk
    assert built is not None
    with pytest.raises(NotConfigured, match="others can open"):
        built.answers()


@pytest.mark.parametrize(
    "url",
    [
        "http://chat.example",
        "https://user:word@chat.example",
        "chat.example",
        "ftp://chat.example",
        "http://127.0.0.1.evil.example",
        "https://",
    ],
)
def test_a_token_never_travels_unencrypted(url: str) -> None:
    with pytest.raises(BadInput, match=r"helpdesk\.url"):
        read_target(target(url), "x.toml")


def test_loopback_needs_no_encryption() -> None:
    assert read_target(target("http://127.0.0.1:3000"), "x.toml").helpdesk is not None
