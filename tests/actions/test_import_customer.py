"""import-customer, in this process: customers of billing come to Stigg, and those that Stigg has are left alone."""

from typing import Any

import pytest
from stigg.types.v1 import CustomerImportParams

from stigg_actions.errors import ActionError, Conflict, OutcomeUnknown, RateLimited, Refused
from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import container_that_first, dying_container, listening_container
from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT

ACTION = "import-customer"
IMPORT = {
    "customerId": "cust-acme",
    "salesforceAccountId": ACCOUNT,
    "name": "Acme",
    "email": "billing@acme.example",
    "billingId": "cus_1",
    "paymentMethodId": "pm_1",
    "metadata": {"tier": "gold"},
}
POST = "POST .*/customers/import"
PAST = "2020-01-01T00:00:00Z"


def imported(actions: Harness, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Import the customer; return the answer."""
    answer: dict[str, Any] = actions.invoke(ACTION, IMPORT | changes)
    return answer


def in_stigg(actions: Harness) -> dict[str, Any]:
    """Return the only customer that Stigg has."""
    (customer,) = actions.emulator.state()["customers"]
    return dict(customer)


def imports(actions: Harness) -> int:
    """How often a customer was sent to be imported."""
    return sum(path.endswith("/customers/import") for _, path in actions.writes_to_stigg())


def test_imported(actions: Harness) -> None:
    """A customer is imported with all of its fields, and its account leads to it; a repeat does nothing."""
    bodies = [imported(actions) for _ in range(2)]

    customer = in_stigg(actions)
    assert [(body["outcome"], body["customerId"], body["replayed"]) for body in bodies] == [
        ("imported", "cust-acme", False),
        ("imported", "cust-acme", True),
    ]
    assert (customer["name"], customer["email"], customer["billingId"]) == ("Acme", "billing@acme.example", "cus_1")
    assert customer["defaultPaymentMethod"]["billingId"] == "pm_1"
    assert (customer["metadata"]["tier"], customer["metadata"]["salesforceAccountId"]) == ("gold", ACCOUNT)
    assert actions.ok("get-customer", {"salesforceAccountId": ACCOUNT})["customerId"] == "cust-acme"
    assert imports(actions) == 1


def test_what_is_sent(actions: Harness) -> None:
    """What is sent fits the SDK's types, names the account, and is never newer than the request."""
    sent: list[dict[str, Any]] = []
    actions.invoke(ACTION, IMPORT | {"asOf": PAST}, None, listening_container(actions, POST, sent))
    (customer,) = sent[0]["customers"]

    assert body_problems(CustomerImportParams, sent[0]) == []
    assert (customer["salesforceId"], customer["updatedAt"]) == (ACCOUNT, "2020-01-01T00:00:00.000Z")


def test_the_account_is_the_customer_id(actions: Harness) -> None:
    """Without customerId, a new customer has the id of its account; little else is required."""
    answer = actions.invoke(ACTION, {"salesforceAccountId": ACCOUNT, "integrationId": "int-1"})

    assert (answer["outcome"], answer["customerId"], in_stigg(actions)["name"]) == ("imported", ACCOUNT, None)


@pytest.mark.parametrize(
    ("present", "differing"),
    [
        ({"name": "Acme", "email": "billing@acme.example", "billingId": "cus_1", "metadata": {"tier": "gold"}}, None),
        ({"name": "Acme Inc", "metadata": {"tier": "silver"}}, ["name", "email", "billingId", "metadata"]),
    ],
)
def test_a_known_customer(actions: Harness, present: dict[str, Any], differing: list[str] | None) -> None:
    """A customer that Stigg has is linked and left as it is; the fields that differ are named."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", **present})
    before = in_stigg(actions)

    body = imported(actions)

    assert (body["outcome"], body.get("differingFields")) == ("unchanged", differing)
    assert (in_stigg(actions), imports(actions)) == (before, 0)
    assert actions.ok("get-customer", {"salesforceAccountId": ACCOUNT})["customerId"] == "cust-acme"
    assert actions.customer("cust-acme").latest is None


def test_one_created_at_the_same_moment(actions: Harness) -> None:
    """A customer that somebody creates just before the import arrives is not overwritten."""
    meanwhile = container_that_first(
        actions, POST, lambda: actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Newer"})
    )
    body = actions.invoke(ACTION, IMPORT, None, meanwhile)

    assert (body["outcome"], in_stigg(actions)["name"]) == ("unchanged", "Newer")


@pytest.mark.parametrize("present", [False, True])
def test_dry_run(actions: Harness, *, present: bool) -> None:
    """A dry run says what would be done, and changes nothing."""
    if present:
        actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Acme"})
    body = imported(actions, dryRun=True)

    assert body["outcome"] == ("unchanged" if present else "dryRun")
    assert (imports(actions), actions.operations()) == (0, [])


@pytest.mark.parametrize("dry_run", [False, True])
def test_refused(actions: Harness, *, dry_run: bool) -> None:
    """An account of another customer and an archived customer are refused, in a dry run too."""
    actions.ok("create-customer", {"customerId": "cust-globex", "salesforceAccountId": OTHER_ACCOUNT})
    with pytest.raises(Conflict, match="CUSTOMER_MISMATCH"):
        imported(actions, salesforceAccountId=OTHER_ACCOUNT, dryRun=dry_run)
    actions.stigg_app("POST", "/api/v1/customers/cust-globex/archive", {})
    with pytest.raises(Refused, match="CUSTOMER_ARCHIVED"):
        imported(actions, customerId="cust-globex", salesforceAccountId=OTHER_ACCOUNT, dryRun=dry_run)


@pytest.mark.parametrize("dry_run", [False, True])
def test_superseded(actions: Harness, *, dry_run: bool) -> None:
    """Older data does not import a customer that newer data made."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme Inc"})
    body = imported(actions, asOf=PAST, dryRun=dry_run)

    assert (body["outcome"], in_stigg(actions)["name"]) == ("superseded", "Acme Inc")


