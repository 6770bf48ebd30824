"""The commands that read a playbook, as a person calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from typer import Typer
from typer.testing import CliRunner

from golive.cli.check import check
from golive.cli.schema import schema
from golive.cli.trust import trust
from golive.kernel.errors import BadInput

HERE = Path(__file__).parent / "fixtures"
TABLE = "|Time|Activity|Owner|\n|-|-|-|\n"
SIGN = "## Sign-off\n- **Ops**: all.\n"
CODE = f"# A\n{TABLE}|09:00|[b](#b)|Ops|\n## B\n```yaml golive\ndrill: command\n```\n{SIGN}"

app = Typer()
app.command("check")(check)
app.command("schema")(schema)
app.command("trust")(trust)


def call(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(args))
    if isinstance(result.exception, BadInput):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def write(folder: Path, text: str) -> str:
    file = folder / "my playbook.md"
    file.write_text(text)
    return str(file)


def test_a_document_without_errors_exits_0() -> None:
    code, said = call("check", str(HERE / "launch.md"))
    assert code == 0
    assert said.splitlines()[-1].endswith(
        "8 activities, 0 drills, 8 human steps; 0 errors, 2 warnings, 13 notes"
    )


def test_a_document_with_errors_exits_1_and_shows_them(tmp_path: Path) -> None:
    file = write(tmp_path, CODE.replace("command", "comand"))
    code, said = call("check", file)
    assert code == 1
    lines = said.splitlines()
    at = next(index for index, line in enumerate(lines) if "unknown-drill" in line)
    assert lines[at].startswith(f"{file}:7:1: error unknown-drill:")
    shown = "\n".join(lines[at : at + 6])
    assert "  drill: comand\n  ^\n  → did you mean `command`?" in shown
    assert "\x1b" not in said


def test_json_is_one_finding_a_line(tmp_path: Path) -> None:
    code, said = call("check", "--json", write(tmp_path, CODE.replace("command", "comand")))
    found = [json.loads(line) for line in said.splitlines()]
    assert code == 1
    assert {"unknown-drill", "no-front-matter"} <= {one["code"] for one in found}
    assert all(one["line"] >= 1 and one["column"] >= 1 for one in found)


def test_the_roster_beside_the_playbook_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "crew.toml").write_text(
        '[[person]]\nid = "a"\nname = "A"\nemail = "a@rehearsal.example"\nroles = ["Boss"]\n'
    )
    text = f"---\ngolive: 1\npeople: crew.toml\n---\n# A\n{TABLE}|09:00|b|Ops|\n{SIGN}"
    code, said = call("check", write(tmp_path, text))
    assert code == 0 and "role-without-holder" in said
    (tmp_path / "crew.toml").write_text("[[person]]\n")
    with pytest.raises(BadInput, match="no `id`"):
        call("check", write(tmp_path, text))


@pytest.mark.parametrize("name", ["none.md", "."])
def test_what_cannot_be_read_is_bad_input(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        call("check", str(tmp_path / name))
    assert refused.value.exit_code == 2


def test_the_program_exits_2_with_one_message(tmp_path: Path) -> None:
    binary = tmp_path / "a b.md"
    binary.write_bytes(b"\x7fELF\0\0")
    done = subprocess.run(
        [sys.executable, "-m", "golive", "check", str(binary)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 2
    assert "NUL bytes" in done.stderr and "a b.md" in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_the_schema_of_everything_is_a_schema_and_accepts_a_block() -> None:
    code, said = call("schema")
    found = json.loads(said)
    jsonschema.Draft202012Validator.check_schema(found)
    assert code == 0
    blocks = jsonschema.Draft202012Validator({**found, "$ref": "#/$defs/block"})
    blocks.validate({"drill": "readiness", "with": {"component": "a"}, "save": {"snapshot": "x"}})
    assert not blocks.is_valid({"drill": "readyness"})
    assert not blocks.is_valid({"drill": "readiness", "with": {"komponent": "a"}})
    assert not blocks.is_valid({"drill": "readiness", "save": {"snap": "x"}})
    assert not blocks.is_valid({"with": {}})
    front = jsonschema.Draft202012Validator({**found, "$ref": "#/$defs/frontMatter"})
    front.validate({"golive": 1, "release": "1.0", "date": "2024-05-30", "people": "p.toml"})
    assert not front.is_valid({"golive": 2})


def test_the_schema_of_a_drill() -> None:
    code, said = call("schema", "readiness")
    assert code == 0 and "component" in json.loads(said)["properties"]
    with pytest.raises(BadInput, match="no drill `readyness`") as refused:
        call("schema", "readyness")
    assert refused.value.hint == "did you mean `readiness`?"


def test_trust_is_recorded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = write(tmp_path, CODE)
    code, said = call("trust", file)
    assert code == 0 and f"{file}:6:1: command" in said and "1 block runs code" in said
    assert "already trusted" in call("trust", file)[1]
    assert "nothing to trust" in call("trust", str(HERE / "launch.md"))[1]
    write(tmp_path, CODE + "\n")
    assert "1 block runs code" in call("trust", file)[1], "one changed byte asks again"


def test_what_does_not_parse_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with pytest.raises(BadInput, match="doesn't parse"):
        call("trust", write(tmp_path, "---\nno end"))
    assert not (tmp_path / "config").exists()
