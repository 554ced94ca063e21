"""forget-customer: what is stored of people goes, what was done stays known."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stigg_actions.errors import ActionError
from tests.support.batch_requests import entry
from tests.support.contexts import Context
from tests.support.crashes import CrashError, crash
from tests.support.deals import bonus, deal, plan
from tests.support.faulty_dynamodb import FaultyDynamoDB, died_after, died_before, refused
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, LINE, OTHER_ACCOUNT, OTHER_LINE, RENEWAL_LINE, grant, sold, subscription
from tests.support.some import some

ACTION, PROVISION, DEAL = "forget-customer", "create-subscription-with-return-data", "provision-opportunity"
PAGES = {"successUrl": "https://acme.example/thanks", "cancelUrl": "https://acme.example/no"}
ACME = {
    "customerId": "cust-acme",
    "name": "Jane Doe",
    "email": "jane.doe@acme.example",
    "metadata": {"phone": "+49 30 1234"},
    "salesforceAccountId": ACCOUNT,
}
OTHER = {"customerId": "cust-other", "name": "John Roe", "email": "john.roe@other.example"}
BILLED = subscription(
    customerName="Jane Doe",
    customerEmail="jane.doe@acme.example",
    billingInformation={"billingAddress": {"line1": "1 Main Street", "country": "DE"}},
    metadata={"signedBy": "Jane Doe"},
)
CREDITS = grant(comment="For Jane Doe")
WORKFLOW = {"triggerId": "notify-customer", "payload": {"customerId": "cust-acme", "to": "jane.doe@acme.example"}}
PERSONAL = ("Jane", "jane", "+49 30", "Main Street")
NOTHING = {"operations": 0, "subscriptions": 0, "batchRequests": 0, "unsettled": 0}


def forgotten(actions: Harness, container: Any = None, **request: object) -> dict[str, Any]:  # noqa: ANN401 - a container
    """Forget cust-acme, as an operator does."""
    body: dict[str, Any] = actions.invoke(ACTION, {"customerId": "cust-acme", **request}, None, container)
    return body


def counts(body: dict[str, Any]) -> dict[str, int]:
    """Return how much was removed."""
    return {name: body[name] for name in NOTHING}


def told_ids(body: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Return subscription and grant of each line of an opportunity's answer."""
    return [(line.get("subscriptionId"), line.get("grantId")) for line in body["lines"]]


def stored(actions: Harness) -> str:
    """Return all that the tables hold, as one text."""
    tables = actions.tables
    return json.dumps([tables.items(name) for name in (tables.mappings, tables.operations, tables.batches)])


def served(actions: Harness) -> None:
    """Serve a customer in every way that leaves something about a person in the tables, and another customer."""
    for action, request in (
        ("create-customer", OTHER),
        ("create-customer", ACME),
        ("create-subscription", BILLED),
        ("create-credit-grant", CREDITS),
        ("trigger-workflow", WORKFLOW),
        ("trigger-workflow", {"triggerId": "notify-customer", "payload": {"to": "Jane"}, "salesforceRecordId": LINE}),
        (
            "trigger-workflow",
            {"triggerId": "notify-customer", "payload": {"to": "Jane"}, "salesforceAccountId": ACCOUNT},
        ),
    ):
        actions.ok(action, request)
    assert actions.post("create-subscription", BILLED | {"planId": "plan-nowhere"}).status == 404


def test_what_is_personal_is_gone(actions: Harness) -> None:
    """Names, addresses and requests of the customer are in no table any more; those of others are."""
    served(actions)
    before = stored(actions)

    body = forgotten(actions)

    assert [word for word in PERSONAL if word not in before] == []
    assert counts(body) == {"operations": 7, "subscriptions": 1, "batchRequests": 0, "unsettled": 0}
    assert (body["outcome"], body["complete"], "nextToken" in body) == ("forgotten", True, False)
    assert [word for word in PERSONAL if word in stored(actions)] == []
    assert "john.roe@other.example" in stored(actions)


def test_what_was_done_is_still_not_done_twice(actions: Harness) -> None:
    """After everything is forgotten, each request is answered as a repeat, with the ids of its effect."""
    requests = {
        "create-customer": ACME | {"idempotencyKey": "deal-0"},
        PROVISION: BILLED,
        "create-credit-grant": CREDITS,
        "trigger-workflow": WORKFLOW | {"idempotencyKey": "deal-1"},
    }
    first = {action: actions.ok(action, request) for action, request in requests.items()}
    writes = actions.writes_to_stigg()
    forgotten(actions)
    again = {action: actions.ok(action, request) for action, request in requests.items()}

    assert actions.writes_to_stigg() == writes
    assert all(body["replayed"] for body in some(again.values()))
    for name in ("outcome", "customerId", "subscriptionId", "grantId", "status", "amount"):
        assert [body.get(name) for body in again.values()] == [body.get(name) for body in first.values()]


