"""The roster: who may act, and what makes a roster wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.kernel.errors import BadInput
from golive.playbook.people import Roster, load_roster, parse_roster, with_key

TOML = """# crew
[[person]]
id = "nadia"
name = "Nadia"
email = "nadia@rehearsal.example"
roles = ["Programme Manager", "QA Lead"]

[[person]]
id = "tom"   # on call
name = "Tom"
email = "tom@rehearsal.example"
roles = ["DevOps Lead"]
deputy_for = ["qa lead"]
key = "SHA256:0123456789abcdef"
# the end
"""
MARK = "SHA256:" + "ab" * 32


@pytest.fixture
def roster() -> Roster:
    return parse_roster(TOML.encode(), "crew.toml")


def test_who_may_act(roster: Roster) -> None:
    assert roster.may_act("nadia", "QA Lead")
    assert roster.may_act("nadia", "qa  LEAD")
    assert roster.may_act("tom", "QA Lead"), "a deputy that is named"
    assert not roster.may_act("nadia", "DevOps Lead")
    assert not roster.may_act("mallory", "QA Lead")
    assert not roster.may_act("mallory", "All")
    assert roster.may_act("tom", "All")
    assert roster.may_act("tom", "")
    assert not roster.may_act("mallory", "")


def test_who_holds_a_role(roster: Roster) -> None:
    assert [one.id for one in roster.holders("QA Lead")] == ["nadia"]
    assert [one.id for one in roster.deputies("QA Lead")] == ["tom"]
    assert [one.id for one in roster.holders("All")] == ["nadia", "tom"]
    assert roster.roles() == ("Programme Manager", "QA Lead", "DevOps Lead")
    assert roster.person("tom") is not None and roster.person("x") is None


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ('id = "nadia"', 'id = "Nadia N"', "crew.toml:3:1", "pattern"),
        ('id = "nadia"', 'idd = "nadia"', "crew.toml:2:1", "no `id`"),
        ('name = "Tom"', 'name = "Tom"\nrole = []', "crew.toml:11:1", "no key `role`"),
        ('roles = ["DevOps Lead"]', "roles = []", "crew.toml:12:1", "at least 1"),
        ('roles = ["DevOps Lead"]', "roles = 1", "crew.toml:12:1", "valid list"),
        ('"tom@rehearsal.example"', '"tom"', "crew.toml:11:1", "pattern"),
        ('"tom@rehearsal.example"', '"Nadia@rehearsal.example"', "crew.toml:11:1", "two persons"),
        ('id = "tom"', 'id = "nadia"', "crew.toml:9:1", "two persons have the id"),
        ('"qa lead"', '"QA Leed"', "crew.toml:13:1", "nobody holds"),
        ('key = "SHA256:0123456789abcdef"', 'key = "md5:1"', "crew.toml:14:1", "pattern"),
        ('id = "nadia"', 'id = "nadia', "crew.toml:3:12", "Illegal character"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(old: str, new: str, where: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        parse_roster(TOML.replace(old, new).encode(), "crew.toml")
    assert refused.value.where == where


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no \\[\\[person\\]\\]"),
        (b"person = 1", "valid list"),
        (b"[[team]]", "no \\[\\[person\\]\\]|no key `team`"),
        (b"\xff", "UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply|Invalid"),
        (b"#" * 1_000_001, "megabyte"),
    ],
)
def test_what_is_no_roster(content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_roster(content, "crew.toml")


def test_one_key_for_two_persons_is_refused() -> None:
    shared = TOML.replace('"QA Lead"]', '"QA Lead"]\nkey = "SHA256:0123456789abcdef"')
    with pytest.raises(BadInput, match="two persons have the key"):
        parse_roster(shared.encode(), "crew.toml")


def test_a_key_is_set_and_all_else_stays() -> None:
    added = with_key(TOML.encode(), "nadia", MARK).decode()
    expected = TOML.replace('"QA Lead"]\n', f'"QA Lead"]\nkey = "{MARK}"\n')
    assert added == expected
    replaced = with_key(TOML.encode(), "tom", MARK).decode()
    assert replaced == TOML.replace("SHA256:0123456789abcdef", MARK)


def test_a_key_is_set_in_a_file_without_a_last_line_end() -> None:
    bare = TOML.rpartition("key =")[0].rstrip() + "\n"
    assert f'key = "{MARK}"' in with_key(bare.rstrip().encode(), "tom", MARK).decode()


def test_a_key_for_nobody_is_refused() -> None:
    with pytest.raises(BadInput, match="not on the roster"):
        with_key(TOML.encode(), "mallory", MARK)


def test_a_roster_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "crew.toml"
    file.write_text(TOML)
    assert len(load_roster(file).people) == 2
    with pytest.raises(BadInput, match="can't be read"):
        load_roster(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="can't be read"):
        load_roster(tmp_path)