@pytest.mark.parametrize("after", [False, True])
def test_killed(actions: Harness, *, after: bool) -> None:
    """A process that dies around the import leaves one customer after the repeat."""
    with pytest.raises(CrashError):
        actions.invoke(ACTION, IMPORT, None, dying_container(actions, POST, after=after))
    actions.clock.skip(11)

    assert (imported(actions)["outcome"], in_stigg(actions)["name"], imports(actions)) == ("imported", "Acme", 1)


def test_not_shown_yet(actions: Harness) -> None:
    """An import that cannot be read back is unknown; the repeat finds it."""
    shown: list[bool] = []

    def hide() -> None:
        shown.append(True)
        actions.emulator.fault("GET", "/customers/", "status", 404)

    with pytest.raises(OutcomeUnknown):
        actions.invoke(ACTION, IMPORT, None, container_that_first(actions, POST, hide))
    actions.emulator.clear_faults()

    assert (imported(actions)["outcome"], imports(actions), shown) == ("imported", 1, [True])


@pytest.mark.parametrize("key", [None, "import/1"])
def test_repeats(actions: Harness, key: str | None) -> None:
    """A repeat is answered while Stigg has the customer, or cannot say; if it is gone, it is imported again."""
    named = {"idempotencyKey": key} if key else {}
    imported(actions, **named)
    actions.emulator.fault("GET", "/customers/", "status", 429)
    while_limited = imported(actions, **named)
    actions.emulator.clear_faults()
    actions.emulator.reset()
    gone = imported(actions, **named)

    assert (while_limited["replayed"], gone["outcome"], gone["replayed"]) == (True, "imported", key is not None)


def test_refused_by_stigg(actions: Harness) -> None:
    """A billing id of another customer is refused, and the corrected row is imported."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-globex", "billingId": "cus_1"})
    with pytest.raises(ActionError) as refused:
        imported(actions)

    assert not isinstance(refused.value, RateLimited)
    assert imported(actions, billingId="cus_2")["outcome"] == "imported"
