"""void-credit-grant, in this process: by grant id or by record, once, and what it means for the record's next grant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stigg_actions.errors import NotFound, Refused
from tests.support import crashes
from tests.support.deals import bonus, deal, plan
from tests.support.harness import ORG, OTHER_ORG, Harness
from tests.support.requests import ACCOUNT, LINE, OTHER_ACCOUNT, OTHER_LINE, grant

ACTION, GRANT = "void-credit-grant", "create-credit-grant"
BY_RECORD = {"salesforceRecordId": LINE}
POST_VOID = "POST .*/void$"
VOID_IN_STIGG = "/void$"


@pytest.fixture(autouse=True)
def _customers(actions: Harness) -> None:
    """Two customers, each linked to its account."""
    for customer_id, account_id in (("cust-acme", ACCOUNT), ("cust-beta", OTHER_ACCOUNT)):
        actions.ok("create-customer", {"customerId": customer_id, "name": "A", "salesforceAccountId": account_id})


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def granted(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field of a request
    """Grant credits; return the id of the grant."""
    return str(actions.ok(GRANT, grant(**changes))["grantId"])


def by_id(grant_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Name a grant of ``cust-acme`` by its id."""
    return {"grantId": grant_id, "customerId": "cust-acme", **changes}


def statuses(actions: Harness) -> list[str]:
    """The statuses of all grants in Stigg, the oldest first."""
    return [one["status"] for one in actions.emulator.state()["grants"]]


def voids(actions: Harness) -> int:
    """Count the voids that Stigg was sent."""
    return sum(path.endswith("/void") for _, path in actions.writes_to_stigg())


def in_the_app(actions: Harness, grant_id: str) -> None:
    """Void a grant in Stigg's own app."""
    actions.emulator.by_hand("POST", f"/api/v1/credits/grants/{grant_id}/void", {})


def test_by_record(actions: Harness) -> None:
    """The grant of a record is voided, and the answer says how many of its credits were used."""
    grant_id = granted(actions)
    actions.emulator.use_credits(grant_id, 40)

    body = actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"})

    assert body.pop("voidedAt") > ago(60)
    assert body == {
        "success": True,
        "outcome": "voided",
        "correlationId": "flow-1",
        "replayed": False,
        "grantId": grant_id,
        "customerId": "cust-acme",
        "status": "VOIDED",
        "amount": 100,
        "consumedAmount": 40,
        "currencyId": "cred-type-tokens",
    }
    assert statuses(actions) == ["VOIDED"]


@pytest.mark.parametrize(
    "name", [{}, {"customerId": None, "salesforceAccountId": ACCOUNT}, {"salesforceAccountId": ACCOUNT}], ids=str
)
def test_by_id(actions: Harness, name: dict[str, Any]) -> None:
    """A grant is named by its id and its customer, by account or by id; the customer's other grants stay."""
    granted(actions)
    other = granted(actions, salesforceRecordId=OTHER_LINE)

    body = actions.ok(ACTION, by_id(other, **name))

    assert (body["outcome"], body["grantId"]) == ("voided", other)
    assert statuses(actions) == ["ACTIVE", "VOIDED"]


def test_of_a_resource(actions: Harness) -> None:
    """A grant for a resource is found by its record, or with its resource; without that, the error asks for it."""
    first = granted(actions, resourceId="site-1")
    second = granted(actions, resourceId="site-1", salesforceRecordId=OTHER_LINE)

    reply = actions.post(ACTION, by_id(second))

    assert (reply.status, reply.body["errorCode"]) == (404, "CREDIT_GRANT_NOT_FOUND")
    assert "give resourceId if the grant is for a resource" in reply.body["errorMessage"]
    assert [one["field"] for one in reply.body["details"]] == ["grantId"]
    assert actions.ok(ACTION, BY_RECORD)["grantId"] == first
    assert actions.ok(ACTION, by_id(second, resourceId="site-1"))["outcome"] == "voided"


