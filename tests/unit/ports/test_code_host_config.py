"""Where the code host's token may travel."""

from __future__ import annotations

import pytest

from golive.bootstrap import read_target
from golive.kernel.errors import BadInput


def target(api: str) -> bytes:
    return f"""
name = "staging"

[code_host]
repository = "fixnado/platform"
api = "{api}"
token = {{env = "GOLIVE_TEST_TOKEN"}}
""".encode()


@pytest.mark.parametrize(
    "api",
    [
        "http://github.example/api/v3",
        "https://user:word@github.example",
        "github.example",
        "ftp://github.example",
        "http://127.0.0.1.evil.example",
        "https://",
    ],
)
def test_a_token_never_travels_unencrypted(api: str) -> None:
    with pytest.raises(BadInput, match=r"code_host: .*(https://host is needed|no credentials)"):
        read_target(target(api), "x.toml")


@pytest.mark.parametrize("api", ["https://github.example/api/v3", "http://127.0.0.1:3000"])
def test_encrypted_or_on_this_machine_it_may(api: str) -> None:
    found = read_target(target(api), "x.toml").code_host
    assert found is not None
    assert found.api == api
