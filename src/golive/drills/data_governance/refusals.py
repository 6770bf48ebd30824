"""What must not work: the wrong role, somebody else's case, nobody at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from golive.drillkit.attempts import refused
from golive.drills.data_governance.params import Ctx, case_id, desk
from golive.kernel.json import Json
from golive.ports.marketplace import Session

_HIDDEN = (403, 404)
"""Refused, or not told that it exists: either keeps a case closed."""
_NOBODY = (401, 403)


def refusals(ctx: Ctx) -> Json:
    """Try each, and hold it to being refused."""
    market, identifier = desk(ctx), case_id(ctx)
    params = ctx.params
    subject = market.login(params.role)
    forged = replace(
        subject,
        # an id that no session is known by, so that the adapter sends just these headers
        user_id="",
        authorisation={
            **subject.authorisation,
            "X-Role": params.officer,
            "X-User-Role": params.officer,
            "X-Fixnado-Role": params.officer,
        },
    )
    key = ctx.key("refusals")
    tries: tuple[tuple[str, str, tuple[int, ...], Callable[[], object]], ...] = (
        (
            "wrong-role-refused",
            f"the role {params.role} can't have an export made",
            (403,),
            lambda: market.make_export(subject, identifier, f"{key}-role"),
        ),
        (
            "role-in-header-refused",
            f"a header that claims the role {params.officer} changes nothing",
            (403,),
            lambda: market.make_export(forged, identifier, f"{key}-header"),
        ),
        (
            "others-case-closed",
            f"the role {params.other} can't see the case",
            _HIDDEN,
            lambda: market.data_request(market.login(params.other), identifier),
        ),
        (
            "others-export-closed",
            f"the role {params.other} can't see what was exported",
            _HIDDEN,
            lambda: market.manifest(market.login(params.other), identifier),
        ),
        (
            "for-another-refused",
            "nobody files a request about somebody else's data",
            (403,),
            lambda: market.file_request(
                subject,
                kind="access",
                email=market.address(params.other),
                reference=f"{params.reference}-X{key[:8].upper()}",
                key=f"{key}-another",
            ),
        ),
        (
            "nobody-refused",
            "the case is closed to those who aren't signed in",
            _NOBODY,
            lambda: market.data_request(Session("", "", {}), identifier),
        ),
    )
    return {name: refused(ctx, name, claim, good, act) for name, claim, good, act in tries}
