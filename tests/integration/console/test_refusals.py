"""Every refusal is a page of ours: it says what, and the way back, and never how the console is
made."""

from __future__ import annotations

import logging

import pytest

from console_world import World, said


def test_each_refusal_has_a_page_of_ours(day: World, caplog: pytest.LogCaptureFixture) -> None:
    run = day.start()
    nadia = day.person("nadia")
    found = {
        404: nadia.get("/nothing/here"),
        405: nadia.http.request("PUT", "/me", headers=nadia.origin),
        421: nadia.get("/me", headers={"host": "evil.example"}),
        403: nadia.http.post("/sessions", data={}, headers={"origin": "http://evil.example"}),
        413: nadia.http.post("/leave", content=b"x" * 70_000, headers=nadia.origin),
    }
    found_too = nadia.get(f"/runs/{run}/steps/a-word")
    assert found_too.status_code == 404
    # Whatever else breaks: who asked and who runs it find each other by a mark.
    day.console.means.store.close()
    with caplog.at_level(logging.ERROR, "golive.console"):
        found[500] = nadia.get("/me")
    for status, answer in found.items():
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert said(answer)
        assert "<h1>" in answer.text
        assert "Traceback" not in answer.text
        assert "sqlite" not in answer.text
    assert any(record.message[:8] in found[500].text for record in caplog.records)
