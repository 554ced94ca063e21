"""Renewals that older versions accepted: without a mode, their lists replaced the present ones."""

from collections.abc import Mapping
from typing import Any

import pytest

from stigg_actions.errors import Refused
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.parsing import parse
from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite
from tests.support.crashes import CrashError, dying_container
from tests.support.harness import Harness
from tests.support.renewals import A_DAY, ACTION, MORE_SEATS, PATCH, POST, SEATS, renewal, sent
from tests.support.requests import sold

SUPPORT = {"id": "addon-support", "quantity": 1}
REPLACING = {"planId": "plan-starter", "addons": MORE_SEATS}


class OlderRequest(RenewSubscription):
    """A request without a mode as older versions read and stored it."""

    def canonical(self) -> dict[str, Any]:
        """What identified it: no mode, because replace was the default."""
        return {name: value for name, value in super().canonical().items() if name != "mode"}

    def to_be_stored(self) -> dict[str, Any]:
        """The fields that were given."""
        return {name: value for name, value in super().to_be_stored().items() if name != "mode"}


class OlderWrite(RenewSubscriptionWrite):
    """A renewal as older versions made it."""

    @property
    def former_key(self) -> None:
        """None: there was no other key before."""


def older(request: dict[str, Any]) -> OlderRequest:
    """Return a request without a mode as an older version read it."""
    return parse(OlderRequest, request).model_copy(update={"mode": "replace"})


def renewed_before(actions: Harness, request: dict[str, Any]) -> RenewalResult:
    """Renew as an older version did."""
    return perform(OlderWrite(older(request), actions.warm.deps(correlation_id="older", seconds=25)))


def die_before(actions: Harness, request: dict[str, Any], pattern: str, *, after: bool) -> None:
    """Let an older version die around its write."""
    deps = dying_container(actions, pattern, after=after).deps(correlation_id="older", seconds=25)
    with pytest.raises(CrashError):
        perform(OlderWrite(older(request), deps))


def renewals(actions: Harness) -> list[Mapping[str, Any]]:
    """Return the operations of renewals."""
    return [item for item in actions.intents() if item["kind"]["S"] == "renew"]


@pytest.mark.parametrize("key", [None, "renewal-4711"])
def test_the_result_is_given_again(actions: Harness, key: str | None) -> None:
    """The same request after the upgrade gets the stored result of the replacement, and changes nothing."""
    sold(actions, addons=[*SEATS, SUPPORT])
    request = renewal(**REPLACING, strategy="replace", idempotencyKey=key)
    made = renewed_before(actions, request)

    again = actions.ok(ACTION, request)

    assert (again["subscriptionId"], again["replayed"]) == (made.subscription_id, True)
    assert len(renewals(actions)) == 1


@pytest.mark.parametrize("key", [None, "renewal-4711"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("wanted", "pattern"), [(REPLACING, POST), ({"addons": MORE_SEATS}, PATCH)])
def test_a_killed_renewal_is_continued(
    actions: Harness, wanted: dict[str, Any], pattern: str, key: str | None, *, after: bool
) -> None:
    """The repeat continues a renewal at which an older version died, as a replacement of the lists: one effect."""
    sold(actions, addons=[*SEATS, SUPPORT])
    request = renewal(**wanted, idempotencyKey=key)
    die_before(actions, request, pattern, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert sent(actions, body["subscriptionId"])["addons"] == MORE_SEATS
    assert [item["status"]["S"] for item in renewals(actions)] == ["SUCCEEDED"]
    assert len(actions.live("cust-acme")) == 1


@pytest.mark.parametrize("by", ["replay-operation", "another write"])
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_renewal_keeps_its_meaning(actions: Harness, by: str, *, after: bool) -> None:
    """Whoever settles it reads the stored request as the older version did."""
    subscription_id = sold(actions, addons=[*SEATS, SUPPORT])
    die_before(actions, renewal(addons=MORE_SEATS), PATCH, after=after)
    (item,) = renewals(actions)
    actions.clock.skip(91)

    if by == "replay-operation":
        actions.invoke(by, {"operationKey": item["operation_key"]["S"]})
    else:
        actions.ok("set-subscription-metadata", renewal(metadata={"tier": "gold"}))

    kept = [*SEATS, SUPPORT] if by == "another write" and not after else MORE_SEATS
    assert sent(actions, subscription_id)["addons"] == kept
    assert [item["status"]["S"] for item in renewals(actions)] == ["FAILED" if kept != MORE_SEATS else "SUCCEEDED"]


def test_a_later_request_merges(actions: Harness) -> None:
    """Once the older operation has expired, the same request is a new one, which merges."""
    subscription_id = sold(actions, addons=SEATS)
    renewed_before(actions, renewal(addons=MORE_SEATS))
    actions.ok("update-subscription", renewal(addons=[*SEATS, SUPPORT]))
    actions.clock.skip(A_DAY)

    body = actions.ok(ACTION, renewal(addons=MORE_SEATS))
    again = actions.ok(ACTION, renewal(addons=MORE_SEATS))

    assert (body["outcome"], body["replayed"], again["replayed"]) == ("updated", False, True)
    assert sorted(sent(actions, subscription_id)["addons"], key=str) == sorted([*MORE_SEATS, SUPPORT], key=str)


@pytest.mark.parametrize("key", [None, "renewal-4711"])
def test_a_refused_renewal_is_tried_as_a_merge(actions: Harness, key: str | None) -> None:
    """A renewal that an older version could not make had no effect, so its repeat has the present meaning."""
    subscription_id = sold(actions, addons=[*SEATS, SUPPORT])
    refusal = {"status": 422, "body": {"message": "no", "code": "BadUserInput"}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", refusal, times=1)
    request = renewal(addons=MORE_SEATS, idempotencyKey=key)
    with pytest.raises(Refused):
        renewed_before(actions, request)

    actions.ok(ACTION, request)

    assert sorted(sent(actions, subscription_id)["addons"], key=str) == sorted([*MORE_SEATS, SUPPORT], key=str)


def test_modes_are_different_requests(actions: Harness) -> None:
    """A request that says replace is not the same as one that leaves the mode out, and keeps its own key."""
    sold(actions, addons=[*SEATS, SUPPORT])
    full = actions.ok(ACTION, renewal(addons=MORE_SEATS, mode="replace"))

    merged = actions.ok(ACTION, renewal(addons=MORE_SEATS))
    repeated = actions.ok(ACTION, renewal(addons=MORE_SEATS, mode="merge"))

    assert (full["outcome"], merged["outcome"], repeated["replayed"]) == ("updated", "unchanged", True)
    assert len({item["operation_key"]["S"] for item in renewals(actions)}) == len(renewals(actions)) == 2