def test_the_grant_of_an_opportunity_line(actions: Harness) -> None:
    """Credits that provision-opportunity granted for a line are voided by that line, and a repeat does not regrant."""
    line = bonus()
    actions.ok("provision-opportunity", deal(plan(), line))
    actions.ok(ACTION, {"salesforceRecordId": line["salesforceLineItemId"]})

    actions.ok("provision-opportunity", deal(plan(), line))

    assert statuses(actions) == ["VOIDED"]


@pytest.mark.parametrize("request_of", [lambda _: BY_RECORD, by_id], ids=["record", "id"])
def test_a_repeat(actions: Harness, request_of: Any) -> None:  # noqa: ANN401 - a function of the grant's id
    """A repeat gets the stored answer, however late it comes."""
    request = request_of(granted(actions)) | {"correlationId": "flow-1"}
    first = actions.ok(ACTION, request)
    actions.clock.skip(200 * 24 * 3600)

    assert actions.ok(ACTION, request) == first | {"replayed": True}
    assert voids(actions) == 1


def test_already_voided(actions: Harness) -> None:
    """A grant that was voided in the Stigg app is unchanged, with what was used, and nothing is sent."""
    grant_id = granted(actions)
    actions.emulator.use_credits(grant_id, 7.5)
    in_the_app(actions, grant_id)

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], body["status"], body["consumedAmount"]) == ("unchanged", "VOIDED", 7.5)
    assert voids(actions) == 0


def test_voided_in_between(actions: Harness) -> None:
    """A grant that is voided in the app between look and write is unchanged, too."""
    grant_id = granted(actions)
    refusal = {"status": 400, "body": {"message": "already voided", "code": "CreditGrantAlreadyVoided"}}
    actions.emulator.fault("POST", VOID_IN_STIGG, "status", refusal)

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], body["grantId"]) == ("unchanged", grant_id)


def test_expired(actions: Harness) -> None:
    """What Stigg does not void is refused with Stigg's reason."""
    granted(actions, expireAt="2099-01-01")
    actions.emulator.set_clock("2099-02-01T00:00:00Z")

    with pytest.raises(Refused, match=r"REFUSED_BY_STIGG: .*has expired"):
        actions.invoke(ACTION, BY_RECORD)


@pytest.mark.parametrize(
    "request_body",
    [by_id("cred-grant-other"), by_id("cred-grant-other", resourceId="site-1"), by_id("x", customerId="cust-none")],
    ids=["id", "resource", "customer"],
)
def test_unknown(actions: Harness, request_body: dict[str, Any]) -> None:
    """A grant that the customer does not have is not found, and nothing is sent."""
    granted(actions)
    with pytest.raises(NotFound):
        actions.invoke(ACTION, request_body)

    assert voids(actions) == 0


def test_the_grant_of_another_customer(actions: Harness) -> None:
    """A grant id under the wrong customer is not voided; an account of another customer is refused."""
    grant_id = granted(actions)

    wrong = actions.post(ACTION, by_id(grant_id, customerId="cust-beta"))
    account = actions.post(ACTION, by_id(grant_id, salesforceAccountId=OTHER_ACCOUNT))
    unlinked = actions.post(ACTION, {"grantId": grant_id, "salesforceAccountId": "001000000000009AAA"})

    assert [reply.body["errorCode"] for reply in (wrong, account, unlinked)] == [
        "CREDIT_GRANT_NOT_FOUND",
        "CUSTOMER_MISMATCH",
        "CUSTOMER_NOT_FOUND",
    ]
    assert statuses(actions) == ["ACTIVE"]


def test_a_record_without_a_grant(actions: Harness) -> None:
    """A record without a grant of its own names the way to void one that was made under a key, or that failed."""
    granted(actions, idempotencyKey="deal-1")
    actions.post(GRANT, grant(salesforceRecordId=OTHER_LINE, currencyId="cred-type-gold"))

    for record in (LINE, OTHER_LINE):
        with pytest.raises(NotFound, match=r"MAPPING_NOT_FOUND: .*has no credit grant.*name grantId and customerId"):
            actions.invoke(ACTION, {"salesforceRecordId": record})


