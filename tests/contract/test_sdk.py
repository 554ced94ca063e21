"""The official SDK, refusing every answer that does not match its types, can drive every operation."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stigg as sdk
from stigg import Stigg

from local.stigg_emulator.hosting import AdminError, Emulator


def subscribe(stigg: Stigg, subscription_id: str = "sub-1", customer_id: str = "acme") -> None:
    """Create a customer with a subscription that has one of everything."""
    stigg.v1.customers.provision(id=customer_id, name="Acme", email="billing@acme.example")
    stigg.v1.subscriptions.provision(
        id=subscription_id,
        customer_id=customer_id,
        plan_id="plan-growth",
        billing_period="ANNUALLY",
        payment_collection_method="INVOICE",
        addons=[{"id": "addon-seats", "quantity": 3}],
        charges=[{"id": "feature-api-calls", "quantity": 10, "type": "FEATURE"}],
        entitlements=[
            {"type": "FEATURE", "id": "feature-seats", "usage_limit": 80},
            {"type": "CREDIT", "id": "cred-type-tokens", "amount": 500, "cadence": "MONTH"},
        ],
        price_overrides=[
            {"base_charge": True, "amount": 1500, "currency": "usd"},
            {"feature_id": "feature-api-calls", "amount": 0.5, "currency": "usd"},
        ],
        applied_coupon={"discount": {"name": "Deal", "percent_off": 10}},
        budget={"has_soft_limit": True, "limit": 9000},
        minimum_spend={"amount": 10, "currency": "usd"},
        cancellation_date=datetime(2090, 1, 1, tzinfo=UTC),
        metadata={"opportunity": "006000000000001"},
        salesforce_id="006000000000001",
    )


def test_customers(stigg: Stigg) -> None:
    """Customers are created, read, updated, archived and restored."""
    customers = stigg.v1.customers
    created = customers.provision(
        id="acme",
        name="Acme",
        email="billing@acme.example",
        billing_currency="eur",
        integrations=[{"id": "int-1", "synced_entity_id": "001000000000001", "vendor_identifier": "SALESFORCE"}],
        passthrough={"stripe": {"billing_address": {"city": "Paris"}}},
        default_payment_method={
            "billing_id": "pm_1",
            "card_expiry_month": 1,
            "card_expiry_year": 2099,
            "card_last4_digits": "4242",
            "type": "CARD",
        },
    )
    renamed = customers.update("acme", name="Acme Corp")
    archived = customers.archive("acme")
    customers.unarchive("acme")

    assert created.data.integrations is not None
    assert created.data.integrations[0].vendor_identifier == "SALESFORCE"
    assert renamed.data.name == "Acme Corp"
    assert archived.data.archived_at is not None
    assert customers.retrieve("acme").data.archived_at is None


def test_payment_method(stigg: Stigg) -> None:
    """A card is put on file and taken away again."""
    stigg.v1.customers.provision(id="acme")
    attached = stigg.v1.customers.payment_method.attach(
        "acme", integration_id="int-1", payment_method_id="pm_2", vendor_identifier="STRIPE"
    )
    detached = stigg.v1.customers.payment_method.detach("acme")

    assert attached.data.default_payment_method is not None
    assert detached.data.default_payment_method is None


def test_provision(stigg: Stigg) -> None:
    """A subscription comes back with its add-ons, prices, coupon, entitlements and first invoice."""
    subscribe(stigg)
    shown = stigg.v1.subscriptions.retrieve("sub-1").data

    assert shown.status == "ACTIVE"
    assert [addon.quantity for addon in shown.addons or []] == [3]
    assert [price.amount for price in shown.prices or []] == [1500, 99, 0.5]
    assert [coupon.percent_off for coupon in shown.coupons or []] == [10]
    assert [item.id for item in shown.subscription_entitlements or []] == ["feature-seats", "cred-type-tokens"]
    assert shown.latest_invoice is not None
    assert shown.latest_invoice.amount_due == 1797


def test_payment_required(stigg: Stigg) -> None:
    """Without a payment method a charged plan leads to a checkout if one is wanted, and nothing is active."""
    stigg.v1.customers.provision(id="acme")
    subscriptions = stigg.v1.subscriptions
    chosen: Any = {"customer_id": "acme", "plan_id": "plan-starter", "billing_period": "MONTHLY"}
    pages: Any = {"success_url": "https://acme.example/ok", "cancel_url": "https://acme.example/no"}
    asked = subscriptions.provision(id="sub-1", checkout_options=pages, **chosen)
    without_a_page = subscriptions.provision(id="sub-2", **chosen)

    assert (asked.data.status, asked.data.subscription) == ("PAYMENT_REQUIRED", None)
    assert asked.data.checkout_url
    assert (without_a_page.data.status, without_a_page.data.checkout_url) == ("PAYMENT_REQUIRED", None)
    with pytest.raises(sdk.NotFoundError):
        stigg.v1.subscriptions.retrieve("sub-1")


def test_subscription_changes(stigg: Stigg) -> None:
    """A subscription is updated, scheduled, unscheduled, transferred, delegated, paid and canceled."""
    subscribe(stigg)
    stigg.v1.customers.provision(id="globex", name="Globex")
    subscriptions = stigg.v1.subscriptions
    updated = subscriptions.update("sub-1", addons=[], metadata={"a": "b"}, cancellation_date=None)
    scheduled = subscriptions.update("sub-1", billing_period="MONTHLY", schedule_strategy="END_OF_BILLING_PERIOD")
    dropped = subscriptions.future_update.cancel_schedule("sub-1")
    moved = subscriptions.transfer("sub-1", destination_resource_id="site-2")
    delegated = subscriptions.delegate("sub-1", target_customer_id="globex")
    paid = subscriptions.invoice.mark_as_paid("sub-1")
    canceled = subscriptions.cancel("sub-1", cancellation_time="IMMEDIATE")

    assert (updated.data.addons, updated.data.cancellation_date) == ([], None)
    assert [item.subscription_schedule_type for item in scheduled.data.future_updates or []] == ["BILLING_PERIOD"]
    assert (dropped.data.id, paid.data.id) == ("sub-1", "sub-1")
    assert moved.data.resource_id == "site-2"
    assert (delegated.data.customer_id, delegated.data.paying_customer_id) == ("globex", "acme")
    assert (canceled.data.status, canceled.data.cancel_reason) == ("CANCELED", "Immediate")


def test_migration(stigg: Stigg, emulator: Emulator) -> None:
    """A subscription is migrated at the end of its period, and then now."""
    subscribe(stigg)
    emulator.publish_plan("plan-growth")
    migrate = stigg.v1.subscriptions.migrate
    later = migrate("sub-1", subscription_migration_time="END_OF_BILLING_PERIOD")
    now = migrate("sub-1", subscription_migration_time="IMMEDIATE")
    with pytest.raises(sdk.BadRequestError, match="has version 2"):
        migrate("sub-1")

    assert [item.subscription_schedule_type for item in later.data.future_updates or []] == ["MIGRATE_TO_LATEST"]
    assert now.data.future_updates == []


def test_pending_payment(stigg: Stigg) -> None:
    """A change that cannot be charged waits for its payment, and can be dropped."""
    stigg.v1.customers.provision(id="acme", passthrough={"stripe": {"payment_method_id": "pm_1"}})
    stigg.v1.subscriptions.provision(id="sub-1", customer_id="acme", plan_id="plan-starter", billing_period="MONTHLY")
    stigg.v1.customers.update("acme", passthrough={})
    updated = stigg.v1.subscriptions.update("sub-1", addons=[{"id": "addon-seats", "quantity": 1}])
    stigg.v1.subscriptions.future_update.cancel_pending_payment("sub-1")

    assert [item.schedule_status for item in updated.data.future_updates or []] == ["PENDING_PAYMENT"]
    assert updated.data.addons == []
    assert stigg.v1.subscriptions.retrieve("sub-1").data.future_updates == []


def test_an_unpaid_page(stigg: Stigg, emulator: Emulator) -> None:
    """A payment page that waits is dropped by its subscription's id: it cannot be paid, nor dropped twice."""
    stigg.v1.customers.provision(id="acme")
    pages: Any = {"success_url": "https://acme.example/ok", "cancel_url": "https://acme.example/no"}
    chosen: Any = {"customer_id": "acme", "plan_id": "plan-starter", "billing_period": "MONTHLY"}
    stigg.v1.subscriptions.provision(id="sub-1", checkout_options=pages, **chosen)
    dropped = stigg.v1.subscriptions.future_update.cancel_pending_payment("sub-1")

    assert dropped.data.id == "sub-1"
    with pytest.raises(AdminError):
        emulator.checkout("sub-1")
    with pytest.raises(sdk.NotFoundError):
        stigg.v1.subscriptions.future_update.cancel_pending_payment("sub-1")


