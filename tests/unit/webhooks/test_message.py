"""What is kept of a webhook: its kind however it is spelt, the ids that it is about, and what makes it one message."""

from typing import Any

import pytest

from stigg_actions.webhooks.event_types import OTHER, UNKNOWN, detail_type, kind_of, tells_failed_payment
from stigg_actions.webhooks.message import WebhookMessage
from tests.support.some import some
from tests.support.webhooks import nested

SUBSCRIPTION: dict[str, Any] = {
    "type": "subscription.updated",
    "messageId": "m-1",
    "entityId": "0b0a7c7e-6c1f-5b0e-8f0f-000000000000",
    "id": "sub-1",
    "customer": {"id": "cust-acme", "entityId": "x", "name": "Acme", "email": "ann@acme.example"},
}
PAYMENT = {
    "type": "customer.payment_failed",
    "messageId": "m-2",
    "customer": {"id": "cust-acme"},
    "subscription": {"id": "sub-1"},
    "error": {"message": "Declined"},
}
GRANT = {"type": "credits.granted", "messageId": "m-3", "grantId": "grant-1", "customerId": "cust-acme"}
CUSTOMER = {"type": "CUSTOMER_DELETED", "messageId": "m-4", "id": "cust-acme", "name": "Acme"}


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("subscription.canceled", "subscription.canceled"),
        ("SUBSCRIPTION_CANCELED", "subscription.canceled"),
        ("SubscriptionCanceled", "subscription.canceled"),
        ("Subscription Canceled", "subscription.canceled"),
        ("subscription.trial.ends_soon", "subscription.trial.ends_soon"),
        ("subscription.billing_month.ends_soon", "subscription.billing_month.ends_soon"),
        ("promotionalEntitlement.granted", "promotional_entitlement.granted"),
        ("promotional_entitlement.granted", "promotional_entitlement.granted"),
        ("credit_grant.created", "credit_grant.created"),
        ("credit.grant.expired", "credit.grant.expired"),
        ("CREDIT_GRANT_CREATED", "credit.grant_created"),
        ("coupon.created", "coupon.created"),
        ("measurement-reported", "measurement.reported"),
        ("third_party_sync_failed", "third.party_sync_failed"),
        ("<script>", UNKNOWN),
        ("", UNKNOWN),
        ("sub\ud800.created", UNKNOWN),
        (None, UNKNOWN),
        ("x" * 101, UNKNOWN),
    ],
)
def test_spellings(spelling: object, kind: str) -> None:
    """An event keeps the name that Stigg gives it, in lower case with dots and underscores, unless it can be none."""
    assert kind_of(spelling) == kind


DETAIL_TYPES = {
    "Stigg Customer Changed": (
        "customer.created customer.updated customer.deleted customer.payment_failed customer.archived customer_merged "
        "CUSTOMER_UPDATED"
    ),
    "Stigg Subscription Changed": (
        "subscription.created subscription.updated subscription.canceled subscription.expired subscription.cancelled "
        "subscription.create_failed subscription.creation_failed subscription.trial_started subscription.trial_expired "
        "subscription.trial_converted subscription.trial.ends_soon subscription.billing_month.ends_soon trial.started "
        "trial.expired trial.converted trial.ends_soon SUBSCRIPTION_REPLACED subscription.expired_non_recurring "
        "subscription.spend_limit_exceeded"
    ),
    "Stigg Entitlements Changed": (
        "entitlements.updated entitlement.usage_exceeded promotional_entitlement.granted "
        "promotionalEntitlement.updated promotional_entitlement.revoked promotional_entitlement.expired "
        "promotional_entitlement.ends_soon"
    ),
    "Stigg Credits Changed": (
        "credit_grant.created credit_grant.updated credits.granted credits.grant.created credits.grant.updated "
        "credits.expired credits.balance.depleted credits.automatic_recharge_limit_exceeded credit.balance.low "
        "credit.balance.depleted credit.grant.depleted credit.grant.expired credit.grant.balance_low "
        "credit_type.created"
    ),
    OTHER: (
        "contract.created contract.updated contract.canceled contract.subscription_added contract.subscription_removed "
        "plan.created plan.updated measurement.reported coupon.created payment_method.attached payment_method.detached "
        "billing.month_ends_soon automatic_recharge.operation.attempted automatic_recharge.configuration.changed "
        "third_party_sync_failed feature.created brand.new.thing <script>"
    ),
}


