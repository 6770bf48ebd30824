"""What the load balancer itself says: `Traffic` and `Balancer` over ELBv2 and EC2.

Which load balancer that is, the deployment group's own record says: nothing but the deployer has
to be configured.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from golive.adapters.aws import answers_elb as answers
from golive.adapters.aws.access import Access
from golive.adapters.aws.answers import plain
from golive.adapters.aws.client import Client
from golive.adapters.aws.openings import Openings, fits, openings
from golive.kernel.errors import PortError
from golive.ports.balancer import Exposure, Listener, Role
from golive.ports.target import DeployerConfig

_LOOKS = 5
"""CodeDeploy changes a listener's rules one after the other: where they differ, look again."""
_UDP = ("UDP", "QUIC")
Wire = Mapping[str, Any]


class ElasticLoadBalancing:
    """The load balancer in front of one deployment group's service. `sides` as in `CodeDeploy`;
    `client` makes the client of a service."""

    def __init__(
        self,
        config: DeployerConfig,
        *,
        sides: Mapping[str, str],
        timeout: float = 15.0,
        pause: float = 0.3,
        client: Callable[[Access, float, str], Client] = Client,
    ) -> None:
        self.fidelity = config.fidelity
        self._sides, self._pause = dict(sides), pause
        make = partial(client, Access.of(config), timeout)
        self._codedeploy, self._elbv2, self._ec2 = make("codedeploy"), make("elbv2"), make("ec2")
        self._own = {"applicationName": config.application, "deploymentGroupName": config.group}
        self._known: answers.Routes | None = None

    def weights(self) -> Mapping[str, float]:
        """See `golive.ports.deployer.Traffic`. Which listener it is, is asked once; PortError where
        its rules go on sending different requests different ways."""
        routes = self._known or self._routes()
        for look in range(_LOOKS):
            if look:
                time.sleep(self._pause)
            found = [
                share
                for listener in self._described(routes.production)
                for share in self._shares(listener, routes)
            ]
            same = answers.agreed(found, ", ".join(routes.production))
            if same is not None:
                return same
        raise PortError(
            "the production listener's rules share traffic out in different ways",
            where=", ".join(routes.production),
            hint="a rule of its own for the incoming side is production traffic too: remove it",
            answer="; ".join(str(dict(one)) for one in found),
        )

    def listeners(self) -> Sequence[Listener]:
        """Of every load balancer that the group's listeners or target groups belong to."""
        routes = self._routes()
        named = self._described([*routes.production, *routes.validation])
        balancers = {str(one["LoadBalancerArn"]) for one in named}
        balancers |= {
            arn for one in self._groups(routes) for arn in one.get("LoadBalancerArns", [])
        }
        found = []
        for arn in sorted(balancers):
            for page in self._elbv2.pages(
                "describe_listeners", asks="Marker", tells="NextMarker", LoadBalancerArn=arn
            ):
                found += [self._listener(one, routes) for one in page.get("Listeners", [])]
        return [one for one in found if one.shares]

    def exposures(self) -> Sequence[Exposure]:
        return [self._exposure(one) for one in self._described(self._routes().validation)]

    def targets(self) -> Mapping[str, Mapping[str, int]]:
        routes = self._routes()
        found: dict[str, Mapping[str, int]] = {}
        for group in self._groups(routes):
            arn = group["TargetGroupArn"]
            answer = self._elbv2.call("describe_target_health", TargetGroupArn=arn)
            states = [
                str(one.get("TargetHealth", {}).get("State", "unknown"))
                for one in answer.get("TargetHealthDescriptions", [])
            ]
            found[routes.groups[str(group["TargetGroupName"])]] = dict(Counter(states))
        return found

    # -- small parts ----------------------------------------------------------------------------

    def _routes(self) -> answers.Routes:
        found = self._codedeploy.call("get_deployment_group", **self._own)
        info = found.get("deploymentGroupInfo", {})
        self._known = answers.routes(info, self._sides)
        return self._known

    def _described(self, arns: Sequence[str]) -> Sequence[Wire]:
        """The listeners of these names, each of which is there."""
        if not arns:
            return []
        answer = self._elbv2.call("describe_listeners", ListenerArns=list(arns))
        found = answer.get("Listeners", [])
        missing = set(arns) - {str(one.get("ListenerArn")) for one in found}
        if missing:
            raise PortError("no such listener", where=", ".join(sorted(missing)))
        return list(found)

    def _groups(self, routes: answers.Routes) -> Sequence[Wire]:
        answer = self._elbv2.call("describe_target_groups", Names=sorted(routes.groups))
        return list(answer.get("TargetGroups", []))

    def _listener(self, described: Wire, routes: answers.Routes) -> Listener:
        arn = str(described["ListenerArn"])
        role = Role.VALIDATION if arn in routes.validation else Role.OTHER
        return Listener(
            name=arn,
            port=int(described.get("Port", 0)),
            role=Role.PRODUCTION if arn in routes.production else role,
            shares=answers.highest(self._shares(described, routes)),
        )

    def _shares(self, listener: Wire, routes: answers.Routes) -> Sequence[Mapping[str, float]]:
        """Of each of its rules that leads to a side."""
        actions = [listener.get("DefaultActions", [])]
        if listener.get("Protocol") in answers.ROUTED:
            for page in self._elbv2.pages(
                "describe_rules",
                asks="Marker",
                tells="NextMarker",
                ListenerArn=listener["ListenerArn"],
            ):
                rules = [one for one in page.get("Rules", []) if not one.get("IsDefault")]
                actions += [one.get("Actions", []) for one in rules]
        told = (answers.shares(one, routes.groups) for one in actions)
        return [one for one in told if one is not None]

    def _exposure(self, listener: Wire) -> Exposure:
        found = self._elbv2.call(
            "describe_load_balancers", LoadBalancerArns=[listener["LoadBalancerArn"]]
        ).get("LoadBalancers", [])
        if len(found) != 1:
            raise PortError("no such load balancer", where=str(listener["LoadBalancerArn"]))
        balancer = found[0]
        groups = [str(one) for one in balancer.get("SecurityGroups", [])]
        port = int(listener.get("Port", 0))
        rules = self._inbound(groups, port, listener) if groups else []
        lists = {
            one: self._prefixes(one)
            for one in sorted({str(rule.get("PrefixListId", "")) for rule in rules} - {""})
        }
        public, why = _judged(balancer, port, openings(rules, lists), bool(groups))
        return Exposure(
            listener=str(listener["ListenerArn"]),
            public=public,
            why=why,
            raw={
                "listener": plain(listener),
                "loadBalancer": plain(balancer),
                "inboundRules": [plain(one) for one in rules],
                "prefixLists": {name: list(networks) for name, networks in lists.items()},
            },
        )

    def _inbound(self, groups: Sequence[str], port: int, listener: Wire) -> Sequence[Wire]:
        protocol = "udp" if listener.get("Protocol") in _UDP else "tcp"
        wanted = [{"Name": "group-id", "Values": list(groups)}]
        return [
            rule
            for page in self._ec2.pages("describe_security_group_rules", Filters=wanted)
            for rule in page.get("SecurityGroupRules", [])
            if fits(rule, port, protocol)
        ]

    def _prefixes(self, prefix_list: str) -> Sequence[str]:
        return [
            str(one.get("Cidr", ""))
            for page in self._ec2.pages("get_managed_prefix_list_entries", PrefixListId=prefix_list)
            for one in page.get("Entries", [])
        ]


def _judged(balancer: Wire, port: int, found: Openings, guarded: bool) -> tuple[bool, str]:
    """Whether the world gets in at `port`, and why. A load balancer that is internal has no public
    address, whatever its security groups say."""
    name = f"{balancer.get('Scheme', 'a')} load balancer {balancer.get('LoadBalancerName', '')}"
    if not guarded:
        rules = "it has no security group"
    else:
        rules = f"its security groups let in on {port}: {', '.join(found.to) or 'nobody'}"
    if balancer.get("Scheme") == "internal":
        return False, f"{name}; {rules}"
    return bool(found.world) or not guarded, f"{name}; {rules}"
