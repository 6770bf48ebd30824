"""The console listens to this machine alone, unless something protects what people type."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.console.settings import ConsoleSettings
from golive.kernel.errors import BadInput

STATE = Path("state")
CERT, KEY = Path("cert.pem"), Path("key.pem")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (ConsoleSettings(STATE, host="192.0.2.7"), "reached by others"),
        (ConsoleSettings(STATE, host="rehearsal.example"), "reached by others"),
        (ConsoleSettings(STATE, public_url="http://rehearsal.example"), "unencrypted"),
        (ConsoleSettings(STATE, public_url="https://rehearsal.example/console"), "not an origin"),
        (ConsoleSettings(STATE, public_url="https://user@rehearsal.example"), "not an origin"),
        (ConsoleSettings(STATE, public_url="javascript:alert(1)"), "not an origin"),
        (ConsoleSettings(STATE, host="192.0.2.7", tls_cert=CERT), "needs both"),
        (ConsoleSettings(STATE, host="192.0.2.7", trusted_proxy="192.0.2.1"), "by https"),
        (
            ConsoleSettings(STATE, trusted_proxy="proxy", public_url="https://rehearsal.example"),
            "--trusted-proxy proxy",
        ),
    ],
)
def test_unprotected_settings_are_refused(settings: ConsoleSettings, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        settings.checked()


@pytest.mark.parametrize(
    ("settings", "origin", "cookie"),
    [
        (ConsoleSettings(STATE), "http://127.0.0.1:8400", "golive-8400"),
        (ConsoleSettings(STATE, host="::1", port=1), "http://[::1]:1", "golive-1"),
        (
            ConsoleSettings(STATE, host="192.0.2.7", port=443, tls_cert=CERT, tls_key=KEY),
            "https://192.0.2.7",
            "__Host-golive",
        ),
        (
            ConsoleSettings(
                STATE,
                host="192.0.2.7",
                trusted_proxy="192.0.2.1",
                public_url="https://Rehearsal.Example/",
            ),
            "https://rehearsal.example",
            "__Host-golive",
        ),
    ],
)
def test_protected_settings_know_their_origin(
    settings: ConsoleSettings, origin: str, cookie: str
) -> None:
    assert settings.checked().origin == origin
    assert settings.cookie == cookie