def test_preview(stigg: Stigg) -> None:
    """A preview prices base charge and add-ons in whole currency units, in the customer's currency."""
    stigg.v1.customers.provision(id="acme", billing_currency="eur")
    previewed = stigg.v1.subscriptions.preview(
        customer_id="acme",
        plan_id="plan-starter",
        billing_period="MONTHLY",
        addons=[{"id": "addon-seats", "quantity": 2}],
        applied_coupon={"coupon_id": "coupon-welcome"},
    ).data

    assert previewed.recurring_invoice is not None
    assert (previewed.recurring_invoice.sub_total, previewed.recurring_invoice.total) == (63, 50.4)
    assert previewed.immediate_invoice.currency == "eur"
    assert previewed.is_plan_downgrade is False


def test_plans(stigg: Stigg) -> None:
    """A plan is read with its product; one that does not exist is not found."""
    plan = stigg.v1.plans.retrieve("plan-workspace").data
    with pytest.raises(sdk.NotFoundError):
        stigg.v1.plans.retrieve("plan-nowhere")

    assert (plan.id, plan.product_id, plan.pricing_type) == ("plan-workspace", "product-workspaces", "PAID")
    assert [(item.id, item.type) for item in plan.entitlements] == [("feature-seats", "FEATURE")]


def test_catalog(stigg: Stigg) -> None:
    """The lists of plans, add-ons, features and credit currencies are read page by page, and filtered."""
    plans, addons, features = stigg.v1.plans, stigg.v1.addons, stigg.v1.features
    of_workspaces = plans.list(product_id="product-workspaces", status=["PUBLISHED", "DRAFT"])

    assert [plan.id for plan in of_workspaces] == ["plan-workspace"]
    assert len(list(plans.list(limit=2))) == 6
    assert [plan.id for plan in plans.list(status=["ARCHIVED"])] == []
    assert [(addon.id, addon.product_id, addon.max_quantity) for addon in addons.list()] == [
        ("addon-seats", "product-app", 10000),
        ("addon-support", "product-app", 1),
    ]
    assert [addon.id for addon in addons.list(product_id="product-workspaces")] == []
    assert [feature.id for feature in features.list_features(feature_type=["BOOLEAN"])] == ["feature-sso"]
    assert [feature.id for feature in features.list_features(id="feature-seats")] == ["feature-seats"]
    assert [feature.id for feature in features.list_features(status=["NEW"])] == []
    assert [feature.id for feature in features.list_features(created_at={"gt": "2030-01-01T00:00:00Z"})] == []
    currencies = stigg.v1.credits.custom_currencies
    assert [(currency.id, currency.units and currency.units.plural) for currency in currencies.list()] == [
        ("cred-type-tokens", "tokens")
    ]
    assert [currency.id for currency in currencies.list(status=["ARCHIVED"])] == []


