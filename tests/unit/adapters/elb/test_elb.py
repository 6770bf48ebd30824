"""The load balancer in AWS: its rules, its refusals, and who its security groups let in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from aws_world import ANYBODY, CheckedClient, Shop, refusing
from golive.adapters.aws.access import Access
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.ports.balancer import Role

HALVES = [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Shop()


# -- weights ------------------------------------------------------------------------------------


def test_rules_of_other_services_are_no_traffic_of_ours(shop: Shop) -> None:
    shop.targets["other"] = shop.target_group("other")
    shop.rule(shop.production, "/other/*", shop.forward(other=1))
    shop.shift(green=9, blue=1)
    assert shop.port().weights() == {"green": 90.0, "blue": 10.0}


def test_a_default_that_forwards_nothing_leaves_it_to_the_rules(shop: Shop) -> None:
    refusal = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    shop.elb.modify_listener(ListenerArn=shop.production, DefaultActions=[refusal])
    with pytest.raises(PortError, match="neither side's target group"):
        shop.port().weights()
    shop.rule(shop.production, "/shop/*", shop.forward(green=1))
    assert shop.port().weights() == {"green": 100.0, "blue": 0.0}


def test_a_rule_of_its_own_for_the_incoming_side_is_not_overlooked(shop: Shop) -> None:
    shop.rule(shop.production, "/beta/*", shop.forward(blue=1))
    with pytest.raises(PortError, match="in different ways") as caught:
        shop.port().weights()
    assert "'blue': 100.0" in caught.value.answer
    (production,) = [one for one in shop.port().listeners() if one.role is Role.PRODUCTION]
    assert production.shares == {"green": 100.0, "blue": 100.0}


def test_rules_that_differ_while_they_are_changed_are_looked_at_again(shop: Shop) -> None:
    rule = shop.rule(shop.production, "/shop/*", shop.forward(green=1))
    shop.shift(green=9, blue=1)

    class Changing(CheckedClient):
        def call(self, operation: str, **members: Any) -> dict[str, Any]:
            answer = super().call(operation, **members)
            if operation == "describe_rules":
                shop.elb.modify_rule(RuleArn=rule, Actions=list(shop.forward(green=9, blue=1)))
            return answer

    assert shop.port(Changing).weights() == {"green": 90.0, "blue": 10.0}


@pytest.mark.parametrize("weights", [{"green": 0, "blue": 0}, {"green": 1, "other": 1}])
def test_traffic_that_reaches_neither_side_is_an_error(shop: Shop, weights: dict[str, int]) -> None:
    shop.targets["other"] = shop.target_group("other")
    shop.shift(**weights)
    with pytest.raises(PortError, match="all of its traffic"):
        shop.port().weights()


# -- what the group's record says ---------------------------------------------------------------


def test_target_groups_that_nobody_can_tell_apart_are_asked_for(shop: Shop) -> None:
    for name in ("one", "two"):
        shop.target_group(name)
    shop.deployment_group("odd", shop.pair(targetGroups=[{"name": "one"}, {"name": "two"}]))
    with pytest.raises(PortError, match="one, two are not told apart") as caught:
        shop.port(group="odd").weights()
    assert "target_group" in caught.value.hint


def test_one_pair_of_target_groups_it_must_be(shop: Shop) -> None:
    shop.deployment_group("none")
    shop.deployment_group("two", shop.pair(), shop.pair())
    for group, count in (("none", 0), ("two", 2)):
        with pytest.raises(PortError, match=f"{count} pairs"):
            shop.port(group=group).weights()


def test_a_group_without_a_test_listener_exposes_none(shop: Shop) -> None:
    shop.deployment_group("plain", shop.pair(testTrafficRoute={}))
    assert shop.port(group="plain").exposures() == []


def test_a_test_listener_may_belong_to_a_load_balancer_of_its_own(shop: Shop) -> None:
    inner = shop.load_balancer("inner", "internal")
    test = shop.listener(8443, shop.forward(blue=1), inner)
    shop.deployment_group("apart", shop.pair(testTrafficRoute={"listenerArns": [test]}))
    shop.allow(8443, 8443, IpRanges=[ANYBODY])
    port = shop.port(group="apart")
    (exposure,) = port.exposures()
    assert exposure.public is False
    assert "internal load balancer inner" in exposure.why
    roles = {one.port: (one.role, dict(one.shares)) for one in port.listeners()}
    assert roles == {
        443: (Role.PRODUCTION, {"green": 100.0}),
        8443: (Role.VALIDATION, {"blue": 100.0}),
        9443: (Role.OTHER, {"blue": 100.0}),
    }


def test_targets_health_is_the_load_balancers_own(shop: Shop) -> None:
    shop.elb.register_targets(
        TargetGroupArn=shop.targets["green"], Targets=[{"Id": "10.0.0.1"}, {"Id": "10.0.0.2"}]
    )
    found = shop.port().targets()
    assert sum(found["green"].values()) == 2
    assert found["blue"] == {}


# -- who is let in ------------------------------------------------------------------------------


LETS_IN: list[tuple[dict[str, Any], bool]] = [
    ({"IpRanges": [ANYBODY]}, True),
    ({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, True),
    ({"Ipv6Ranges": [{"CidrIpv6": "2000::/3"}]}, True),
    ({"IpRanges": HALVES}, True),
    ({"IpRanges": HALVES[:1]}, True),
    ({"IpRanges": [ANYBODY], "first": 0, "last": 65535}, True),
    ({"IpRanges": [ANYBODY], "protocol": "-1"}, True),
    ({"IpRanges": [ANYBODY], "first": 443, "last": 9442}, False),
    ({"IpRanges": [ANYBODY], "protocol": "udp"}, False),
    ({"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, False),
    ({"Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}, False),
]


def test_the_world_is_let_in_or_not(shop: Shop) -> None:
    port = shop.port()
    for rule, public in LETS_IN:
        shop.allow(**rule)
        (found,) = port.exposures()
        assert found.public is public, f"{rule}: {found.why}"
        shop.forbid()


def test_nobody_is_let_in_where_no_rule_fits(shop: Shop) -> None:
    """What goes out is no way in."""
    (found,) = shop.port().exposures()
    assert (found.public, found.why.endswith("let in on 9443: nobody")) == (False, True)


def test_members_of_another_group_are_not_the_world(shop: Shop) -> None:
    shop.allow(UserIdGroupPairs=[{"GroupId": shop.group}])
    (found,) = shop.port().exposures()
    assert found.public is False
    assert f"members of {shop.group}" in found.why


@pytest.mark.parametrize(("cidr", "public"), [("198.51.100.0/24", False), ("0.0.0.0/0", True)])
def test_prefix_lists_are_looked_into(shop: Shop, cidr: str, public: bool) -> None:
    made = shop.ec2.create_managed_prefix_list(
        PrefixListName="office", AddressFamily="IPv4", MaxEntries=5, Entries=[{"Cidr": cidr}]
    )
    identifier = made["PrefixList"]["PrefixListId"]
    shop.allow(PrefixListIds=[{"PrefixListId": identifier}])
    (found,) = shop.port().exposures()
    assert found.public is public
    assert identifier in found.why
    assert found.raw["prefixLists"] == {identifier: [cidr]}


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "code", "ask"),
    [
        ("DescribeListeners", "AccessDenied", "weights"),
        ("DescribeRules", "AccessDenied", "listeners"),
        ("DescribeLoadBalancers", "AccessDenied", "exposures"),
        ("DescribeSecurityGroupRules", "UnauthorizedOperation", "exposures"),
        ("DescribeTargetHealth", "AccessDenied", "targets"),
    ],
)
def test_a_missing_permission_says_where_to_find_it(
    shop: Shop, operation: str, code: str, ask: str
) -> None:
    with pytest.raises(PortError, match=code) as caught:
        getattr(shop.port(refusing(**{operation: code})), ask)()
    assert not isinstance(caught.value, Unreachable)
    assert "docs/stage.md" in caught.value.hint
    assert caught.value.answer == f"{code}: as the test has it"


@pytest.mark.parametrize("code", ["Throttling", "RequestLimitExceeded"])
def test_asked_too_often_may_be_asked_again(shop: Shop, code: str) -> None:
    with pytest.raises(Unreachable, match=code):
        shop.port(refusing(DescribeListeners=code)).weights()


def test_a_listener_that_is_gone_is_named(shop: Shop) -> None:
    shop.elb.delete_listener(ListenerArn=shop.validation)
    with pytest.raises(PortError) as caught:
        shop.port().exposures()
    assert "gone" in caught.value.hint or shop.validation in caught.value.where
    assert shop.port().weights() == {"green": 100.0, "blue": 0.0}


def test_nobody_there_is_unreachable(shop: Shop) -> None:
    with pytest.raises(Unreachable):
        shop.port(endpoint="http://127.0.0.1:9").weights()


# -- the role -----------------------------------------------------------------------------------


def test_a_role_is_assumed_and_signs_what_is_asked(shop: Shop) -> None:
    signed: list[tuple[str, str]] = []

    class Watched(CheckedClient):
        def _client(self) -> Any:
            client = super()._client()
            client.meta.events.register("before-send.*.*", self._see, unique_id="see")
            return client

        def _see(self, request: Any, **_: Any) -> None:
            signed.append((self._name, str(request.headers["Authorization"])))

    role = "arn:aws:iam::123456789012:role/golive"
    assert shop.port(Watched, role=role).weights() == {"green": 100.0, "blue": 0.0}
    assert {name for name, _ in signed} == {"codedeploy", "elbv2"}
    assert all("Credential=ASIA" in header for _, header in signed)


def test_a_role_without_credentials_to_assume_it_is_not_set_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    access = Access("eu-west-2", role="arn:aws:iam::123456789012:role/golive")
    with pytest.raises(NotConfigured, match="credentials"):
        CheckedClient(access, 2.0, "elbv2").call("describe_listeners")
