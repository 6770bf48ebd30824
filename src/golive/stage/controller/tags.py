"""Tags of applications and deployment groups."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from golive.stage import names
from golive.stage.controller.errors import ApiError
from golive.stage.controller.paging import page
from golive.stage.controller.store import Store

if TYPE_CHECKING:
    from golive.stage.controller.resources import Resources

Body = Mapping[str, Any]
_KIND = "tags"
_MOST = 50
_ARN = re.compile(r"arn:aws[a-z-]*:codedeploy:[a-z0-9-]+:\d{12}:(\w+):(.+)")


def arn_of(application: str, group: str = "") -> str:
    """The ARN of an application, or of one of its deployment groups."""
    start = f"arn:aws:codedeploy:{names.REGION}:{names.ACCOUNT}"
    if group:
        return f"{start}:deploymentgroup:{application}/{group}"
    return f"{start}:application:{application}"


def keep(store: Store, arn: str, tags: Sequence[Body]) -> None:
    """Add `tags` to what `arn` has; a key that is there gets the new value."""
    if not all(one.get("Key") for one in tags):
        raise ApiError("InvalidTagsToAddException", "each tag must have a key")
    new = {one["Key"]: one.get("Value", "") for one in tags}
    kept = {**(store.get(_KIND, arn) or {}), **new}
    if len(kept) > _MOST:
        raise ApiError("InvalidTagsToAddException", f"at most {_MOST} tags")
    if new:
        store.put(_KIND, arn, kept)


class Tags:
    """Each method is one operation: validated members in, the answer out."""

    def __init__(self, store: Store, resources: Resources) -> None:
        self._store, self._resources = store, resources

    def tag_resource(self, body: Body) -> Body:
        keep(self._store, self._known(body["ResourceArn"]), body["Tags"])
        return {}

    def untag_resource(self, body: Body) -> Body:
        arn = self._known(body["ResourceArn"])
        kept = self._store.get(_KIND, arn) or {}
        left = {key: value for key, value in kept.items() if key not in body["TagKeys"]}
        self._store.put(_KIND, arn, left)
        return {}

    def list_tags_for_resource(self, body: Body) -> Body:
        kept = self._store.get(_KIND, _arn(body["ResourceArn"])[0]) or {}
        listed = [{"Key": key, "Value": value} for key, value in kept.items()]
        answer = page("Tags", listed, {"nextToken": body.get("NextToken")})
        return {name[:1].upper() + name[1:]: value for name, value in answer.items()}

    def _known(self, arn: str) -> str:
        """`arn`, once what it names is found."""
        arn, kind, name = _arn(arn)
        application, _, group = name.partition("/")
        if kind == "application":
            self._resources.application(name)
        else:
            self._resources.group(application, group)
        return arn


def _arn(text: str) -> tuple[str, str, str]:
    """The ARN, the kind of resource in it and its name."""
    match = _ARN.fullmatch(text)
    if match is None:
        raise ApiError("InvalidArnException", "this is no ARN of CodeDeploy's")
    if match.group(1) not in ("application", "deploymentgroup"):
        raise ApiError("ArnNotSupportedException", f"a {match.group(1)} has no tags")
    return text, match.group(1), match.group(2)