def test_an_archived_customer(stigg: Stigg) -> None:
    """A customer is archived with its subscriptions, can be granted nothing, and is restored without them."""
    subscribe(stigg)
    archived = stigg.v1.customers.archive("acme").data
    gift: Any = {"customer_id": "acme", "currency_id": "cred-type-tokens", "amount": 5, "display_name": "Gift"}

    assert archived.archived_at is not None
    assert stigg.v1.subscriptions.retrieve("sub-1").data.status == "CANCELED"
    assert stigg.v1.subscriptions.retrieve("sub-1").data.cancel_reason == "CustomerArchived"
    with pytest.raises(sdk.NotFoundError):
        stigg.v1.customers.archive("acme")
    with pytest.raises(sdk.BadRequestError):
        stigg.v1.credits.grants.create(grant_type="PROMOTIONAL", **gift)
    assert stigg.v1.customers.unarchive("acme").data.archived_at is None
    assert stigg.v1.credits.grants.create(grant_type="PROMOTIONAL", **gift).data.status == "ACTIVE"


def test_grants(stigg: Stigg, emulator: Emulator) -> None:
    """Credits are granted, used, listed, voided, and seen in the customer's entitlements."""
    stigg.v1.customers.provision(id="acme")
    grants = stigg.v1.credits.grants
    granted = grants.create(
        customer_id="acme",
        currency_id="cred-type-tokens",
        amount=100,
        display_name="Welcome",
        grant_type="PAID",
        cost={"amount": 20, "currency": "usd"},
        payment_collection_method="INVOICE",
        metadata={"operation": "op-1"},
    )
    free = grants.create(
        customer_id="acme", currency_id="cred-type-tokens", amount=5, display_name="Gift", grant_type="PROMOTIONAL"
    )
    emulator.use_credits(free.data.id, 2)
    entitlements = stigg.v1.customers.retrieve_entitlements("acme").data.entitlements
    voided = grants.void(free.data.id)

    assert granted.data.status == "PAYMENT_PENDING"
    assert [(item.usage_limit, item.current_usage) for item in entitlements] == [(5, 2)]
    assert (voided.data.status, voided.data.consumed_amount) == ("VOIDED", 2)
    assert voided.data.voided_at is not None
    assert [item.id for item in grants.list(customer_id="acme")] == [granted.data.id, free.data.id]


