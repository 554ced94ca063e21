"""Renewals that older versions accepted: without a mode, their lists replaced the present ones."""

from collections.abc import Mapping
from typing import Any

import pytest

from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.parsing import parse
from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite
from tests.support.crashes import CrashError, dying_container
from tests.support.harness import Harness
from tests.support.renewals import ACTION, MORE_SEATS, PATCH, SEATS, renewal, sent
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


def older(request: dict[str, Any]) -> OlderRequest:
    """Return a request without a mode as an older version read it."""
    return parse(OlderRequest, request).model_copy(update={"mode": "replace"})


def die_before(actions: Harness, request: dict[str, Any], pattern: str, *, after: bool) -> None:
    """Let an older version die around its write."""
    deps = dying_container(actions, pattern, after=after).deps(correlation_id="older", seconds=25)
    with pytest.raises(CrashError):
        perform(RenewSubscriptionWrite(older(request), deps))


def renewals(actions: Harness) -> list[Mapping[str, Any]]:
    """Return the operations of renewals."""
    return [item for item in actions.intents() if item["kind"]["S"] == "renew"]


@pytest.mark.parametrize("by", ["replay-operation", "another write"])
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_renewal_keeps_its_meaning(actions: Harness, by: str, *, after: bool) -> None:
    """Any call that settles it reads the stored request as the older version did."""
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


def test_modes_are_different_requests(actions: Harness) -> None:
    """A request that says replace is not the same as one that leaves the mode out, and keeps its own key."""
    sold(actions, addons=[*SEATS, SUPPORT])
    full = actions.ok(ACTION, renewal(addons=MORE_SEATS, mode="replace"))

    merged = actions.ok(ACTION, renewal(addons=MORE_SEATS))
    repeated = actions.ok(ACTION, renewal(addons=MORE_SEATS, mode="merge"))

    assert (full["outcome"], merged["outcome"], repeated["replayed"]) == ("updated", "unchanged", True)
    assert len({item["operation_key"]["S"] for item in renewals(actions)}) == len(renewals(actions)) == 2
