"""A page's token has one spelling."""

from __future__ import annotations

import base64

import pytest

from golive.stage.controller.errors import ApiError
from golive.stage.controller.paging import page


def test_every_item_is_on_one_page() -> None:
    found, token = [], ""
    while True:
        answer = page("items", range(250), {"nextToken": token})
        found += answer["items"]
        token = answer.get("nextToken", "")
        if not token:
            break
    assert found == list(range(250))


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token + "\n",
        lambda token: token[:2] + "!" + token[2:],
        lambda token: token + "====",
        lambda _: base64.urlsafe_b64encode(b"from  100").decode(),
        lambda _: base64.urlsafe_b64encode("from \u0661\u0660\u0660".encode()).decode(),
        lambda _: base64.urlsafe_b64encode(b"from 1_0").decode(),
        lambda _: "\u00e9",
    ],
)
def test_another_spelling_was_not_given_here(forge) -> None:
    token = page("items", range(250), {})["nextToken"]
    with pytest.raises(ApiError):
        page("items", range(250), {"nextToken": forge(token)})