def test_promotional_entitlements(stigg: Stigg) -> None:
    """A feature is granted, replaced, listed, seen in the customer's entitlements, and revoked."""
    stigg.v1.customers.provision(id="acme")
    promotions = stigg.v1.customers.promotional_entitlements
    nothing: Any = dict.fromkeys(
        ("custom_end_date", "enum_values", "has_soft_limit", "has_unlimited_usage", "is_visible", "usage_limit",
         "weekly_reset_period_configuration", "yearly_reset_period_configuration")
    )  # fmt: skip
    monthly: Any = {"reset_period": "MONTH", "monthly_reset_period_configuration": {"according_to": "StartOfTheMonth"}}
    unlimited: Any = {"reset_period": None, "monthly_reset_period_configuration": None, "has_unlimited_usage": True}
    asked: Any = {**nothing, "feature_id": "feature-seats"}
    limited_terms: Any = {**asked, **monthly, "period": "1 week", "usage_limit": 4}
    lasting_terms: Any = {**asked, **unlimited, "period": "lifetime"}
    promotions.create("acme", promotional_entitlements=[limited_terms])
    limited = stigg.v1.customers.retrieve_entitlements("acme").data.entitlements
    created = promotions.create("acme", promotional_entitlements=[lasting_terms])
    entitlements = stigg.v1.customers.retrieve_entitlements("acme").data.entitlements
    listed = [item.period for item in promotions.list("acme", status=["Active"])]
    revoked = promotions.revoke("feature-seats", id="acme")

    assert [(item.usage_limit, item.type) for item in limited] == [(4, "FEATURE")]
    assert [(item.status, item.end_date) for item in created.data] == [("Active", None)]
    assert [item.usage_limit for item in entitlements] == [None]
    assert (listed, revoked.data.feature_id) == (["lifetime"], "feature-seats")
    assert list(promotions.list("acme")) == []
    with pytest.raises(sdk.NotFoundError):
        promotions.revoke("feature-seats", id="acme")


def test_invoices(stigg: Stigg) -> None:
    """A customer's invoices are listed and filtered by state."""
    subscribe(stigg)

    assert [invoice.total for invoice in stigg.v1.customers.list_invoices("acme", state_in="OPEN")] == [1797]
    assert list(stigg.v1.customers.list_invoices("acme", state_in="PAID")) == []
    assert stigg.v1.customers.list_contracts("acme").data == []