def test_orgs_are_kept_apart(actions: Harness) -> None:
    """The same record id in another org has a grant of its own."""
    both = actions.with_settings(allowed_org_ids=frozenset({ORG, OTHER_ORG}))
    both.ok(GRANT, grant())
    both.ok(GRANT, grant(salesforceOrgId=OTHER_ORG))

    both.ok(ACTION, BY_RECORD | {"salesforceOrgId": OTHER_ORG})

    assert statuses(actions) == ["ACTIVE", "VOIDED"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "grantId"),
        ({"grantId": "g", "customerId": "c", **BY_RECORD}, "grantId"),
        ({"grantId": "g"}, "customerId"),
        ({**BY_RECORD, "customerId": "c"}, "customerId"),
        ({**BY_RECORD, "salesforceAccountId": ACCOUNT}, "salesforceAccountId"),
        ({**BY_RECORD, "resourceId": "r"}, "resourceId"),
    ],
)
def test_malformed(actions: Harness, body: dict[str, Any], field: str) -> None:
    """A request names a grant in exactly one way; the field that is missing or too many is named."""
    reply = actions.post(ACTION, body)

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (400, [field])


def test_the_same_request_grants_nothing_after_a_void(actions: Harness) -> None:
    """A late repeat of a grant does not give voided credits back: its answer shows the grant as it is now."""
    first = actions.ok(GRANT, grant())
    actions.ok(ACTION, BY_RECORD)

    again = actions.ok(GRANT, grant())

    assert (again["grantId"], again["replayed"]) == (first["grantId"], True)
    assert (again["status"], again["active"]) == ("VOIDED", False)
    assert statuses(actions) == ["VOIDED"]


@pytest.mark.parametrize("named", ["record", "id"])
def test_other_terms_are_granted_after_a_void(actions: Harness, named: str) -> None:
    """Refused other terms name this action; once it is voided they are granted, and are the record's."""
    grant_id = granted(actions)
    refused = actions.post(GRANT, grant(amount=5))
    actions.ok(ACTION, BY_RECORD if named == "record" else by_id(grant_id))

    made = actions.ok(GRANT, grant(amount=5))
    again = actions.ok(GRANT, grant(amount=5))
    former = actions.post(GRANT, grant())

    assert refused.body["errorCode"] == "IDEMPOTENCY_CONFLICT"
    assert "void it with void-credit-grant first" in refused.body["errorMessage"]
    assert (made["outcome"], made["replayed"], again["replayed"]) == ("created", False, True)
    assert (again["grantId"], former.body["errorCode"]) == (made["grantId"], "IDEMPOTENCY_CONFLICT")
    assert statuses(actions) == ["VOIDED", "ACTIVE"]


def test_another_customer_is_granted_after_a_void(actions: Harness) -> None:
    """The record of a voided grant can have a grant for another customer."""
    granted(actions)
    refused = actions.post(GRANT, grant(customerId="cust-beta"))
    actions.ok(ACTION, BY_RECORD)

    body = actions.ok(GRANT, grant(customerId="cust-beta"))

    assert refused.body["errorCode"] == "CUSTOMER_MISMATCH"
    assert "void-credit-grant" in refused.body["errorMessage"]
    assert (body["outcome"], body["customerId"]) == ("created", "cust-beta")


def test_a_grant_that_was_voided_in_the_app(actions: Harness) -> None:
    """Where the app voided a grant, this action lets the record know, and it can have another one."""
    in_the_app(actions, granted(actions))
    refused = actions.post(GRANT, grant(amount=5))
    actions.ok(ACTION, BY_RECORD)

    assert refused.status == 409
    assert actions.ok(GRANT, grant(amount=5))["outcome"] == "created"