def test_what_leads_to_later_calls_is_no_operation(actions: Harness) -> None:
    """The ledger's items that lead from a later call to its operation are passed over, and stay."""
    old = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(old, "OPEN")
    refused_first = actions.post("create-subscription", subscription(planId="plan-starter"))
    actions.emulator.invoice(old, "PAID")
    actions.ok("create-subscription", subscription(planId="plan-starter"))
    leading = [item for item in actions.tables.items(actions.tables.operations) if "status" not in item]
    body = forgotten(actions)

    assert refused_first.status != 200
    assert len(leading) == 1
    assert (body["complete"], body["unsettled"]) == (True, 0)
    assert leading[0] in actions.tables.items(actions.tables.operations)


def test_a_forgotten_deal_is_not_provisioned_twice(actions: Harness) -> None:
    """A whole opportunity that was forgotten makes no second subscription and no second grant."""
    first = actions.ok(DEAL, deal(plan(), bonus()))
    forgotten(actions, customerId=ACCOUNT)
    again = actions.ok(DEAL, deal(plan(), bonus()))
    made = [path for _, path in actions.writes_to_stigg() if path.endswith(("/subscriptions", "/grants"))]

    assert len(made) == 2
    assert told_ids(again) == told_ids(first)
    assert "buyer@acme.example" not in stored(actions)


def test_a_dry_run_and_a_second_run(actions: Harness) -> None:
    """A dry run counts and changes nothing; the run counts the same, and once more finds nothing."""
    served(actions)
    before = stored(actions)
    rehearsed = forgotten(actions, dryRun=True)
    unchanged = stored(actions) == before
    done = forgotten(actions)

    assert (rehearsed["outcome"], unchanged) == ("wouldForget", True)
    assert counts(rehearsed) == counts(done)
    assert counts(forgotten(actions)) == NOTHING