def test_contracts(stigg: Stigg) -> None:
    """Contracts are created with new and existing subscriptions, read, changed, listed and archived."""
    stigg.v1.customers.provision(id="acme", name="Acme")
    stigg.v1.subscriptions.provision(id="sub-1", customer_id="acme", plan_id="plan-enterprise")
    new: Any = {
        "id": "sub-2",
        "customer_id": "acme",
        "plan_id": "plan-workspace",
        "resource_id": "desk",
        "billing_period": "MONTHLY",
        "payment_collection_method": "NONE",
        "minimum_spend": {"amount": 10, "currency": "usd"},
    }
    contracts, window = stigg.v1.contracts, datetime(2040, 1, 1, tzinfo=UTC)
    made = contracts.create(
        customer_id="acme",
        contract_id="c-1",
        name="Deal",
        activation_start_date=window,
        setup_billing=False,
        subscriptions=[{"existing_subscription_id": "sub-1"}, {"new_subscription": new}],
    ).data

    assert (made.name, made.state, made.billing_state, made.activation_start_date) == ("Deal", "ACTIVE", None, window)
    assert stigg.v1.subscriptions.retrieve("sub-2").data.contract_id == made.id
    with pytest.raises(sdk.ConflictError):
        contracts.create(customer_id="acme", subscriptions=[{"existing_subscription_id": "sub-1"}])
    changed = contracts.update("c-1", po_number="PO-1", setup_billing=True, subscription_ids=["sub-2"]).data
    assert (changed.po_number, changed.billing_state, len(changed.subscriptions)) == ("PO-1", "ACTIVE", 1)
    assert [one.contract_id for one in stigg.v1.customers.list_contracts("acme").data] == ["c-1"]
    assert contracts.delete("c-1").data.state == "CANCELED"
    assert contracts.retrieve("c-1").data.subscriptions[0].subscription_id == "sub-2"
    assert stigg.v1.subscriptions.retrieve("sub-2").data.status == "CANCELED"


def test_pages(stigg: Stigg) -> None:
    """The SDK walks through pages, forwards and back."""
    for number in range(5):
        stigg.v1.customers.provision(id=f"customer-{number}")
    first = stigg.v1.customers.list(limit=2)
    second = first.get_next_page()
    assert second.pagination is not None
    before = stigg.v1.customers.list(limit=2, before=second.pagination.prev or "")

    assert [customer.id for customer in stigg.v1.customers.list(limit=2)] == [f"customer-{n}" for n in range(5)]
    assert [customer.id for customer in before.data] == ["customer-0", "customer-1"]


def test_filters(stigg: Stigg) -> None:
    """Subscriptions are filtered by customer, status, pricing type and creation date."""
    subscribe(stigg, "sub-1", "acme")
    subscribe(stigg, "sub-2", "globex")
    stigg.v1.subscriptions.cancel("sub-2", cancellation_time="IMMEDIATE")
    subscriptions = stigg.v1.subscriptions
    future = datetime(2090, 1, 1, tzinfo=UTC)

    assert [item.id for item in subscriptions.list(status=["ACTIVE", "IN_TRIAL"])] == ["sub-1"]
    assert [item.id for item in subscriptions.list(customer_id="globex", pricing_type=["PAID", "FREE"])] == ["sub-2"]
    assert list(subscriptions.list(created_at={"gte": future})) == []
    assert len(list(subscriptions.list(created_at={"lt": future}))) == 2


def test_refusals(stigg: Stigg, emulator: Emulator) -> None:
    """Refusals become the SDK's exceptions, each with Stigg's message and code."""
    stigg.v1.customers.provision(id="acme")
    emulator.set_key("server-reader", "readOnly")
    with pytest.raises(sdk.ConflictError) as conflict:
        stigg.v1.customers.provision(id="acme")
    with pytest.raises(sdk.BadRequestError):
        stigg.v1.subscriptions.provision(customer_id="acme", plan_id="plan-x")
    with pytest.raises(sdk.NotFoundError):
        stigg.v1.customers.retrieve("nobody")
    with pytest.raises(sdk.AuthenticationError):
        stigg.with_options(api_key="server-unknown").v1.customers.retrieve("acme")
    with pytest.raises(sdk.PermissionDeniedError):
        stigg.with_options(api_key="server-reader").v1.customers.provision(id="globex")

    message = "Customer already exists: acme"
    assert conflict.value.body == {"message": message, "code": "DuplicatedEntityNotAllowed"}


def test_rate_limit(stigg: Stigg) -> None:
    """The thirty-first write of one customer within a minute becomes the SDK's rate limit error."""
    stigg.v1.customers.provision(id="acme")
    for number in range(30):
        stigg.v1.customers.update("acme", name=f"Acme {number}")
    with pytest.raises(sdk.RateLimitError):
        stigg.v1.customers.update("acme", name="Acme")
