"""What somebody would try who should not get through."""

from __future__ import annotations

import select
import socket
from urllib.parse import urlsplit

import httpx

from console_world import PASSPHRASE, PIXEL, Browser, World, said

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.cookie)</script></svg>'
HTML = b"<!doctype html><script>fetch('/me')</script>"


def _raw(base: str, request: bytes, body: bytes = b"") -> bytes:
    """The beginning of the answer to bytes that no polite client would send."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as wire:
        wire.sendall(request + body)
        return wire.recv(4096)


def test_nobody_sees_anything_without_a_session(day: World) -> None:
    run = day.start()
    stranger = day.browser()
    for path in (
        "/me", "/runs", f"/runs/{run}", f"/runs/{run}/steps/1", f"/runs/{run}/abort", "/sessions",
        f"/runs/{run}/events", f"/runs/{run}/uploads/x", f"/runs/{run}/uploads/x/bytes",
    ):  # fmt: skip
        answer = stranger.http.get(path, follow_redirects=False)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/enter"), path
        assert "Everybody is here" not in answer.text
    for path in (f"/runs/{run}/steps/1/act", f"/runs/{run}/abort/call", "/leave"):
        answer = stranger.http.post(
            path, data={"action": "confirm"}, headers=stranger.origin, follow_redirects=False
        )
        assert answer.status_code == 303, path
    assert not day.board().items["kick-off/1"].acts


def test_another_person_s_item(day: World) -> None:
    day.start()
    nadia, asha = day.person("nadia"), day.person("asha")
    page = day.waiting("kick-off/1")
    assert not [one for one in asha.forms(page) if one.action.endswith("/act")]
    # She makes the form that she was not given: with nadia's hidden fields, then with none.
    taken = nadia.form(page, "/act", "confirm")
    answer = asha.send(taken, comment="mine now")
    assert answer.status_code == 403
    bare = asha.http.post(
        taken.action, data={"action": "confirm", "comment": "x"}, headers=asha.origin
    )
    assert bare.status_code == 403
    assert not day.board().items["kick-off/1"].acts


def test_a_forged_role_changes_nothing(day: World) -> None:
    from golive.console.forms import hidden

    day.start()
    asha = day.person("asha")
    page = day.waiting("kick-off/1")
    # Even with valid hidden fields of her own session, what she claims to be is not asked.
    token = asha.http.cookies[day.settings.cookie]
    path = f"{page}/act"
    proof = hidden(token, path)
    answer = asha.http.post(
        path,
        data={
            "csrf": proof.csrf, "once": proof.once, "action": "confirm", "comment": "trust me",
            "person": "nadia", "role": "Programme Manager", "roles": "Programme Manager",
        },
        headers=asha.origin,
    )  # fmt: skip
    assert answer.status_code == 403
    assert "it asks for Programme Manager; you are QA Lead" in said(answer)
    proof = hidden(token, f"/runs/{day.folder.name}/abort/call")
    answer = asha.http.post(
        f"/runs/{day.folder.name}/abort/call",
        data={"csrf": proof.csrf, "once": proof.once, "comment": "stop"},
        headers=asha.origin,
    )
    assert answer.status_code == 403
    assert not day.board().items["kick-off/1"].acts
    assert day.board().state == "running"


def test_the_same_id_with_another_key_is_somebody_else(day: World) -> None:
    from golive.evidence.keys import SigningKey
    from golive.governance.acts import fingerprint
    from golive.playbook.people import with_key

    nadia = day.person("nadia")
    day.people = with_key(day.people, "nadia", fingerprint(SigningKey.generate().public))
    run = day.start()
    assert nadia.get(f"/runs/{run}").status_code == 404
    assert nadia.get(f"/runs/{run}/events").status_code == 404
    assert run not in nadia.get("/runs").text


def test_a_stolen_session_ends_when_it_is_revoked(day: World) -> None:
    day.start()
    nadia, thief = day.person("nadia"), day.browser()
    thief.http.cookies.update(nadia.http.cookies)
    page = day.waiting("kick-off/1")
    form = thief.form(page, "/act", "confirm")
    nadia.send(nadia.form("/sessions", "/sessions"))
    answer = thief.http.post(
        form.action, data={**form.fields, "comment": "x"}, headers=thief.origin,
        follow_redirects=False,
    )  # fmt: skip
    assert answer.headers["location"].startswith("/enter")
    assert not day.board().items["kick-off/1"].acts


def test_a_form_of_an_old_session_dies_with_it(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    form = nadia.form(day.waiting("kick-off/1"), "/act", "confirm")
    nadia.send(nadia.form("/sessions", "/leave"))
    nadia.enter("nadia")
    answer = nadia.send(form, comment="from before")
    assert answer.status_code == 403
    assert "another session" in said(answer)


def test_forms_from_elsewhere(day: World) -> None:
    day.start()
    nadia = day.person("nadia")
    form = nadia.form(day.waiting("kick-off/1"), "/act", "confirm")
    for origin in ({}, {"origin": "null"}, {"origin": "https://evil.example"},
                   {"origin": nadia.base + ".evil.example"}):  # fmt: skip
        answer = nadia.http.post(form.action, data={**form.fields, "comment": "x"}, headers=origin)
        assert answer.status_code == 403, origin
    plain = nadia.http.post(form.action, content=b"{}", headers={
        **nadia.origin, "content-type": "application/json"})  # fmt: skip
    assert plain.status_code == 400
    assert not day.board().items["kick-off/1"].acts


def test_other_hosts_and_other_methods(day: World) -> None:
    stranger = day.browser()
    assert stranger.get("/enter", headers={"host": "evil.example"}).status_code == 421
    twice = _raw(day.base, b"GET /enter HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    assert b" 421 " in twice.split(b"\r\n")[0] or b" 400 " in twice.split(b"\r\n")[0]
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert stranger.http.request(method, "/me", headers=stranger.origin).status_code == 405


def test_every_answer_is_dressed(day: World) -> None:
    stranger = day.browser()
    for path in ("/enter", "/nothing", "/static/console.css", "/static/nothing", "/invited/x"):
        headers = stranger.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    kept = stranger.http.get("/enter").headers.get("set-cookie", "")
    fresh = day.browser().get("/enter").headers["set-cookie"]
    assert "HttpOnly" in fresh
    assert "samesite=strict" in fresh.lower()
    assert kept == ""


def test_traversal_and_script_in_file_names(day: World) -> None:
    asha, page = _at_the_minutes(day)
    for name in ("../../../../etc/cron.d/x", '"><script>alert(1)</script>.txt', "a\r\nX-A: b.txt"):
        answer = asha.bring(page, name, b"All present.")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "X-A" not in answer.headers
        handed = asha.get(f"{answer.url.path}/bytes")
        assert "X-A" not in handed.headers
        assert handed.headers["content-disposition"].startswith("attachment")
    kept = [one for one in (day.settings.folder / "uploads").rglob("*") if one.is_file()]
    assert len(kept) == 3
    assert not list(day.state.parent.rglob("cron.d"))


def test_active_content_is_served_inert(day: World) -> None:
    asha, page = _at_the_minutes(day)
    for name, content in (("a.svg", SVG), ("a.png", SVG), ("a.html", HTML), ("a.txt", HTML)):
        answer = asha.bring(page, name, content)
        assert b"<script>" not in answer.content
        handed = asha.get(f"{answer.url.path}/bytes")
        assert handed.headers["content-type"] == "application/octet-stream"
        assert handed.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in handed.headers["content-security-policy"]
        assert handed.content == content
    handed = asha.get(f"{asha.bring(page, 'a.txt', PIXEL).url.path}/bytes")
    assert handed.headers["content-type"] == "image/png"
    assert "sandbox" in handed.headers["content-security-policy"]


def test_nobody_vouches_for_their_own_picture(day: World) -> None:
    from golive.console.forms import hidden

    asha, page = _at_the_minutes(day)
    brought = asha.bring(page, "a.png", PIXEL).url.path
    assert not [one for one in asha.forms(brought) if one.action.startswith(brought)]
    for ending in ("/vouch", "/confirm"):
        proof = hidden(asha.http.cookies[day.settings.cookie], brought + ending)
        answer = asha.http.post(
            brought + ending, data={"csrf": proof.csrf, "once": proof.once, "action": "clean"},
            headers=asha.origin,
        )  # fmt: skip
        assert answer.status_code == 403, ending
    assert not day.board().items["checks/2"].acts


def test_a_link_is_not_evidence(day: World) -> None:
    asha, page = _at_the_minutes(day)
    answer = asha.bring(page, "minutes.txt", b"https://wiki.example/minutes\n")
    assert answer.status_code == 400
    assert "a link is not evidence" in said(answer)


def test_two_gigabytes_are_refused_before_they_are_sent(day: World) -> None:
    asha, page = _at_the_minutes(day)
    path = asha.form(page, "/uploads").action.encode()
    host = urlsplit(day.base).netloc.encode()
    cookie = f"{day.settings.cookie}={asha.http.cookies[day.settings.cookie]}".encode()
    head = b"".join(
        [
            b"POST " + path + b" HTTP/1.1\r\n",
            b"Host: " + host + b"\r\nOrigin: http://" + host + b"\r\nCookie: " + cookie + b"\r\n",
            b"Content-Type: multipart/form-data; boundary=x\r\n",
        ]
    )
    announced = _raw(day.base, head + b"Content-Length: 2147483648\r\n\r\n")
    assert b" 413 " in announced.split(b"\r\n")[0]
    # Unannounced, piece by piece: refused once more has come than is taken.
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    answer, sent = _pour(day.base, head + b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(part))
    assert not answer or b" 413 " in answer.split(b"\r\n")[0]
    assert day.settings.upload_limit <= sent < day.settings.upload_limit + (16 << 20)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n" % len(data) + data + b"\r\n"


def _pour(base: str, start: bytes) -> tuple[bytes, int]:
    """Send chunks for ever; the answer that ends it, and how many bytes had gone out."""
    parts = urlsplit(base)
    piece, sent, answer = _chunk(b"x" * 65536), 0, b""
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as wire:
        wire.sendall(start)
        while sent < 2 << 30 and not answer:
            if select.select([wire], [], [], 0)[0]:
                answer = wire.recv(4096)
                break
            try:
                wire.sendall(piece)
            except ConnectionError:  # closed over what was still on its way: refused as well
                break
            sent += len(piece)
    return answer, sent


def test_header_injection_and_open_redirects(day: World) -> None:
    stranger = day.browser()
    day.person("nadia")
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aX: y",
               "javascript:alert(1)", "/me\r\nX-A: b"):  # fmt: skip
        form = stranger.form("/enter", "/enter")
        answer = stranger.http.post(
            "/enter",
            data={**form.fields, "to": to, "person": "nadia", "passphrase": PASSPHRASE},
            headers=stranger.origin,
            follow_redirects=False,
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/me", to
        assert "x-a" not in answer.headers
    shown = stranger.get("/enter", params={"to": "//evil.example"})
    assert "evil.example" not in shown.text


def test_unknown_and_known_people_are_refused_alike(day: World) -> None:
    day.person("nadia")
    known, unknown = day.browser(), day.browser()
    one = known.enter("nadia", "not this one at all")
    two = unknown.enter("nobody", "not this one at all")
    assert one.status_code == two.status_code == 403
    assert said(one) == said(two)


def test_a_flood_of_attempts_waits(day: World) -> None:
    day.person("nadia")
    thief = day.browser()
    answers = [thief.enter("nadia", f"guess number {number}") for number in range(6)]
    assert [one.status_code for one in answers] == [403] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert thief.enter("nadia").status_code == 429


def test_runs_and_steps_that_are_not_there(day: World) -> None:
    run = day.start()
    nadia = day.person("nadia")
    for path in (
        "/runs/..%2f..%2fetc", "/runs/nothing-at-all", f"/runs/{run}/steps/999",
        f"/runs/{run}/steps/0", f"/runs/{run}/uploads/..%2f..", "/runs/console",
    ):  # fmt: skip
        answer = nadia.get(path)
        assert answer.status_code in (400, 404, 422), path
        assert "Traceback" not in answer.text


def _at_the_minutes(day: World) -> tuple[Browser, str]:
    """Asha, in front of the step that asks her for the minutes."""
    day.start(MINUTES)
    return day.person("asha"), day.waiting("checks/1")


MINUTES = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
---
# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:30–10:00 | [Checks](#checks) | QA Lead | |

## Checks
- [ ] Minutes are kept (upload: the minutes)
- [ ] And read (upload: `out/minutes.txt`)
"""


def test_a_session_s_cookie_is_no_form_of_its_own(day: World) -> None:
    """A visitor who sets the cookie to a value of their own choice doesn't become anybody."""
    stranger = httpx.Client(base_url=day.base, cookies={day.settings.cookie: "chosen"})
    with stranger:
        assert stranger.get("/me").status_code == 303
