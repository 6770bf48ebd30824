"""The smoke tests of a running Fixnado, for machines without Node.

The same tests as the Vitest pack beside it, by Python and httpx alone. Writes JUnit to
`$GOLIVE_JUNIT` and ends with 1 when a test failed, 2 when it wasn't told what to test.
"""

# ruff: noqa: T201  (a program for the command line: it prints)
from __future__ import annotations

import os
import ssl
import sys
import time
import traceback
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import httpx

Test = Callable[["Target"], None]


class Target:
    """What the rehearsal says of the target, and the ways to ask it something."""

    def __init__(self) -> None:
        self.prefix = os.environ.get("GOLIVE_PREFIX", "/v1")
        authority = os.environ.get("GOLIVE_CA")
        self.client = httpx.Client(
            base_url=_wanted("GOLIVE_TARGET_URL").rstrip("/"),
            verify=ssl.create_default_context(cafile=authority),
            timeout=10,
            trust_env=False,
            headers={"accept": "application/json"},
        )

    def sign_in(self) -> dict[str, str]:
        """Headers of a signed-in rehearsal account, by token where there is one, else by cookie."""
        body = {
            "email": _wanted("GOLIVE_EMAIL"),
            "password": _wanted("GOLIVE_PASSWORD"),
            "clientType": "mobile",
        }
        answer = self.client.post(f"{self.prefix}/auth/login", json=body)
        assert answer.status_code == 200, f"signing in answered {answer.status_code}"
        cookies = "; ".join(f"{one.name}={one.value}" for one in answer.cookies.jar)
        self.client.cookies.clear()
        token = (answer.json().get("tokens") or {}).get("accessToken")
        if token:
            return {"authorization": f"Bearer {token}"}
        assert cookies, "signing in gave neither a token nor a cookie"
        return {"cookie": cookies}


def the_service_says_who_it_is(target: Target) -> None:
    answer = target.client.get("/")
    assert answer.status_code == 200, f"it answered {answer.status_code}"
    said = answer.json()
    assert said.get("service") == "fixnado", f"the service is {said.get('service')!r}"
    assert said.get("version"), "it does not say its version"
    assert said.get("instance"), "it does not say its instance"


def it_is_alive(target: Target) -> None:
    answer = target.client.get("/healthz")
    assert answer.status_code == 200, f"it answered {answer.status_code}"
    assert answer.json().get("status") == "ok", f"it is {answer.json().get('status')!r}"


def it_is_ready(target: Target) -> None:
    answer = target.client.get("/readyz")
    assert answer.status_code == 200, f"it answered {answer.status_code}: {answer.text[:300]}"


def the_rehearsal_account_can_sign_in(target: Target) -> None:
    assert target.sign_in(), "no session"


def a_stranger_can_not(target: Target) -> None:
    body = {"email": "nobody@rehearsal.fixnado.example", "password": "not a password of anybody"}
    answer = target.client.post(f"{target.prefix}/auth/login", json=body)
    assert answer.status_code == 401, f"it answered {answer.status_code}"


def nothing_is_shown_to_those_who_have_not_signed_in(target: Target) -> None:
    answer = target.client.get(f"{target.prefix}/timeline-hub")
    assert answer.status_code == 401, f"it answered {answer.status_code}"


def the_timeline_hub_has_entries_and_no_warnings(target: Target) -> None:
    answer = target.client.get(f"{target.prefix}/timeline-hub", headers=target.sign_in())
    assert answer.status_code == 200, f"it answered {answer.status_code}"
    assert answer.json().get("entries"), "there are no entries"
    assert answer.json().get("warnings") == [], f"it warns: {answer.json().get('warnings')}"


def the_commerce_snapshot_has_all_of_its_parts(target: Target) -> None:
    answer = target.client.get(
        f"{target.prefix}/commerce/snapshot?persona=user", headers=target.sign_in()
    )
    assert answer.status_code == 200, f"it answered {answer.status_code}"
    missing = {"orders", "rentals", "revenue", "escrow", "alerts"} - answer.json().keys()
    assert not missing, f"it lacks {', '.join(sorted(missing))}"


PACK: dict[str, tuple[Test, ...]] = {
    "health": (the_service_says_who_it_is, it_is_alive, it_is_ready),
    "identity": (
        the_rehearsal_account_can_sign_in,
        a_stranger_can_not,
        nothing_is_shown_to_those_who_have_not_signed_in,
    ),
    "first pages": (
        the_timeline_hub_has_entries_and_no_warnings,
        the_commerce_snapshot_has_all_of_its_parts,
    ),
}


def main() -> int:
    try:
        target = Target()
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    root, failed = ET.Element("testsuites", name="fixnado smoke"), 0
    with target.client:
        for suite, tests in PACK.items():
            part = ET.SubElement(root, "testsuite", name=suite, tests=str(len(tests)))
            failures = sum(not _run(part, suite, test, target) for test in tests)
            part.set("failures", str(failures))
            failed += failures
    report = Path(os.environ.get("GOLIVE_JUNIT", "smoke-junit.xml"))
    ET.ElementTree(root).write(report, encoding="utf-8", xml_declaration=True)
    print(f"{sum(map(len, PACK.values()))} tests, {failed} failed")
    return 1 if failed else 0


def _run(part: ET.Element, suite: str, test: Test, target: Target) -> bool:
    name = test.__name__.replace("_", " ")
    began = time.monotonic()
    problem, trace = "", ""
    try:
        test(target)
    except Exception as error:  # a test runner's business: whatever a test raises is its failure
        problem, trace = _printable(str(error) or type(error).__name__), traceback.format_exc()
    took = f"{time.monotonic() - began:.4f}"
    case = ET.SubElement(part, "testcase", classname=suite, name=name, time=took)
    if problem:
        ET.SubElement(case, "failure", message=problem).text = _printable(trace)
    print(f"{'FAILED' if problem else 'ok':6} {suite}: {name}{': ' + problem if problem else ''}")
    return not problem


def _printable(text: str) -> str:
    """XML has no place for control characters, which a broken answer may hold."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")


def _wanted(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise LookupError(f"{name} is not set: this pack runs against a target, which it needs")
    return value


if __name__ == "__main__":
    sys.exit(main())