class SmallPages:
    """A client whose scans give two items a page."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - any client
        self._client = client

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return any operation."""
        return getattr(self._client, operation)

    def scan(self, **arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
        """Read a small page."""
        return self._client.scan(**arguments, Limit=2)


def test_page_by_page(actions: Harness) -> None:
    """Pages are followed to the end of both tables."""
    served(actions)
    body = forgotten(actions, actions.container(dynamodb=SmallPages(actions.tables.plain)))

    assert (body["complete"], body["operations"]) == (True, 7)
    assert [word for word in PERSONAL if word in stored(actions)] == []


def test_going_on(actions: Harness) -> None:
    """A call without the time for another page tells where to go on, and the next call does."""
    served(actions)
    body = actions.invoke(ACTION, {"customerId": "cust-acme"}, Context(12))
    rest = forgotten(actions, nextToken=body["nextToken"])

    assert (body["complete"], counts(body)) == (False, NOTHING)
    assert (rest["complete"], rest["operations"]) == (True, 7)


@pytest.mark.parametrize("token", ["page 2", "WyJwYWdlcyIsIG51bGxd", "WyJvcGVyYXRpb25zIiwgMV0="])
def test_a_token_that_is_none(actions: Harness, token: str) -> None:
    """A token that this action never gave is refused by name."""
    with pytest.raises(ActionError, match="was not returned by forget-customer"):
        forgotten(actions, nextToken=token)


@pytest.mark.parametrize("died", [died_before, died_after])
@pytest.mark.parametrize("number", range(8))
def test_killed_anywhere(actions: Harness, died: Callable[..., Any], number: int) -> None:
    """A call that is killed around any of its changes is simply made again."""
    served(actions)
    dying = FaultyDynamoDB(actions.tables.plain, update_item=[None] * number + [died])
    with pytest.raises(CrashError):
        forgotten(actions, actions.container(dynamodb=dying))

    assert forgotten(actions)["complete"]
    assert [word for word in PERSONAL if word in stored(actions)] == []


def test_what_is_not_settled_waits(actions: Harness) -> None:
    """An operation of unknown outcome keeps its request, by which it is settled; after that it is forgotten."""
    actions.ok("create-customer", ACME)
    crash(actions, "create-subscription", BILLED, "POST .*/subscriptions$", after=True)
    first = forgotten(actions)
    actions.clock.skip(100)
    actions.invoke("reconcile", {})

    assert counts(first) == {"operations": 1, "subscriptions": 0, "batchRequests": 0, "unsettled": 1}
    assert counts(forgotten(actions)) == {"operations": 1, "subscriptions": 1, "batchRequests": 0, "unsettled": 0}
    assert [word for word in PERSONAL if word in stored(actions)] == []


def test_taken_up_meanwhile(actions: Harness) -> None:
    """An operation that is taken up between reading and removing is left alone and counted."""
    actions.ok("create-customer", ACME)
    overtaken = FaultyDynamoDB(actions.tables.plain, update_item=[refused("ConditionalCheckFailedException")])

    assert counts(forgotten(actions, actions.container(dynamodb=overtaken))) == NOTHING | {"unsettled": 1}
    assert counts(forgotten(actions)) == NOTHING | {"operations": 1}


def test_a_forgotten_failure(actions: Harness) -> None:
    """A refusal that was forgotten is listed without its words, is not replayed, and its caller can ask again."""
    wrong = subscription(customerName="Jane Doe", planId="plan-nowhere")
    actions.post("create-subscription", wrong)
    forgotten(actions)
    (one,) = actions.invoke("list-operations", {})["operations"]
    with pytest.raises(ActionError, match="REPLAY_REFUSED"):
        actions.invoke("replay-operation", {"operationKey": one["operationKey"]})

    assert (one["errorCode"], one["salesforceRecordId"]) == ("PLAN_NOT_FOUND", LINE)
    assert one["errorMessage"] == "PLAN_NOT_FOUND: The details were removed by forget-customer."
    assert "forget-customer removed its request" in one["whatToDo"]
    assert actions.post("create-subscription", wrong).status == 404
    assert counts(forgotten(actions)) == NOTHING | {"operations": 1}


def test_a_payment_page(actions: Harness) -> None:
    """What awaits payment keeps its page; paid and asked for again, it is known with its request again."""
    request = subscription(customerName="Jane Doe", paymentCollectionMethod="CHARGE", checkoutOptions=PAGES)
    waiting = actions.ok(PROVISION, request)
    forgotten(actions)
    still = actions.ok(PROVISION, request)
    actions.emulator.checkout(waiting["subscriptionId"])
    paid = actions.ok(PROVISION, request)

    for name in ("outcome", "subscriptionId", "checkoutUrl"):
        assert still[name] == waiting[name]
    assert (paid["outcome"], paid["subscriptionId"]) == ("created", waiting["subscriptionId"])
    assert "Jane Doe" in stored(actions)
    assert forgotten(actions)["operations"] == 1


def test_another_write_of_a_forgotten_payment(actions: Harness) -> None:
    """A write of the record does not settle what it can no longer read, and goes on."""
    request = subscription(customerName="Jane", paymentCollectionMethod="CHARGE", checkoutOptions=PAGES)
    waiting = actions.ok(PROVISION, request)
    forgotten(actions)
    actions.emulator.checkout(waiting["subscriptionId"])

    assert actions.ok(PROVISION, subscription(planId="plan-free"))["outcome"] in {"created", "replaced"}


def test_batches(actions: Harness) -> None:
    """Requests of a batch go with their results' words; what has not run yet is left, and what names others stays."""
    requests = [
        entry("create-customer", **ACME),
        entry("create-customer", **OTHER),
        entry("create-credit-grant", **grant(customerId=None, salesforceAccountId=ACCOUNT, comment="For Jane Doe")),
        entry("create-credit-grant", **grant(salesforceRecordId=OTHER_LINE, currencyId="cred-type-jane")),
        entry("create-customer", customerId="cust-acme", name="x", email="jane"),
    ]
    batch = actions.ok("submit-batch", {"requests": requests})
    early = forgotten(actions)
    actions.event_source().run()
    rehearsed = forgotten(actions, dryRun=True)
    body = forgotten(actions)
    shown = actions.ok("get-batch", {"batchId": batch["batchId"]})

    assert counts(early) == NOTHING | {"unsettled": 2}
    assert rehearsed["batchRequests"] == body["batchRequests"] == 3
    assert [one["success"] for one in shown["results"]] == [True, True, True, False, False]
    assert [one.get("customerId") for one in shown["results"]] == ["cust-acme", "cust-other", "cust-acme", None, None]
    assert [word for word in ("jane.doe", "For Jane") if word in stored(actions)] == []
    assert "john.roe@other.example" in stored(actions)


def test_a_result_whose_request_is_gone(actions: Harness) -> None:
    """A result that names the customer, and whose request has expired by itself, is nothing to forget."""
    actions.ok("submit-batch", {"requests": [entry("create-customer", **ACME)], "waitSeconds": 20})
    table = actions.tables.batches
    for item in actions.tables.items(table):
        if "payload" in item:
            key = {name: item[name] for name in ("batch_key", "sk")}
            actions.tables.client.delete_item(TableName=table, Key=key)

    assert forgotten(actions)["batchRequests"] == 0


def test_a_forgotten_request_is_not_run_again(actions: Harness) -> None:
    """The message of a forgotten request that is delivered once more does nothing."""
    actions.ok("submit-batch", {"requests": [entry("create-customer", **ACME)]})
    source = actions.event_source()
    records = source.deliver(keep=True)
    forgotten(actions)
    calls = len(actions.emulator.state()["calls"])

    assert source.handle(records) == {"batchItemFailures": []}
    assert len(actions.emulator.state()["calls"]) == calls


def test_other_customers_workflows_stay(actions: Harness) -> None:
    """A workflow that names nobody, or another customer's record, keeps its request."""
    actions.ok("create-customer", OTHER | {"salesforceAccountId": OTHER_ACCOUNT})
    actions.ok("create-customer", ACME)
    for names in ({}, {"salesforceAccountId": OTHER_ACCOUNT}, {"salesforceRecordId": RENEWAL_LINE}):
        actions.ok("trigger-workflow", {"triggerId": "notify-customer", "payload": {"to": "Kim"}, **names})

    before = stored(actions).count("Kim")

    assert counts(forgotten(actions)) == NOTHING | {"operations": 1}
    assert stored(actions).count("Kim") == before
