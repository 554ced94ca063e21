"""Moving subscriptions: to the newest version of a plan, and to another resource."""

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, data, refusal

MIGRATE = "/subscriptions/sub-1/migrate"
LATER = {"subscriptionMigrationTime": "END_OF_BILLING_PERIOD"}


@pytest.fixture(autouse=True)
def customer(api: Api, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()


def version(emulator: Emulator) -> int:
    """Return the version of its plan that the first subscription has."""
    return int(emulator.state()["subscriptions"][0]["planVersion"])


@pytest.mark.parametrize("time", [{}, {"subscriptionMigrationTime": "IMMEDIATE"}])
def test_migrated_now(api: Api, emulator: Emulator, time: dict[str, str]) -> None:
    """A migration gives a subscription the newest version of its plan; a second one is refused."""
    api.subscribe("sub-1")
    assert emulator.publish_plan("plan-starter", {"MONTHLY": {"usd": 59}}) == 2
    shown = data(api.post(MIGRATE, **time))

    assert (shown["prices"][0]["amount"], version(emulator)) == (59, 2)
    assert refusal(api.post(MIGRATE)) == (400, "SubscriptionAlreadyOnLatestPlanError")
    assert data(api.get("/plans/plan-starter"))["versionNumber"] == 2


def test_migrated_later(api: Api, emulator: Emulator) -> None:
    """A scheduled migration is shown, refused a second time, and made at the end of the period."""
    api.subscribe("sub-1")
    emulator.publish_plan("plan-starter")
    (waiting,) = data(api.post(MIGRATE, **LATER))["futureUpdates"]

    assert (waiting["subscriptionScheduleType"], waiting["scheduleStatus"]) == ("MIGRATE_TO_LATEST", "SCHEDULED")
    assert refusal(api.post(MIGRATE, **LATER)) == (400, "ScheduledMigrationAlreadyExistsError")
    assert version(emulator) == 1
    emulator.set_clock("2040-02-01T00:00:01Z")
    assert (version(emulator), api.subscription("sub-1")["futureUpdates"]) == (2, [])


def test_a_migration_that_is_made_at_last_now(api: Api, emulator: Emulator) -> None:
    """A migration now takes the place of a scheduled one."""
    api.subscribe("sub-1")
    emulator.publish_plan("plan-starter")
    api.post(MIGRATE, **LATER)

    assert data(api.post(MIGRATE))["futureUpdates"] == []


def test_new_subscriptions_have_the_newest_version(api: Api, emulator: Emulator) -> None:
    """A subscription that is provisioned after a version was published has it; a reset drops the version."""
    emulator.publish_plan("plan-starter", {"MONTHLY": {"usd": 59}})
    api.subscribe("sub-1")
    emulator.reset()

    assert data(api.get("/plans/plan-starter"))["versionNumber"] == 1


@pytest.mark.parametrize(
    ("plan_id", "body", "code"),
    [
        ("plan-free", LATER, "SubscriptionDoesNotHaveBillingPeriod"),
        ("plan-starter", {"subscriptionMigrationTime": "TOMORROW"}, "BadUserInput"),
    ],
)
def test_refused_migrations(api: Api, emulator: Emulator, plan_id: str, body: dict[str, str], code: str) -> None:
    """A migration needs a known time, and a period for its end."""
    api.subscribe("sub-1", plan_id)
    emulator.publish_plan(plan_id)

    assert refusal(api.post(MIGRATE, **body)) == (400, code)


def test_an_ended_subscription(api: Api) -> None:
    """A subscription that has ended is not moved."""
    api.subscribe("sub-1")
    api.post("/subscriptions/sub-1/cancel", cancellationTime="IMMEDIATE")

    assert refusal(api.post(MIGRATE)) == (400, "InvalidSubscriptionStatus")


def test_transferred(api: Api) -> None:
    """A subscription moves to a free resource of its customer, and the old one is free then."""
    api.subscribe("sub-1", resourceId="site-1")
    shown = data(api.post("/subscriptions/sub-1/transfer", destinationResourceId="site-2"))
    api.subscribe("sub-2", resourceId="site-1")

    assert shown["resourceId"] == "site-2"
    assert (api.status("sub-1"), api.status("sub-2")) == (("ACTIVE", None), ("ACTIVE", None))
    refused = api.post("/subscriptions/sub-2/transfer", destinationResourceId="site-2")
    assert refusal(refused) == (400, "TooManySubscriptionsPerCustomer")


def test_delegated(api: Api) -> None:
    """A subscription moves to another customer, whose place must be free; who pays for it stays the same."""
    api.post("/customers", id="globex", name="Globex")
    api.subscribe("sub-1")
    first = data(api.post("/subscriptions/sub-1/delegate", targetCustomerId="globex"))
    back = data(api.post("/subscriptions/sub-1/delegate", targetCustomerId="acme"))
    api.subscribe("sub-2", customerId="globex")

    assert (first["customerId"], first["payingCustomerId"]) == ("globex", "acme")
    assert (back["customerId"], back["payingCustomerId"]) == ("acme", "acme")
    refused = api.post("/subscriptions/sub-2/delegate", targetCustomerId="acme")
    assert refusal(refused) == (400, "TooManySubscriptionsPerCustomer")


@pytest.mark.parametrize(
    ("customer_id", "answer"), [("unknown", (400, "CustomerNotFound")), ("globex", (400, "EntityIsArchivedError"))]
)
def test_refused_delegations(api: Api, customer_id: str, answer: tuple[int, str]) -> None:
    """A subscription is not moved to a customer that is unknown or archived."""
    api.post("/customers", id="globex", name="Globex")
    api.post("/customers/globex/archive")
    api.subscribe("sub-1")

    assert refusal(api.post("/subscriptions/sub-1/delegate", targetCustomerId=customer_id)) == answer
