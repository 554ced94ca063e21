"""Updates in place: what is absent stays, what is present replaces, and some changes wait."""

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, Json, refusal

SEATS = {"id": "addon-seats", "quantity": 2}
SUPPORT = {"id": "addon-support", "quantity": 1}
PATH = "/subscriptions/sub-1"


@pytest.fixture(autouse=True)
def subscription(api: Api, emulator: Emulator) -> None:
    """Subscribe `acme` at the start of 2040, with two add-ons."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()
    api.subscribe("sub-1", addons=[SEATS, SUPPORT], metadata={"a": "1", "b": "2"})


def test_absent_fields_stay(api: Api) -> None:
    """An update leaves alone what it does not name."""
    before = api.subscription("sub-1")
    api.patch(PATH, salesforceId="006000000000001")

    assert before == api.subscription("sub-1")


def test_lists_and_objects_are_replaced(api: Api) -> None:
    """A list is the new full set, an object replaces the old one; nothing is merged."""
    api.patch(PATH, addons=[{**SEATS, "quantity": 5}], metadata={"c": "3"})
    shown = api.subscription("sub-1")

    assert shown["addons"] == [{"id": "addon-seats", "quantity": 5}]
    assert shown["metadata"] == {"c": "3"}


def test_price_override(api: Api) -> None:
    """A base charge override is the new price, until a list without it arrives."""
    api.patch(PATH, priceOverrides=[{"baseCharge": True, "amount": 10.5, "currency": "usd"}])
    assert api.subscription("sub-1")["prices"][0]["amount"] == 10.5

    api.patch(PATH, priceOverrides=[])
    assert api.subscription("sub-1")["prices"][0]["amount"] == 49


def test_cancellation_date(api: Api) -> None:
    """A cancellation date is set, moved and cleared."""
    api.patch(PATH, cancellationDate="2041-01-01T00:00:00Z")
    api.patch(PATH, cancellationDate="2042-01-01T01:00:00+01:00")
    assert api.subscription("sub-1")["cancellationDate"] == "2042-01-01T00:00:00.000Z"

    api.patch(PATH, cancellationDate=None)
    assert api.subscription("sub-1")["cancellationDate"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"planId": "plan-growth"}, "BadUserInput"),
        ({"paymentCollectionMethod": "NONE"}, "BadUserInput"),
        ({"unitQuantity": 2}, "BadUserInput"),
        ({"addons": [{"id": "addon-x", "quantity": 1}]}, "AddonNotFound"),
        ({"cancellationDate": "2039-01-01T00:00:00Z"}, "InvalidCancellationDate"),
        ({"trialEndDate": "2041-01-01T00:00:00Z"}, "InvalidSubscriptionStatus"),
        ({"promotionCode": "X"}, "PromotionCodeNotFound"),
    ],
)
def test_refused(api: Api, body: Json, code: str) -> None:
    """What cannot be changed in place, or does not fit, is refused and nothing changes."""
    before = api.subscription("sub-1")

    assert (400, code) == refusal(api.patch(PATH, **body))
    assert before == api.subscription("sub-1")


def test_ended(api: Api) -> None:
    """A subscription that has ended cannot be updated."""
    api.post(f"{PATH}/cancel", cancellationTime="IMMEDIATE")

    assert refusal(api.patch(PATH, metadata={})) == (400, "InvalidSubscriptionStatus")


def test_scheduled(api: Api, emulator: Emulator) -> None:
    """With a strategy the package changes at the end of the period; a later change overrides it."""
    api.patch(PATH, addons=[SEATS], metadata={}, scheduleStrategy="END_OF_BILLING_PERIOD")
    shown = api.subscription("sub-1")
    assert (shown["addons"], shown["metadata"]) == ([SEATS, SUPPORT], {})
    assert shown["futureUpdates"][0]["scheduledExecutionTime"][:10] == "2040-02-01"

    api.patch(PATH, addons=[SUPPORT], scheduleStrategy="END_OF_BILLING_PERIOD")
    emulator.set_clock("2040-02-01T00:00:01Z")
    shown = api.subscription("sub-1")
    assert (shown["addons"], shown["futureUpdates"]) == ([SUPPORT], [])


def test_trial_end(api: Api, emulator: Emulator) -> None:
    """A trial can be prolonged."""
    trial = {"isTrial": True, "trialEndDate": "2040-01-10T00:00:00Z"}
    api.subscribe("sub-2", "plan-growth", trialOverrideConfiguration=trial)
    api.patch("/subscriptions/sub-2", trialEndDate="2040-01-20T00:00:00Z")
    emulator.set_clock("2040-01-15T00:00:00Z")
    assert api.status("sub-2") == ("IN_TRIAL", None)

    emulator.set_clock("2040-01-21T00:00:00Z")
    assert api.status("sub-2") == ("ACTIVE", None)


def test_pending_payment(api: Api, emulator: Emulator) -> None:
    """A change that cannot be charged leaves everything as it was until the customer pays."""
    api.customer("globex", passthrough={"stripe": {"paymentMethodId": "pm_1"}})
    api.subscribe("sub-2", customerId="globex", paymentCollectionMethod="CHARGE")
    api.patch("/customers/globex", passthrough={})
    api.patch("/subscriptions/sub-2", addons=[SEATS])
    assert api.subscription("sub-2")["addons"] == []

    emulator.checkout("sub-2")
    assert api.subscription("sub-2")["addons"] == [SEATS]


@pytest.mark.parametrize(
    ("strategy", "date"), [("END_OF_BILLING_MONTH", "2040-02-01"), ("END_OF_BILLING_PERIOD", "2041-01-01")]
)
def test_strategies(api: Api, strategy: str, date: str) -> None:
    """An annual subscription changes at the end of its month or of its year."""
    api.subscribe("sub-2", billingPeriod="ANNUALLY")
    shown = api.patch("/subscriptions/sub-2", addons=[SEATS], scheduleStrategy=strategy).json()["data"]

    assert [item["scheduledExecutionTime"][:10] for item in shown["futureUpdates"]] == [date]


def test_anchor(api: Api, emulator: Emulator) -> None:
    """Billing periods begin anew when the anchor is moved to now."""
    emulator.set_clock("2040-01-10T00:00:00Z")
    api.patch(PATH, billingCycleAnchor="NOW")

    assert api.subscription("sub-1")["currentBillingPeriodEnd"][:10] == "2040-02-10"
