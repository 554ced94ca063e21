"""How a wanted state is weighed against a subscription as it stands."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stigg_actions.errors import RequestInvalid
from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.subscriptions.carry_over import restorable
from stigg_actions.subscriptions.renewal_plan import RenewalPlan
from stigg_actions.subscriptions.terms import SubscriptionTerms

NOW = datetime(2030, 6, 1, tzinfo=UTC)
STARTED = "2030-01-01T00:00:00.000Z"
SENT = {"planId": "plan-growth", "billingPeriod": "MONTHLY"}
BASE_CHARGE = {"baseCharge": True, "amount": 150, "currency": "usd"}
SEATS = {"addonId": "addon-seats", "amount": 5, "currency": "usd"}


def terms_of(sent: dict[str, Any] | None = None, **shown: Any) -> SubscriptionTerms:  # noqa: ANN401 - any field of Stigg's
    """A running subscription that was given some terms here; none: one of Stigg's app."""
    fields = {"id": "sub-1", "customerId": "cust-acme", "planId": "plan-growth", "status": "ACTIVE"}
    found = Subscription.model_validate({**fields, "startDate": STARTED, "paymentCollectionMethod": "NONE", **shown})
    return SubscriptionTerms(found, SENT if sent is None else sent)


def plan(terms: SubscriptionTerms, base: dict[str, Any] | None = None, **wanted: Any) -> RenewalPlan:  # noqa: ANN401
    """What a request means for a subscription."""
    request = RenewSubscription.model_validate({"subscriptionId": "sub-1", **wanted})
    return RenewalPlan(request, terms, base, NOW.timestamp())


@pytest.mark.parametrize(
    ("wanted", "decision"),
    [
        ({}, "none"),
        ({"planId": "plan-growth", "billingPeriod": "MONTHLY", "startDate": "2030-01-01"}, "none"),
        ({"paymentCollectionMethod": "NONE"}, "none"),
        ({"scheduleStrategy": "IMMEDIATE", "awaitPaymentConfirmation": False}, "none"),
        ({"checkoutOptions": {"successUrl": "https://a.example", "cancelUrl": "https://b.example"}}, "none"),
        ({"clearFields": ["budget", "salesforceId"]}, "none"),
        ({"billingCycleAnchor": "UNCHANGED"}, "none"),
        ({"billingCycleAnchor": "NOW"}, "amend"),
        ({"billingPeriod": "ANNUALLY"}, "amend"),
        ({"budget": {"limit": 100, "hasSoftLimit": True}}, "amend"),
        ({"charges": [{"id": "feature-api-calls", "quantity": 2, "type": "FEATURE"}]}, "amend"),
        ({"billingInformation": {"invoiceDaysUntilDue": 10}}, "amend"),
        ({"priceOverrides": [{"featureId": "f", "amount": 1, "currency": "USD"}]}, "amend"),
        ({"priceOverrides": [{"featureId": "f", "amount": 1, "currency": "USD", "blockSize": 10}]}, "replace"),
        ({"planId": "plan-starter"}, "replace"),
        ({"startDate": "2031-01-01"}, "replace"),
        ({"payingCustomerId": "cust-payer"}, "replace"),
        ({"strategy": "replace"}, "replace"),
    ],
)
def test_decisions(wanted: dict[str, Any], decision: str) -> None:
    """What differs and can be changed in place is amended; what cannot, replaces; nothing is nothing."""
    assert plan(terms_of(), **wanted).decision == decision


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED"])
def test_what_has_ended(status: str) -> None:
    """What has ended is replaced in any case, without its end."""
    wish = plan(terms_of(status=status, cancellationDate="2031-01-01T00:00:00.000Z"))

    assert wish.decision == "replace"
    assert wish.reasons == [f"Subscription sub-1 has ended ({status}), so a new one replaces it."]
    assert "cancellationDate" not in wish.replacement


def test_amend_names_all_that_cannot_be() -> None:
    """Strategy amend refuses each field by its name, in order."""
    with pytest.raises(RequestInvalid) as caught:
        _ = plan(terms_of(), strategy="amend", unitQuantity=2, planId="plan-starter", addons=[]).decision

    assert [problem.field for problem in caught.value.details] == ["planId", "unitQuantity"]


@pytest.mark.parametrize(
    ("end", "start", "kept"),
    [
        ("2030-06-02T00:00:00.000Z", None, True),
        ("2030-06-01T00:00:00.000Z", None, False),
        ("2031-01-02T00:00:00.000Z", "2031-01-01", True),
        ("2031-01-01T00:00:00.000Z", "2031-01-01", False),
    ],
)
def test_an_end_is_kept_after_the_start(end: str, start: str | None, *, kept: bool) -> None:
    """The date on which a subscription ends is taken over if it lies after the start of the new one."""
    wanted: dict[str, Any] = {"startDate": start} if start else {"planId": "plan-starter"}

    assert ("cancellationDate" in plan(terms_of(cancellationDate=end), **wanted).replacement) is kept


