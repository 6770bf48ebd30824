"""A small launch with everything that people decide on: objectives, risks, a sign-off list, eight
people of whom one is a deputy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console_world import PASSPHRASE, Browser, World

PEOPLE: Mapping[str, tuple[str, str]] = {
    "nadia": ("Programme Manager", ""),
    "tom": ("DevOps Lead", ""),
    "ines": ("Product Lead", "DevOps Lead"),
    "asha": ("QA Lead", ""),
    "greta": ("Compliance Lead", "Legal Counsel"),
    "owen": ("Finance Lead", ""),
    "marta": ("Support Lead", ""),
    "ruth": ("Executive Sponsor", ""),
    "daniel": ("Legal Counsel", ""),
}
"""Daniel is away all day: Greta is the deputy."""
PRESENT = tuple(name for name in PEOPLE if name != "daniel")

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
---
# A launch

## Objectives
- The way in works, and [two people say so](#checks).
- The notices are [published](#notices).

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00–09:30 | [Kick-off](#kick-off) | Programme Manager | |
| 09:30–10:00 | [Checks](#checks) | QA Lead | `out/minutes.txt` |
| 10:00–10:30 | [Notices](#notices) | Legal Counsel | |
| 10:30–11:00 | [Money and help](#money-and-help) | Finance Lead | |

## Kick-off
- [ ] Everybody is here

## Checks
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
approve: {by: [DevOps Lead, Programme Manager], persons: 2, within: 30m}
```
- [ ] Minutes are kept (upload: `out/minutes.txt`)

## Notices
- [ ] The notices are the right ones (by: Legal Counsel)

## Money and help
- [ ] The ledger balances (by: Finance Lead)
- [ ] The desk is staffed (by: Support Lead)

## Risks
| Risk | Impact | Likelihood | Mitigation | Owner |
| --- | --- | --- | --- | --- |
| Nobody can sign in | High | Rare | [Try it](#checks) | DevOps Lead |
| A notice is the old one | Medium | Unlikely | [Read it](#notices) | |

## Sign-off
- **DevOps Lead**: the [way in](#checks) works.
- **Legal Counsel**: the [notices](#notices) are right.
- **Executive Sponsor**: decides.
"""


def roster() -> bytes:
    """Everybody, without keys."""
    return "\n".join(
        f'[[person]]\nid = "{name}"\nname = "{name.title()} Example"\n'
        f'email = "{name}@rehearsal.fixnado.example"\nroles = ["{role}"]\n'
        f"deputy_for = {_list(deputy)}\n"
        for name, (role, deputy) in PEOPLE.items()
    ).encode()


def _list(role: str) -> str:
    return f'["{role}"]' if role else "[]"


def prepare(world: World, present: Sequence[str] = PRESENT) -> None:
    """Everybody who is present is invited."""
    world.people = roster()
    world.invite(*present)


def whole_day(world: World) -> dict[str, Browser]:
    """Everything that is asked for is done, by forms; everybody present with their browser."""
    world.start(PLAYBOOK)
    people = {name: world.person(name) for name in PRESENT}
    people["nadia"].act(world.waiting("kick-off/1"), "confirm")
    plan = world.waiting("checks/1")
    for name in ("tom", "nadia"):
        people[name].act(plan, "approve", passphrase=PASSPHRASE)
    minutes = people["asha"].bring(world.waiting("checks/2"), "minutes.txt", b"All are here.\n")
    people["asha"].send(people["asha"].form(minutes.url.path, "/confirm"))
    people["greta"].act(world.waiting("notices/1"), "confirm")
    people["owen"].act(world.waiting("money-and-help/1"), "confirm")
    people["marta"].act(world.waiting("money-and-help/2"), "confirm")
    world.finish()
    return people


def sign(world: World, browser: Browser, decision: str = "go", **values: str) -> str:
    """What the page says after `browser`'s owner has signed."""
    from console_world import said

    page = f"/runs/{world.folder.name}/sign"
    given = {"decision": decision, "comment": "I have looked", "passphrase": PASSPHRASE}
    return said(browser.send(browser.form(page, "/sign/say"), **{**given, **values}))
