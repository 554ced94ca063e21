"""Whether a subscription that runs is the one that a request asks for, and what a new one takes over."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.subscriptions.carry_over import CARRIED
from stigg_actions.writes._provision_result import is_as_asked

END = datetime(2099, 1, 31, 23, 59, 59, tzinfo=UTC)
REQUEST = {
    "customerId": "acme",
    "planId": "plan-growth",
    "resourceId": "site-1",
    "addons": [{"id": "addon-seats", "quantity": 3}],
    "cancellationDate": "2099-01-31",
}
SHOWN = {
    "id": "sub-1",
    "customerId": "acme",
    "planId": "plan-growth",
    "status": "ACTIVE",
    "resourceId": "site-1",
    "addons": [{"id": "addon-seats", "quantity": 3}],
    "cancellationDate": END.isoformat(),
}


def as_asked(**shown: Any) -> bool:  # noqa: ANN401 - any field
    """Whether a subscription that Stigg shows with these changes is as asked."""
    return is_as_asked(Subscription.model_validate({**SHOWN, **shown}), CreateSubscription.model_validate(REQUEST))


def test_as_asked() -> None:
    """One with the plan, resource, add-ons and end of the request is."""
    assert as_asked()


@pytest.mark.parametrize(
    "shown",
    [
        {"planId": "plan-starter"},
        {"resourceId": "site-2"},
        {"resourceId": None},
        {"addons": []},
        {"addons": [{"id": "addon-seats", "quantity": 4}]},
        {"addons": [{"id": "addon-support", "quantity": 3}]},
        {"cancellationDate": None},
        {"cancellationDate": "2099-02-28T23:59:59Z"},
    ],
)
def test_not_as_asked(shown: dict[str, object]) -> None:
    """One that differs in any one of them is not."""
    assert not as_asked(**shown)


def test_what_is_carried_over() -> None:
    """A replacement takes over the terms of the subscription, and what was meant for its start alone is left behind."""
    assert set(CARRIED) == {
        "planId",
        "resourceId",
        "billingPeriod",
        "addons",
        "charges",
        "unitQuantity",
        "entitlements",
        "priceOverrides",
        "minimumSpend",
        "budget",
        "paymentCollectionMethod",
        "appliedCoupon",
        "billingInformation",
        "billingCountryCode",
        "payingCustomerId",
        "salesforceId",
        "metadata",
    }