def test_prices_follow_the_plan() -> None:
    """The plan's own price stays with the plan, and that of an add-on is kept."""
    terms = terms_of({**SENT, "priceOverrides": [BASE_CHARGE, SEATS]})

    assert plan(terms, unitQuantity=2).replacement["priceOverrides"] == [BASE_CHARGE, SEATS]
    assert plan(terms, planId="plan-starter").replacement["priceOverrides"] == [SEATS]


def test_only_the_plans_own_price_is_told_as_left_behind() -> None:
    """The reasons tell of a price left behind where there was one."""
    with_price = plan(terms_of({**SENT, "priceOverrides": [BASE_CHARGE]}), planId="plan-starter")
    without = plan(terms_of({**SENT, "priceOverrides": [SEATS]}), planId="plan-starter")

    assert (len(with_price.reasons), len(without.reasons)) == (2, 1)
    assert "priceOverrides" not in with_price.replacement


def test_lists_are_the_full_new_ones() -> None:
    """With mode replace a list that is given takes the place of the present one; an empty one removes it."""
    terms = terms_of(addons=[{"id": "addon-seats", "quantity": 2}, {"id": "addon-support", "quantity": 1}])

    amended = plan(terms, mode="replace", addons=[{"id": "addon-seats", "quantity": 3}])
    emptied = plan(terms, mode="replace", addons=[], planId="plan-starter")

    assert amended.amendment.body(terms) == {"addons": [{"id": "addon-seats", "quantity": 3}]}
    assert "addons" not in emptied.replacement


def test_lists_are_merged_by_default() -> None:
    """Items that a list does not name stay, and an empty list, as a Flow sends it, changes nothing."""
    support = {"id": "addon-support", "quantity": 1}
    terms = terms_of(addons=[{"id": "addon-seats", "quantity": 2}, support])

    amended = plan(terms, addons=[{"id": "addon-seats", "quantity": 3}])

    assert amended.amendment.body(terms) == {"addons": [{"id": "addon-seats", "quantity": 3}, support]}
    assert plan(terms, addons=[]).decision == "none"


def test_billing_information_is_merged() -> None:
    """Billing information that is given joins what was sent before; with the app's nothing is known to join."""
    ours = terms_of({**SENT, "billingInformation": {"taxRateIds": ["t"], "invoiceDaysUntilDue": 30}})
    wanted: dict[str, Any] = {"billingInformation": {"invoiceDaysUntilDue": 10}}

    assert plan(ours, **wanted).wanted["billingInformation"] == {"taxRateIds": ["t"], "invoiceDaysUntilDue": 10}
    assert plan(terms_of({}), **wanted).wanted["billingInformation"] == {"invoiceDaysUntilDue": 10}


def test_marks_are_no_wish() -> None:
    """The marks of the actions are not among the metadata to change, so that they may change with it."""
    terms = terms_of(metadata={"salesforceRecordId": "old", "tier": "gold"})

    amendment = plan(terms, metadata={"region": "eu"}).amendment

    assert amendment.given["metadata"] == {"tier": "gold", "region": "eu"}
    assert amendment.body(terms)["metadata"] == {"salesforceRecordId": "old", "tier": "gold", "region": "eu"}


def test_unknown_entitlements() -> None:
    """A replacement does not drop entitlements of unknown limits, unless the request says what is to stay."""
    terms = terms_of({}, subscriptionEntitlements=[{"id": "feature-b"}, {"id": "feature-a"}])

    with pytest.raises(RequestInvalid) as caught:
        _ = plan(terms, planId="plan-starter").replacement

    assert "feature-a, feature-b" in caught.value.details[0].problem
    assert "entitlements" not in plan(terms, planId="plan-starter").outlook
    assert "entitlements" not in plan(terms, planId="plan-starter", mode="replace", entitlements=[]).replacement


def test_restored_terms_stand_alone() -> None:
    """Restored terms take nothing from the present ones, but for what the request gives."""
    terms = terms_of({**SENT, "priceOverrides": [BASE_CHARGE]}, addons=[{"id": "addon-seats", "quantity": 2}])
    before = terms_of(
        {"planId": "plan-starter", "billingPeriod": "ANNUALLY"}, planId="plan-starter", metadata={"a": "b"}
    )

    base = restorable(before, now=NOW.timestamp())
    wish = plan(terms, base, unitQuantity=4)

    kept = {"planId": "plan-starter", "billingPeriod": "ANNUALLY", "paymentCollectionMethod": "NONE"}
    assert base == {**kept, "metadata": {"a": "b"}}
    assert wish.replacement == {**base, "unitQuantity": 4}
    assert wish.reasons[0] == "The terms before the downgrade are restored: plan plan-starter."


def test_changes_of_a_replacement() -> None:
    """The changes of a replacement tell what the new one has and has not; the start only if it was asked for."""
    terms = terms_of(addons=[{"id": "addon-seats", "quantity": 2}])

    at_once = plan(terms, planId="plan-starter", mode="replace", addons=[]).changes
    later = plan(terms, startDate="2031-01-01").changes

    assert [(one.field, one.before, one.after) for one in at_once] == [
        ("addons.addon-seats", "2", None),
        ("planId", "plan-growth", "plan-starter"),
    ]
    assert [(one.field, one.after) for one in later] == [("startDate", "2031-01-01T00:00:00.000Z")]