def test_under_its_own_key(actions: Harness) -> None:
    """A key grants once, for good: the same request shows the voided grant, and another one names the way out."""
    keyed = grant(idempotencyKey="deal-1")
    first = actions.ok(GRANT, keyed)
    actions.ok(ACTION, by_id(first["grantId"]))

    again = actions.ok(GRANT, keyed)
    other = actions.post(GRANT, keyed | {"amount": 5})

    assert (again["grantId"], again["status"], again["replayed"]) == (first["grantId"], "VOIDED", True)
    assert (other.status, other.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert "void-credit-grant first, and give a new idempotencyKey" in other.body["errorMessage"]
    assert statuses(actions) == ["VOIDED"]


def test_an_unpaid_grant(actions: Harness) -> None:
    """A grant that awaits payment is voided; its repeat no longer shows a page on which it can be paid."""
    paid = {
        "grantType": "PAID",
        "cost": {"amount": "49.90", "currency": "USD"},
        "paymentCollectionMethod": "INVOICE",
    }
    first = actions.ok(GRANT, grant(**paid))
    actions.ok(ACTION, BY_RECORD)

    again = actions.ok(GRANT, grant(**paid))

    assert "paymentUrl" in first
    assert (again["status"], again["active"], "paymentUrl" in again) == ("VOIDED", False, False)


def test_a_later_grant_of_the_record_is_voided_by_the_same_request(actions: Harness) -> None:
    """The same request voids what the record was granted since; under the caller's own key it does not."""
    granted(actions)
    actions.ok(ACTION, BY_RECORD | {"idempotencyKey": "refund-1"})
    granted(actions, amount=5)
    keyed = actions.ok(ACTION, BY_RECORD | {"idempotencyKey": "refund-1"})
    kept = statuses(actions)
    actions.ok(ACTION, BY_RECORD)
    granted(actions, amount=6)

    body = actions.ok(ACTION, BY_RECORD)

    assert (keyed["replayed"], kept) == (True, ["VOIDED", "ACTIVE"])
    assert (body["outcome"], body["amount"], body["replayed"]) == ("voided", 6, False)
    assert statuses(actions) == ["VOIDED"] * 3


def test_an_older_void(actions: Harness) -> None:
    """A void that was asked for before the record's grant leaves it, and shows it."""
    grant_id = granted(actions, asOf=ago(10))

    body = actions.ok(ACTION, BY_RECORD | {"asOf": ago(60)})

    assert (body["outcome"], body["grantId"], body["status"]) == ("superseded", grant_id, "ACTIVE")
    assert body["supersededBy"].startswith("grant-")
    assert statuses(actions) == ["ACTIVE"]
    assert actions.ok(ACTION, BY_RECORD | {"asOf": ago(5)})["outcome"] == "voided"


def test_an_older_grant(actions: Harness) -> None:
    """A changed grant that was asked for before the void is refused as before; a newer one is made."""
    granted(actions, asOf=ago(100))
    actions.ok(ACTION, BY_RECORD | {"asOf": ago(50)})

    older = actions.post(GRANT, grant(amount=5, asOf=ago(60)))

    assert older.body["errorCode"] == "IDEMPOTENCY_CONFLICT"
    assert actions.ok(GRANT, grant(amount=5, asOf=ago(40)))["outcome"] == "created"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("named", ["record", "id"])
def test_a_killed_void_is_carried_on(actions: Harness, named: str, *, after: bool) -> None:
    """A repeat of a void whose process died finds it, or makes it; the record knows."""
    grant_id = granted(actions)
    request = BY_RECORD if named == "record" else by_id(grant_id)
    crashes.crash(actions, ACTION, request, POST_VOID, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], body["grantId"], statuses(actions)) == ("voided", grant_id, ["VOIDED"])
    assert actions.ok(GRANT, grant())["status"] == "VOIDED"


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_void_is_settled(actions: Harness, *, after: bool) -> None:
    """The reconciliation finds whether a void took effect, and never sends one."""
    granted(actions)
    crashes.crash(actions, ACTION, BY_RECORD, POST_VOID, after=after)
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    assert statuses(actions) == (["VOIDED"] if after else ["ACTIVE"])
    assert ("void", "SUCCEEDED" if after else "FAILED") in actions.operations()
    assert actions.ok(GRANT, grant())["status"] == ("VOIDED" if after else "ACTIVE")


