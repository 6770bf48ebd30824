"""The column `Owner` of the risk table: the role that may bear what is left, where one is named."""

from __future__ import annotations

import pytest

from golive.playbook.parse import parse

TABLE = """# A launch

## Risks
| Risk | Impact | Likelihood | Mitigation{head} |
| --- | --- | --- | ---{line} |
| It breaks | High | Rare | hope{cell} |
"""


@pytest.mark.parametrize(
    ("head", "cell", "owner"),
    [("", "", ""), (" | Owner", " | QA Lead", "QA Lead"), (" | Responsible", " | ", "")],
)
def test_the_owner_of_a_risk(head: str, cell: str, owner: str) -> None:
    source = TABLE.format(head=head, line=" | ---" if head else "", cell=cell)
    found = parse(source.encode(), "p.md").playbook
    assert found is not None
    assert [one.owner for one in found.risks] == [owner]
