"""A service behind an Application Load Balancer in moto's AWS, and clients whose every request is
held against AWS's own model of the service."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import boto3

from golive.adapters.aws import ElasticLoadBalancing
from golive.adapters.aws.access import Access
from golive.adapters.aws.client import Client
from golive.kernel.fidelity import Fidelity
from golive.ports.target import DeployerConfig
from stage_world.shapes import walk

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
"""Machine images, which nobody here asks for, take moto half a second in every test."""
REGION = "eu-west-2"
SIDES = {"green": "", "blue": ""}
ANYBODY = {"CidrIp": "0.0.0.0/0"}
OFFICE = {"CidrIp": "198.51.100.0/24"}
CONFIG = DeployerConfig(
    application="shop", group="production", region=REGION, fidelity=Fidelity.SIMULATED
)


class CheckedClient(Client):
    """`refusals`: operation → the code of the error that it is answered with; `asked`: every
    operation, in order; `before`: called with each, before it is sent."""

    refusals: Mapping[str, str] = {}

    def __init__(self, access: Access, timeout: float, service: str) -> None:
        super().__init__(access, timeout, service)
        self._name = service

    def _client(self) -> Any:
        made, client = self._made, super()._client()
        if made is None:
            client.meta.events.register(f"before-parameter-build.{self._name}.*", _check)
            client.meta.events.register(f"before-call.{self._name}.*", self._refuse)
        return client

    def _refuse(self, model: Any, **_: Any) -> Any:
        code = self.refusals.get(model.name)
        if code is None:
            return None
        error = {"Code": code, "Message": "as the test has it"}
        return type("Answer", (), {"status_code": 400})(), {"Error": error}


def refusing(**refusals: str) -> type[CheckedClient]:
    """Operation → the error that answers it."""
    return type("RefusingClient", (CheckedClient,), {"refusals": refusals})


@cache
def _client(service: str) -> Any:
    """Made once: reading a service's model takes a while."""
    session: Any = boto3.Session("testing", "testing", region_name=REGION)
    return session.client(service)


def _check(params: Any, model: Any, **_: Any) -> None:
    walk(model.input_shape, _plain(params), model.name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


class Shop:
    """All production traffic on green, test traffic to blue. Only inside moto's `mock_aws`."""

    def __init__(self, *, scheme: str = "internet-facing") -> None:
        self.ec2 = _client("ec2")
        self.elb = _client("elbv2")
        self.codedeploy = _client("codedeploy")
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.group = self.ec2.create_security_group(
            GroupName="shop", Description="shop", VpcId=self.vpc
        )["GroupId"]
        self.balancer = self.load_balancer("shop", scheme)
        self.targets = {side: self.target_group(f"shop-{side}") for side in ("green", "blue")}
        self.production = self.listener(443, self.forward(green=1))
        self.validation = self.listener(9443, self.forward(blue=1))
        self.codedeploy.create_application(applicationName="shop", computePlatform="ECS")
        self.deployment_group("production", self.pair())

    def port(self, client: type[Client] = CheckedClient, **changes: Any) -> ElasticLoadBalancing:
        config = CONFIG.model_copy(update=changes)
        return ElasticLoadBalancing(config, sides=SIDES, client=client, pause=0.0)

    # -- parts ----------------------------------------------------------------------------------

    def load_balancer(self, name: str, scheme: str) -> str:
        subnets = [one["SubnetId"] for one in self.ec2.describe_subnets()["Subnets"][:2]]
        made = self.elb.create_load_balancer(
            Name=name, Subnets=subnets, SecurityGroups=[self.group], Scheme=scheme
        )
        arn: str = made["LoadBalancers"][0]["LoadBalancerArn"]
        return arn

    def target_group(self, name: str) -> str:
        made = self.elb.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip"
        )
        arn: str = made["TargetGroups"][0]["TargetGroupArn"]
        return arn

    def forward(self, **weights: int) -> Sequence[Any]:
        """Actions that share requests out to `targets` by weight."""
        groups = [
            {"TargetGroupArn": self.targets[name], "Weight": weight}
            for name, weight in weights.items()
        ]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]

    def listener(self, port: int, actions: Sequence[Any], balancer: str = "") -> str:
        made = self.elb.create_listener(
            LoadBalancerArn=balancer or self.balancer,
            Protocol="HTTP",
            Port=port,
            DefaultActions=list(actions),
        )
        arn: str = made["Listeners"][0]["ListenerArn"]
        return arn

    def reached_at(self, port: int, **weights: int) -> None:
        """Another listener, which shares requests out by weight."""
        self.listener(port, self.forward(**weights))

    def rule(self, listener: str, path: str, actions: Sequence[Any], priority: int = 1) -> str:
        condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}
        made = self.elb.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=list(actions)
        )
        arn: str = made["Rules"][0]["RuleArn"]
        return arn

    def shift(self, **weights: int) -> None:
        self.elb.modify_listener(
            ListenerArn=self.production, DefaultActions=list(self.forward(**weights))
        )

    def allow(
        self, first: int = 9443, last: int = 9443, protocol: str = "tcp", **source: Any
    ) -> None:
        """An inbound rule; `source` as a member of IpPermissions (`IpRanges=[…]`)."""
        permission = {"IpProtocol": protocol, **source}
        if protocol != "-1":
            permission |= {"FromPort": first, "ToPort": last}
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[permission])

    def forbid(self) -> None:
        """No inbound rule is left."""
        wanted = [{"Name": "group-id", "Values": [self.group]}]
        rules = self.ec2.describe_security_group_rules(Filters=wanted)["SecurityGroupRules"]
        inbound = [one["SecurityGroupRuleId"] for one in rules if not one["IsEgress"]]
        self.ec2.revoke_security_group_ingress(GroupId=self.group, SecurityGroupRuleIds=inbound)

    def pair(self, **changes: Any) -> Mapping[str, Any]:
        return {
            "targetGroups": [{"name": "shop-green"}, {"name": "shop-blue"}],
            "prodTrafficRoute": {"listenerArns": [self.production]},
            "testTrafficRoute": {"listenerArns": [self.validation]},
            **changes,
        }

    def deployment_group(self, name: str, *pairs: Mapping[str, Any]) -> None:
        self.codedeploy.create_deployment_group(
            applicationName="shop",
            deploymentGroupName=name,
            serviceRoleArn="arn:aws:iam::123456789012:role/shop",
            loadBalancerInfo={"targetGroupPairInfoList": list(pairs)},
            ecsServices=[{"serviceName": "shop", "clusterName": "shop"}],
        )