@pytest.mark.parametrize(
    ("name", "expected"), [(name, printed) for printed, names in DETAIL_TYPES.items() for name in names.split()]
)
def test_detail_types(name: str, expected: str) -> None:
    """The first word of a name decides under which detail type an event is told, also of a name that is new."""
    assert detail_type(kind_of(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("credit_grant.created", "grant-1"),
        ("credit.grant.expired", "grant-1"),
        ("credits.granted", "grant-1"),
        ("credits.expired", "grant-1"),
        ("CREDIT_GRANT_UPDATED", "grant-1"),
        ("credit.balance.depleted", None),
        ("credits.balance.usage_low", None),
        ("credit_type.created", None),
        ("promotional_entitlement.granted", None),
        ("customer.updated", None),
        ("subscription.updated", None),
    ],
)
def test_grants(name: str, expected: str | None) -> None:
    """Only an event of a grant names one, by a field of its own or by its id."""
    bodies = ({"type": name, "grantId": "grant-1"}, {"type": name, "id": "grant-1"})

    assert [WebhookMessage.read(body).grant_id for body in bodies] == [expected, expected]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("customer.payment_failed", True),
        ("CUSTOMER_PAYMENT_FAILED", True),
        ("customer.payment.failed", True),
        ("customer.updated", False),
        ("payment_method.attached", False),
    ],
)
def test_failed_payments(name: str, *, expected: bool) -> None:
    """A failed payment is known however its name is written."""
    assert tells_failed_payment(kind_of(name)) is expected


@pytest.mark.parametrize("form", [dict, nested])
@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (SUBSCRIPTION, ("cust-acme", "sub-1", None)),
        (PAYMENT, ("cust-acme", "sub-1", None)),
        (GRANT, ("cust-acme", None, "grant-1")),
        (CUSTOMER, ("cust-acme", None, None)),
    ],
)
def test_both_forms(body: dict[str, Any], ids: tuple[str | None, ...], form: Any) -> None:  # noqa: ANN401 - one of two
    """The ids are found flat, and under data; nothing else of the body is kept."""
    notice = WebhookMessage.read(form(body))

    assert (notice.customer_id, notice.subscription_id, notice.grant_id) == ids
    assert WebhookMessage.from_text(notice.text) == notice
    assert "Acme" not in notice.text
    assert "example" not in notice.text


def test_one_message() -> None:
    """A message is known by its id, and one without an id by what it says, in whatever order."""
    without = {name: value for name, value in SUBSCRIPTION.items() if name != "messageId"}
    turned = dict(reversed(without.items()))
    keys = [WebhookMessage.read(body).key for body in (SUBSCRIPTION, SUBSCRIPTION | {"id": "sub-2"}, without, turned)]

    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert [WebhookMessage.read(body).identified for body in (SUBSCRIPTION, without)] == [True, False]
    assert WebhookMessage.read(without | {"id": "sub-2"}).key != keys[2]


def test_new_events_of_known_things() -> None:
    """An event that is not known yet, of a subscription or a customer, still tells which."""
    replaced = WebhookMessage.read({"type": "SUBSCRIPTION_REPLACED", "id": "sub-1"})
    trial = WebhookMessage.read({"type": "trial.ends_soon", "id": "sub-1"})
    merged = WebhookMessage.read({"type": "customer_merged", "id": "cust-acme"})

    assert (replaced.kind, replaced.subscription_id) == ("subscription.replaced", "sub-1")
    assert (trial.kind, trial.subscription_id) == ("trial.ends_soon", "sub-1")
    assert merged.customer_id == "cust-acme"


def test_ids_that_are_none() -> None:
    """Half of a surrogate pair, a space, a number or an object makes no id."""
    ids: tuple[object, ...] = ("sub\ud83d", "sub 1", 5, {}, ["sub-1"], "", "x" * 256)
    for given in some(ids):
        assert (
            WebhookMessage.read({"type": "subscription.updated", "id": given, "messageId": "m"}).subscription_id is None
        )


def test_one_group_for_a_customer() -> None:
    """Messages of one customer are dealt with in order, be they of its subscriptions or its own."""
    assert (
        WebhookMessage.read(SUBSCRIPTION).group
        == WebhookMessage.read(PAYMENT).group
        == WebhookMessage.read(GRANT).group
    )
    assert (
        WebhookMessage.read({"type": "plan.updated", "id": "plan-growth"}).group
        != WebhookMessage.read({"type": "x"}).group
    )
