"""What the stand-in has from the start, where it is asked to: as a prepared help desk would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from golive.stage.helpdesk.desk import Desk

ANSWERS: Final[Mapping[str, str]] = {
    "refund-how": "You can ask for a refund in the conversation of the order. We answer within two "
    "working days, and the money is back on the card that you paid with.",
    "sign-in": "Please ask for a new link on the sign-in page. It is good for fifteen minutes, and "
    "only the newest one works.",
    "payout-when": "Payouts leave on the second working day after a job was marked as done. Your "
    "bank may take one more day.",
    "my-data": "You can have a copy of your data, or have it erased: choose Privacy in your "
    "account and tell us which. We answer within a month.",
    "service-status": "We know about the trouble and are working on it. What we know stands on the "
    "status page, and we will write to you here once it is over.",
}
"""Short code to words."""
MACROS: Final[Mapping[str, tuple[str, str]]] = {
    "Known outage": ("service-status", "outage"),
    "Refund question": ("refund-how", "refund"),
}
"""Name to the answer that it sends and the label that it gives."""
_OPEN: Final = (7, 22)


def fill(desk: Desk) -> None:
    """Once: what is there already stays."""
    known = {str(one["short_code"]) for one in desk.canned_responses()}
    for code, content in ANSWERS.items():
        if code not in known:
            desk.add_canned_response({"short_code": code, "content": content})
    named = {str(one["name"]) for one in desk.macros()["payload"]}
    for name, (code, label) in MACROS.items():
        if name not in named:
            actions = [
                {"action_name": "send_message", "action_params": [ANSWERS[code]]},
                {"action_name": "add_label", "action_params": [label]},
            ]
            desk.add_macro({"name": name, "actions": actions})
    if not desk.the_inbox()["working_hours_enabled"]:
        desk.set_hours(dict.fromkeys(range(7), _OPEN))
