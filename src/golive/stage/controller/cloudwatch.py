"""CloudWatch's alarms, as far as a cutover asks for them: what they watch, and a state set by hand.

`SetAlarmState` rehearses an alarm without a broken release. As in CloudWatch the state lasts until
the alarm's next evaluation, which comes after a stage minute here, two seconds at least.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from golive.stage import names
from golive.stage.controller.alarms import ALARMS, LATENCY, READINESS, TARGET_5XX
from golive.stage.controller.errors import ApiError
from golive.stage.controller.store import Store

Body = Mapping[str, Any]
_KIND = "alarm"
_LASTS = 2.0
_WATCHES: Mapping[str, Mapping[str, Any]] = {
    TARGET_5XX: {
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Namespace": "AWS/ApplicationELB",
        "Statistic": "Sum",
        "Threshold": 3.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    },
    LATENCY: {
        "MetricName": "TargetResponseTime",
        "Namespace": "AWS/ApplicationELB",
        "Statistic": "Average",
        "Threshold": 0.6,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    },
    READINESS: {
        "MetricName": "fixnado_readiness_status",
        "Namespace": "Fixnado",
        "Statistic": "Minimum",
        "Threshold": 0.75,
        "ComparisonOperator": "LessThanThreshold",
    },
}


class CloudWatch:
    """`firing` are the alarms that a deployment under way finds active by their metrics, with why;
    `minute` is how many seconds a minute takes."""

    def __init__(self, store: Store, minute: float, firing: Callable[[], Mapping[str, str]]):
        self._store, self._lasts, self._firing = store, max(minute, _LASTS), firing

    def set_alarm_state(self, body: Body) -> Body:
        name = body["AlarmName"]
        if name not in ALARMS:
            raise ApiError("ResourceNotFound", f"there is no alarm {name}")
        kept = {"state": body["StateValue"], "reason": body["StateReason"], "at": time.time()}
        self._store.put(_KIND, name, kept)
        return {}

    def describe_alarms(self, body: Body) -> Body:
        wanted, prefix = body.get("AlarmNames"), body.get("AlarmNamePrefix", "")
        fitting = [name for name in ALARMS if not wanted or name in wanted]
        shown = [self._shown(name) for name in fitting if name.startswith(prefix)]
        state = body.get("StateValue")
        return {"MetricAlarms": [one for one in shown if state in (None, one["StateValue"])]}

    def forced(self) -> Mapping[str, str]:
        """Alarms that were set to ALARM by hand and not evaluated since, with why."""
        return {name: kept["reason"] for name in ALARMS if (kept := self._set(name)) is not None}

    def _set(self, name: str) -> Body | None:
        kept = self._store.get(_KIND, name)
        fresh = kept is not None and time.time() - kept["at"] < self._lasts
        return kept if kept is not None and fresh and kept["state"] == "ALARM" else None

    def _shown(self, name: str) -> dict[str, Any]:
        kept, firing = self._set(name), self._firing()
        by_hand = kept["reason"] if kept is not None else ""
        why = by_hand or firing.get(name, "")
        return {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:{names.REGION}:{names.ACCOUNT}:alarm:{name}",
            "ActionsEnabled": False,
            "StateValue": "ALARM" if why else "OK",
            "StateReason": why or "within its threshold",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Dimensions": [],
            "TreatMissingData": "notBreaching",
            **_WATCHES[name],
        }
