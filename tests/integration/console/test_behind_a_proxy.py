"""Who calls is told by the connection; what a request says of itself counts from the named proxy
alone."""

from __future__ import annotations

from pathlib import Path

import httpx

from console_world import World, world


def _guesses(launch: World, base: str, count: int, **headers: str) -> list[int]:
    """The answers to `count` wrong passphrases, each said to come from another address."""
    found = []
    with httpx.Client(base_url=base, headers={"host": launch.settings.authority}) as client:
        for number in range(count):
            said = {"x-forwarded-for": f"203.0.113.{number + 1}", **headers}
            # By hand: behind TLS the cookie is `Secure`, and this side of the proxy is not.
            client.cookies.clear()
            page = client.get("/enter", headers=said)
            token = page.headers["set-cookie"].partition(";")[0]
            fields = {
                name: page.text.partition(f'name="{name}" value="')[2].partition('"')[0]
                for name in ("csrf", "once")
            }
            answer = client.post(
                "/enter",
                data={**fields, "person": "nadia", "passphrase": "not this one at all"},
                headers={**said, "cookie": token, "origin": launch.settings.origin},
            )
            found.append(answer.status_code)
    return found


def test_forwarded_headers_of_anybody_count_for_nothing(day: World) -> None:
    day.person("nadia")
    assert _guesses(day, day.base, 6) == [403] * 5 + [429]
    proto = {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example", "forwarded": "for=1"}
    shown = httpx.get(f"{day.base}/enter", headers=proto)
    assert "Secure" not in shown.headers["set-cookie"]
    assert "strict-transport-security" not in shown.headers
    assert "evil.example" not in shown.text
    sent = httpx.get(f"{day.base}/me", headers=proto)
    assert sent.headers["location"] == "/enter?to=/me"


def test_those_of_the_named_proxy_tell_people_apart(tmp_path: Path) -> None:
    settings = {"trusted_proxy": "127.0.0.1", "public_url": "https://golive.example"}
    with world(tmp_path, **settings) as launch:
        launch.invite()
        inside = f"http://127.0.0.1:{launch.settings.port}"
        assert _guesses(launch, inside, 6) == [403] * 6
        # A client's own header, which a proxy appends to, changes nothing.
        spoofed = {"x-forwarded-for": "198.51.100.7, 203.0.113.200"}
        assert _guesses(launch, inside, 6, **spoofed) == [403] * 5 + [429]
