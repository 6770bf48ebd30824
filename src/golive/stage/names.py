"""The stage's names in AWS's terms. The account is one that AWS gives to nobody."""

from __future__ import annotations

import zlib

from golive.stage.settings import SIDES, VERSIONS

REGION = "eu-west-2"
PROFILE = "golive-stage"
"""What the key is called in the stage's credentials file."""
ACCOUNT = "000000000000"
APPLICATION = "fixnado"
GROUP = "fixnado-stage"
CLUSTER = "stage"
SERVICE = "fixnado"
TARGET_ID = f"{CLUSTER}:{SERVICE}"
SERVICE_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/{SERVICE}"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/stage-codedeploy"
LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/stage/caddy"
PRODUCTION_LISTENER = f"{LISTENER}/production"
TEST_LISTENER = f"{LISTENER}/validation"
CONTAINER = "fixnado"
HOOK = "rehearsal"
HELP_DESK_ACCOUNT = 1
HELP_DESK_INBOX = 1
HELP_DESK_TEAM = 1


def family(side: str) -> str:
    """The task definition family that only `side` runs, and the name of its target group."""
    return f"fixnado-{side}"


def task_definition(side: str, revision: str) -> str:
    """`arn:…:task-definition/fixnado-blue:100`: a revision is a whole number."""
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family(side)}:{revision}"


def first_definition(side: str) -> str:
    """What `side` runs before anything was deployed: the revision is its version's digits, as a
    rehearsal writes it."""
    return task_definition(side, "".join(filter(str.isdigit, VERSIONS[side])))


def side_of(name: str) -> str | None:
    """The side that a target group or a task definition (name or ARN) belongs to."""
    plain = name.rsplit("/", 1)[-1].split(":", 1)[0]
    return next((side for side in SIDES if plain == family(side)), None)


def target_group_arn(side: str) -> str:
    balancer = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup"
    return f"{balancer}/{family(side)}/{zlib.crc32(side.encode()):016x}"


def task_set(side: str, definition: str) -> str:
    """The id of the task set that `side` runs of `definition`: the same as long as both are."""
    return f"ecs-svc/{zlib.crc32(f'{side} {definition}'.encode()):019d}"
