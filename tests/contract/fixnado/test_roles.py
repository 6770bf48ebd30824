"""Every role against every route, from the routes themselves: a new one is covered unasked."""

from __future__ import annotations

import re

import pytest

from fixnado.platform.access import Role
from fixnado.platform.errors import StartRefused
from fixnado.platform.web import ROLES_KEY, declared_roles
from fixnado_world import ROLES, Running

# roles are judged before any context is asked: the kind of database makes no difference to them
# what these do would end the session that the table is still using
SPARED = {("POST", "/v1/auth/logout"), ("POST", "/v1/auth/login"), ("POST", "/v1/auth/refresh")}


def _path(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "00000000-0000-4000-8000-000000000000", template)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_every_role_against_every_route(market: Running) -> None:
    table = declared_roles(market.service.api)
    assert len(table) > 10
    wrong = []
    for (method, template), allowed in table.items():
        if (method, template) in SPARED:
            continue
        guest = market.guest.request(method, _path(template)).status_code
        if (guest == 401) != (Role.GUEST not in allowed):
            wrong.append(f"guest {method} {template}: {guest}")
        for role in ROLES:
            status = market.as_(role).request(method, _path(template)).status_code
            if (status == 403) != (Role(role) not in allowed) or status in (401, 500):
                wrong.append(f"{role} {method} {template}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_document_names_the_roles_of_every_operation(market: Running) -> None:
    document = market.guest.get("/openapi.json").json()
    table = declared_roles(market.service.api)
    operations = {
        (method.upper(), path): operation
        for path, found in document["paths"].items()
        for method, operation in found.items()
    }
    assert operations.keys() == table.keys()
    for key, operation in operations.items():
        assert set(operation[ROLES_KEY]) == {role.value for role in table[key]}
        assert "Role:" in operation["description"]
        open_to_all = Role.GUEST in table[key]
        assert ("security" in operation) != open_to_all
        assert {"401", "403"} <= operation["responses"].keys() or open_to_all


def test_a_route_without_roles_keeps_the_service_from_starting(start) -> None:
    market = start()

    async def forgotten() -> None: ...

    market.service.api.add_api_route("/v1/forgotten", forgotten)
    with pytest.raises(StartRefused, match="/v1/forgotten names no role"):
        declared_roles(market.service.api)


def test_without_rehearsal_there_is_no_toggle(start) -> None:
    market = start(rehearsal=False)
    found = market.as_("operations").put("/v1/admin/readiness/commerce", json={"status": "error"})
    assert found.status_code == 404
