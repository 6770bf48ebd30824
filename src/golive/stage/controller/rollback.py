"""A rollback is a deployment of its own, linked both ways. Pure."""

from __future__ import annotations

import json
import secrets
import string
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from golive.stage import names
from golive.stage.controller import appspec
from golive.stage.controller.records import (
    FAILURE,
    ROLLBACK_CREATOR,
    STOP_ON_ALARM,
    STOP_ON_REQUEST,
    Record,
)
from golive.stage.controller.routing import ALL_AT_ONCE_NAME, DEFAULTS

_LETTERS = string.ascii_uppercase + string.digits


def new_id() -> str:
    """`d-` and nine capitals or digits, as AWS makes them."""
    return "d-" + "".join(secrets.choice(_LETTERS) for _ in range(9))


def due(record: Record, trigger: str) -> bool:
    """Whether `record`, ended by `trigger`, must be rolled back.

    A stop request says so itself; a failure or an alarm when the group's events do. Before Install
    there is nothing to bring back ("a rollback is not possible at this point"), and a rollback is
    never rolled back.
    """
    if record.is_rollback or record.event("Install").started is None:
        return False
    if trigger == STOP_ON_REQUEST:
        return record.stop == "rollback"
    return trigger in record.rollback_events


def pair(record: Record, trigger: str, earlier: Sequence[Record]) -> tuple[Record, Record]:
    """`record`, which has just ended, and the deployment that brings its traffic back."""
    identifier = new_id()
    undoing = Record(
        id=identifier,
        application=record.application,
        group=record.group,
        config=ALL_AT_ONCE_NAME,
        routing=DEFAULTS[ALL_AT_ONCE_NAME],
        revision=_last_good(record, earlier),
        old=record.old,
        incoming=record.incoming,
        weights=record.weights,
        created=time.time(),
        creator=ROLLBACK_CREATOR,
        description=f"Rollback of deployment {record.id}",
        rollback_events=(),
        settings=record.settings,
        test_listener=record.test_listener,
        validation=record.validation,
        triggering_id=record.id,
        rollback_message=f"Deployment {record.id} {_WHY[trigger]}; traffic goes back to its "
        f"original task set",
    )
    message = f"Deployment {identifier} rolls this deployment back"
    return replace(record, rollback_id=identifier, rollback_message=message), undoing


_WHY = {
    FAILURE: "failed",
    STOP_ON_ALARM: "was stopped by an alarm",
    STOP_ON_REQUEST: "was stopped on request",
}


def _last_good(record: Record, earlier: Sequence[Record]) -> dict[str, Any]:
    """What the last deployment that succeeded put on the side that traffic goes back to."""
    for one in earlier:
        if one.status == "Succeeded" and not one.is_rollback and one.incoming == record.old:
            return dict(one.revision)
    return revision(names.first_definition(record.old))


def definition_of(side: str, earlier: Sequence[Record]) -> str:
    """The task definition that `side` runs: what the last deployment that succeeded brought in."""
    for one in earlier:
        if one.status == "Succeeded" and not one.is_rollback and one.incoming == side:
            return appspec.of_revision(one.revision).task_definition
    return names.first_definition(side)


def revision(task_definition: str) -> dict[str, Any]:
    """The AppSpec for `task_definition` as a RevisionLocation."""
    service = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": task_definition,
            "LoadBalancerInfo": {"ContainerName": names.CONTAINER, "ContainerPort": 8080},
        },
    }
    content = json.dumps({"version": 0.0, "Resources": [{"TargetService": service}]})
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
