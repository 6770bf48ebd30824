"""Before the day: does the target answer, in every part that its file names? Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from golive.kernel.errors import GoliveError
from golive.ports.marketplace import Marketplace
from golive.ports.secrets import read_secret
from golive.ports.series import READINESS, SIDE, Combine, Query
from golive.ports.target import AccountConfig, Target
from golive.rehearsal.examine import Grade, Sign, looked
from golive.rehearsal.examine_deploying import of_deploying


def of_target(target: Target) -> Iterator[Sign]:
    """Credentials first, without a request; then each part, asked once."""
    config = target.config
    yield Sign(Grade.OK, f"target {config.name}: {config.incoming} comes in, {config.old} is old")
    readable = {role for role, account in config.accounts.items() if _readable(role, account)}
    for role, account in config.accounts.items():
        yield looked(f"account {role}", partial(_credential, role, account))
    for what, look in _parts(target):
        yield looked(what, look)
    way_in = target.production or next(iter(target.instances.values()), None)
    if way_in is not None:
        for role in sorted(readable):
            yield looked(f"sign-in as {role}", partial(_sign_in, way_in, role))


def _parts(target: Target) -> Iterator[tuple[str, Callable[[], Sign]]]:
    config = target.config
    for side, instance in target.instances.items():
        yield f"side {side}", partial(_health, f"side {side}", instance, "")
    if target.production is not None:
        yield "production", partial(_health, "production", target.production, config.old)
    if target.validation is not None:
        yield "validation", partial(_health, "validation", target.validation, config.incoming)
    for side in target.readiness_files:
        yield f"readiness file of {side}", partial(_readiness, target, side)
    for side in target.metrics:
        yield f"metrics of {side}", partial(_metrics, target, side)
    yield from of_deploying(target)
    if target.series is not None:
        yield "metrics over time", partial(_series, target)
    if target.dashboards is not None:
        yield "dashboards", partial(_dashboards, target)
    if target.helpdesk is not None:
        yield "help desk", partial(_help_desk, target)
    if target.code_host is not None:
        yield "code host", partial(_code_host, target)
    if target.wiki is not None:
        yield "wiki", partial(_wiki, target)


def _readable(role: str, account: AccountConfig) -> bool:
    try:
        _credential(role, account)
    except GoliveError:
        return False
    return True


def _credential(role: str, account: AccountConfig) -> Sign:
    read_secret(account.password.env, account.password.file, of=f"the {role}'s password")
    return Sign(Grade.OK, f"account {role}: its password can be read")


def _health(what: str, instance: Marketplace, expected: str) -> Sign:
    health = instance.health()
    told = f"{what}: {instance.url}, {health.instance or 'unnamed'} {health.version}"
    if not health.alive:
        return Sign(Grade.FAIL, f"{told}, not healthy", "see what its /healthz says")
    if not health.ready:
        return Sign(Grade.WARN, f"{told}, not ready", "see what its /readyz says")
    if expected and health.instance and health.instance != expected:
        return Sign(
            Grade.WARN,
            f"{told}, where {expected} was expected",
            "is a cutover under way, or are `old` and `incoming` the wrong way round?",
        )
    return Sign(Grade.OK, told.rstrip())


def _readiness(target: Target, side: str) -> Sign:
    size = len(target.readiness_files[side].read())
    return Sign(Grade.OK, f"readiness file of {side}: {size} bytes")


def _metrics(target: Target, side: str) -> Sign:
    _, samples = target.metrics[side].scrape()
    if not samples:
        return Sign(Grade.WARN, f"metrics of {side}: none", "checks on them will be inconclusive")
    return Sign(Grade.OK, f"metrics of {side}: {len(samples)} samples")


def _series(target: Target) -> Sign:
    """Readiness over the last minutes: a gauge that is there without any traffic."""
    assert target.series is not None
    now = datetime.now(UTC)
    asked = Query(READINESS, by=(SIDE,), combine=Combine.MIN)
    found = target.series.query(asked, now - timedelta(minutes=5), now, 60.0)
    sides = sorted({one.labels.get(SIDE, "") for one in found})
    missing = [side for side in target.config.sides if side not in sides]
    if missing:
        return Sign(
            Grade.WARN,
            f"metrics over time: {target.series.source} knows nothing of {', '.join(missing)}",
            "dashboards will be inconclusive: does it scrape them, and label them so?",
        )
    return Sign(Grade.OK, f"metrics over time: {target.series.source}")


def _dashboards(target: Target) -> Sign:
    assert target.dashboards is not None
    standing = target.dashboards.standing()
    told = f"dashboards: {target.dashboards.source} {standing.version}".rstrip()
    if not standing.renders:
        return Sign(Grade.OK, f"{told}; without an image renderer, so pictures are drawn here")
    return Sign(Grade.OK, f"{told}, renders pictures")


def _help_desk(target: Target) -> Sign:
    assert target.helpdesk is not None
    answers = target.helpdesk.answers()
    told = f"help desk: {target.helpdesk.url}, {len(answers)} macros and canned responses"
    return Sign(Grade.OK, told)


def _code_host(target: Target) -> Sign:
    assert target.code_host is not None
    found = target.code_host.workflows()
    told = f"code host: {target.code_host.url}, {', '.join(found) or 'no workflows'}"
    if not found:
        return Sign(Grade.WARN, told, "a drill `workflow` would have nothing to start")
    return Sign(Grade.OK, told)


def _wiki(target: Target) -> Sign:
    """A page that is looked for needs no more than to be let in."""
    assert target.wiki is not None
    target.wiki.find("Golive")
    return Sign(Grade.OK, f"wiki: {target.wiki.where}")


def _sign_in(way_in: Marketplace, role: str) -> Sign:
    session = way_in.login(role)
    if session.role and session.role != role:
        return Sign(
            Grade.WARN,
            f"sign-in as {role}: the account has the role {session.role}",
            "name the right account in the target file",
        )
    return Sign(Grade.OK, f"sign-in as {role}: accepted")
