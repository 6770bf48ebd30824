"""The deployer's key lies in a file that the target names, and never reaches a vault."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.bootstrap import read_target
from golive.bootstrap.targets import secrets_of


@pytest.mark.parametrize(
    ("content", "kept_out"),
    [
        (
            "[a]\naws_secret_access_key = one%two\n[b]\naws_session_token = three\n",
            ["one%two", "three"],
        ),
        ("no file of AWS's", []),
        (None, []),
    ],
)
def test_its_secrets_are_what_must_not_be_kept(
    tmp_path: Path, content: str | None, kept_out: list[str]
) -> None:
    file = tmp_path / "keys"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    text = f'name = "x"\n[deployer]\napplication = "a"\ngroup = "g"\ncredentials = "{file}"\n'
    assert secrets_of(read_target(text.encode(), "x.toml")) == kept_out