def test_a_void_waits_for_an_unsettled_grant(actions: Harness) -> None:
    """A void of a record whose grant was lost settles that first, and then voids it."""
    crashes.crash(actions, GRANT, grant(), "POST .*/grants$", after=True)
    actions.clock.skip(31)

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], statuses(actions)) == ("voided", ["VOIDED"])


def test_a_lost_answer(actions: Harness) -> None:
    """A void whose answer is lost is found at once."""
    granted(actions)
    actions.emulator.fault("POST", VOID_IN_STIGG, "cutAfter")

    assert actions.ok(ACTION, BY_RECORD)["outcome"] == "voided"
    assert statuses(actions) == ["VOIDED"]


def test_grants_that_cannot_be_read(actions: Harness) -> None:
    """A grant that is not among the readable ones may be among the others, so the request can be sent again."""
    granted(actions)
    broken = {"status": 200, "body": {"data": [{"id": 5}]}}
    actions.emulator.fault("GET", "/credits/grants", "status", broken, times=1)

    reply = actions.post(ACTION, BY_RECORD)

    assert (reply.body["errorCode"], reply.body["retryable"]) == ("STIGG_UNAVAILABLE", True)
    assert actions.ok(ACTION, BY_RECORD)["outcome"] == "voided"


def test_at_once(actions: Harness) -> None:
    """Requests for one grant at the same moment void it once, however they name it."""
    grant_id = granted(actions)

    replies = actions.at_once(*[(ACTION, BY_RECORD), (ACTION, by_id(grant_id))] * 4)

    assert {reply.status for reply in replies} == {200}
    assert sorted(reply.body["outcome"] for reply in replies if not reply.body["replayed"]) == ["unchanged", "voided"]
    assert voids(actions) == 1


def test_a_grant_of_the_app(actions: Harness) -> None:
    """A grant that was made in the Stigg app, whose metadata name no operation, is voided by its id."""
    terms = {name: value for name, value in grant().items() if name != "salesforceRecordId"}
    actions.emulator.by_hand("POST", "/api/v1/credits/grants", terms)
    actions.emulator.by_hand("POST", "/api/v1/credits/grants", terms | {"metadata": {"stiggActionsKey": "cancel-1"}})

    outcomes = [actions.ok(ACTION, by_id(one["id"]))["outcome"] for one in actions.emulator.state()["grants"]]

    assert outcomes == ["voided", "voided"]


def test_a_grant_of_another_ledger(actions: Harness) -> None:
    """A grant whose operation this ledger does not have is voided by its id."""
    grant_id = granted(actions)
    actions.tables.clear()

    assert actions.ok(ACTION, by_id(grant_id))["outcome"] == "voided"


def test_a_forgotten_grant(actions: Harness) -> None:
    """A grant whose request was removed by forget-customer is voided, and its record can have another one."""
    granted(actions)
    actions.invoke("forget-customer", {"customerId": "cust-acme"})

    assert actions.ok(ACTION, BY_RECORD)["outcome"] == "voided"
    assert actions.ok(GRANT, grant(amount=5))["outcome"] == "created"


def test_a_void_of_a_customer_that_is_gone(actions: Harness) -> None:
    """A killed void is settled as failed if Stigg no longer has the customer."""
    granted(actions)
    crashes.crash(actions, ACTION, BY_RECORD, POST_VOID, after=False)
    actions.clock.skip(100)
    gone = {"status": 404, "body": {"message": "gone", "code": "CustomerNotFound"}}
    actions.emulator.fault("GET", "/credits/grants", "status", gone)

    actions.invoke("reconcile", {})

    assert ("void", "FAILED") in actions.operations()
