"""What a step sends: the items in which two segments differ."""

from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.storage.mapping import LatestOperation, SubscriptionState
from stigg_actions.storage.ramps import Ramp, Segment, with_ramp
from stigg_actions.subscriptions.ramp import differing, step_of

SEATS = [{"id": "addon-seats", "quantity": 50}]
MORE = [{"id": "addon-seats", "quantity": 80}]
PRICE = {"amount": Decimal("99.50"), "currency": "usd"}


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ({}, {}, {}),
        ({"addons": SEATS}, {"addons": [{"quantity": Decimal("50.0"), "id": "addon-seats"}]}, {}),
        ({"addons": SEATS}, {"addons": MORE}, {"addons": MORE}),
        ({"addons": SEATS}, {}, {"removeAddons": ["addon-seats"]}),
        ({}, {"unitQuantity": 2}, {"unitQuantity": 2}),
        ({"unitQuantity": 2}, {}, {"unitQuantity": 1}),
        ({}, {"planBaseChargeOverride": PRICE}, {"planBaseChargeOverride": PRICE}),
        ({"planBaseChargeOverride": PRICE}, {}, {"removePriceOverrides": ["baseCharge"]}),
        ({"entitlements": [{"id": "feature-sso", "type": "FEATURE"}]}, {}, {"removeEntitlements": ["feature-sso"]}),
    ],
)  # fmt: skip
def test_differing(before: dict[str, Any], after: dict[str, Any], sent: dict[str, Any]) -> None:
    """Items with other values are sent, those that are gone are removed, and equal ones are left alone."""
    assert differing(before, after) == sent


def test_no_step() -> None:
    """Without a ramp, or before its next segment begins, there is no step."""
    state = SubscriptionState("sub-1", "acme", "plan-growth")
    ramp = Ramp((Segment(100), Segment(200)), sold_by="a")

    assert step_of(state, now=500) is None
    assert step_of(with_ramp(state, ramp), now=150) is None


def test_the_age_of_a_step() -> None:
    """A step is as old as the latest change of its subscription; an item of an older version has none."""
    state = with_ramp(
        SubscriptionState("sub-1", "acme", "plan-growth"), Ramp((Segment(100), Segment(200)), sold_by="a")
    )
    latest = LatestOperation("provision-1", 1, 100, as_of=1_700_000_000_000)
    old, new = step_of(state, now=200), step_of(state._replace(latest=latest), now=200)

    assert old is not None
    assert new is not None
    assert (old.as_of, new.as_of and new.as_of.timestamp()) == (None, 1_700_000_000)
    assert (new.idempotency_key, new.segment) == ("sub-1/a/1", 1)
