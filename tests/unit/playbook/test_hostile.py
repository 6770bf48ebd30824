"""Documents that are made to hang or to crash whoever reads them: an answer, soon, always."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from golive.drillkit.drill import Registry
from golive.kernel.errors import BadInput
from golive.playbook.lint import lint
from golive.playbook.load import load
from golive.playbook.parse import parse

ROWS = "# A\n|Time|Activity|Owner|Artefacts|\n|-|-|-|-|\n"
BLOCK = "```yaml golive\n{}\n```\n"
SECONDS = 4.0
"""Generous for a busy machine; each takes about a second alone, and hours if it were quadratic."""

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(f'*{chr(97 + n)}' for _ in range(9))}]\n"
    for n in range(8)
)

HOSTILE: dict[str, str] = {
    "quotes in quotes": "> " * 100_000 + "x",
    "lists in lists": "\n".join("  " * n + "- x" for n in range(1_000)),
    "lists on one line": "- " * 100_000 + "x",
    "many list items": "- x\n" * 15_000,
    "many tasks": "# A\n" + "- [ ] x\n" * 8_000,
    "headings of one name": "# a\n" * 8_000,
    "headings that look numbered": "".join(f"# a\n# a-{n}\n" for n in range(5_000)),
    "deep headings with dead links": ROWS
    + "".join(f"|09:00|[x](#y{n})|||\n" for n in range(5_000)),
    "every row links the whole": ROWS.replace("A", "Whole")
    + "|09:00|[x](#whole)|||\n" * 10_000
    + "## B\n- [ ] c\n" * 5_000,
    "one enormous cell": ROWS + "|09:00|" + "`a` [b](#c) **d** " * 30_000 + "|||\n",
    "one enormous row": ROWS + "|" * 300_000 + "\n",
    "one enormous header": "|" * 500_000 + "\n" + "|-" * 500_000 + "|\n",
    "tables that never begin": "a|b\n" * 30_000,
    "brackets": "# A\n- [ ] " + "[" * 500_000,
    "half links": "# A\n- [ ] " + "[a](" * 200_000,
    "half links with titles": "# A\n- [ ] " + '[a](b "' * 100_000,
    "images": "# A\n- [ ] " + "![" * 200_000,
    "backticks of every length": "# A\n- [ ] " + " ".join("`" * n for n in range(1, 1_500)),
    "backticks": "# A\n- [ ] " + "` `` " * 60_000,
    "backslashes": "# A\n- [ ] " + "\\" * 500_001 + "`",
    "emphasis": "# A\n- [ ] " + "*_" * 300_000,
    "tags": "# A\n- [ ] " + "<" * 300_000,
    "markers": "# A\n- [ ] " + "(by: " * 200_000,
    "times": ROWS + "|" + "1:11" * 100_000 + "|a|||\n" + "|" + "T-1h" * 100_000 + "|a|||\n",
    "braces": ROWS + "|09:00|" + "{a" * 300_000 + "|||\n",
    "definitions": "[a]: #b\n" * 15_000,
    "definitions that don't end": "[a]: #b 'x\n" * 3_000,
    "html": "<div>\n" * 100_000,
    "underlines": "a\n" * 30_000 + "===\n",
    "front matter bomb": f"---\n{BOMB}---\n# A\n",
    "block bomb": "# A\n" + BLOCK.format(BOMB),
    "front matter of brackets": "---\na: " + "[" * 60_000 + "\n---\n",
    "front matter of braces": "---\na: " + "{a: " * 12_000 + "\n---\n",
    "front matter of dashes": "---\n" + "- " * 30_000 + "\n---\n",
    "front matter of many keys": "---\n" + "".join(f"k{n}: 1\n" for n in range(6_000)) + "---\n",
    "front matter that never ends": "---\n" + "a: b\n" * 200_000,
    "many blocks": "# A\n" + BLOCK.format("drill: x") * 8_000,
    "big blocks": "# A\n" + BLOCK.format("drill: x\nwith: {a: " + "b" * 60_000 + "}") * 50,
    "large numbers": "# A\n" + BLOCK.format("drill: x\nwith: {a: " + "9" * 50_000 + ", b: 1e999}"),
    "long names": "# A\n" + BLOCK.format("drill: " + "x" * 50_000),
    "many unknown names": "# A\n" + BLOCK.format("drill: readines") * 900,
    "control characters": "# A\x1b[2J\n- [ ] \x07\x08 x\u202e\n",
    "one line": "x" * 2_000_000,
    "blank lines": "\n" * 500_000 + "x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_comes_soon(name: str, catalogue: Registry) -> None:
    began = time.process_time()
    parsed = parse(HOSTILE[name].encode(), "doc.md")
    if parsed.playbook is not None:
        assert len(lint(parsed.playbook, catalogue)) < 3_000
    assert len(parsed.findings) < 3_000
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("quotes in quotes", "nested-too-deeply"),
        ("lists on one line", "nested-too-deeply"),
        ("front matter bomb", "yaml-alias"),
        ("block bomb", "yaml-alias"),
        ("front matter of brackets", "yaml-too-deep"),
        ("front matter of many keys", "yaml-too-large"),
        ("front matter that never ends", "front-matter-open"),
        ("many blocks", "yaml-too-large"),
        ("big blocks", "yaml-too-large"),
    ],
)
def test_what_is_refused_is_an_error(name: str, code: str) -> None:
    found = parse(HOSTILE[name].encode(), "doc.md").findings
    assert code in {one.code for one in found if one.level == "error"}


@pytest.mark.parametrize(
    "data",
    [
        b"---\n%YAML 1.999999999999\n---\n# A\n",
        b"---\n%TAG ! !\n---\n",
        b'---\na: "\\xZZ"\n---\n',
        b"---\na: !\n---\n",
        b"---\n? [a]\n: b\n---\n",
        b"---\n- a\n---\n",
        b"---\nplain\n---\n",
        b"---\n---\n",
        b"---\n...\n",
        b"---\na: \xef\xbf\xbe\n---\n",
        b"---\n\t- a\n---\n",
        b"---\na: |9\n  x\n---\n",
        b"```yaml golive\n```\n",
        b"```yaml golive",
        b"```yaml golive\n- drill: x\n```\n",
        b"```yaml golive\n--- \na: 1\n--- \nb: 2\n```\n",
    ],
)
def test_malformed_yaml_is_told(data: bytes) -> None:
    parse(data, "doc.md")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b"# A\n\0", "NUL bytes"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL bytes"),
        (b"# A\n\xff", "isn't UTF-8"),
        (b"x" * 9_000_000, "8.0 MB"),
    ],
)
def test_files_that_are_no_text_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "a b.md"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=says) as refused:
        load(file)
    assert refused.value.hint
    assert "a b.md" in refused.value.where


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        load(tmp_path / "none.md")
    with pytest.raises(BadInput, match="folder"):
        load(tmp_path)
    with pytest.raises(BadInput, match="can't be read"):
        load(tmp_path / "\0.md")


def test_a_file_that_goes_on_for_ever_is_read_no_further() -> None:
    with pytest.raises(BadInput, match=r"8\.0 MB"):
        load(Path("/dev/zero"))
