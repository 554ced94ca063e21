"""create-credit-grant by record, in this process: a record has one grant, whoever names its customer."""

from functools import cached_property
from typing import Any

import pytest

from stigg_actions.errors import InProgress, NotFound, Refused
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_credit_grant import CreateCreditGrant, CreditGrantResult
from stigg_actions.models.parsing import parse
from stigg_actions.storage import mapping_items
from stigg_actions.storage.operation import derived_key
from stigg_actions.writes.create_credit_grant import CreateCreditGrantWrite
from tests.support import crashes
from tests.support.contexts import Context
from tests.support.crashes import CrashError, dying_container
from tests.support.harness import ORG, OTHER_ORG, Harness
from tests.support.requests import ACCOUNT, LINE, OTHER_ACCOUNT, OTHER_LINE, grant

ACTION = "create-credit-grant"
POST_GRANT = "POST .*/grants$"
BY_ACCOUNT = {"customerId": None, "salesforceAccountId": ACCOUNT}
BY_BOTH = {"salesforceAccountId": ACCOUNT}
PAID = {
    "grantType": "PAID",
    "cost": {"amount": "49.90", "currency": "USD"},
    "paymentCollectionMethod": "INVOICE",
}


@pytest.fixture(autouse=True)
def _customers(actions: Harness) -> None:
    """Two customers, each linked to its account."""
    for customer_id, account_id in (("cust-acme", ACCOUNT), ("cust-beta", OTHER_ACCOUNT)):
        actions.ok("create-customer", {"customerId": customer_id, "name": "A", "salesforceAccountId": account_id})


def grants(actions: Harness) -> list[dict[str, Any]]:
    """The grants that Stigg has."""
    return list(actions.emulator.state()["grants"])


def crash(actions: Harness, request: dict[str, Any], *, after: bool) -> None:
    """Send a grant whose process dies before or after its POST."""
    crashes.crash(actions, ACTION, request, POST_GRANT, after=after)


class OlderGrant(CreateCreditGrantWrite):
    """A grant as older versions made it: under a key of all that the request says."""

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """All that the request says."""
        return self.request.canonical()

    @cached_property
    def key(self) -> str:
        """The key of all that the request says."""
        return derived_key(self.scope, self.canonical)

    @property
    def former_key(self) -> None:
        """None: there was no other key before."""


def granted_by_an_older_version(actions: Harness, request: dict[str, Any]) -> CreditGrantResult:
    """Grant as an older version did."""
    deps = actions.warm.deps(correlation_id="older", seconds=25)
    return perform(OlderGrant(parse(CreateCreditGrant, request), deps))


def link(actions: Harness, customer_id: str) -> None:
    """Link the account to another customer, past the actions."""
    item = mapping_items.account_item(ORG, ACCOUNT, customer_id)
    plain = {name: {"S": value} for name, value in item.items()}
    actions.tables.client.put_item(TableName=actions.tables.mappings, Item=plain)


@pytest.mark.parametrize("first", [{}, BY_ACCOUNT, BY_BOTH], ids=["id", "account", "both"])
@pytest.mark.parametrize("second", [{}, BY_ACCOUNT, BY_BOTH], ids=["id", "account", "both"])
@pytest.mark.parametrize("form", [15, 18])
def test_however_the_customer_is_named(
    actions: Harness, first: dict[str, Any], second: dict[str, Any], form: int
) -> None:
    """By its id, its account or both: what leads to the same customer is the same grant."""
    made = actions.ok(ACTION, grant(**first))
    again = actions.ok(ACTION, grant(**second, salesforceRecordId=LINE[:form]))

    assert (again["grantId"], again["replayed"], made["replayed"]) == (made["grantId"], True, False)
    assert len(grants(actions)) == 1


def test_at_once_by_all_names(actions: Harness) -> None:
    """Requests at the same moment that name the customer in different ways have one effect and one answer."""
    replies = actions.at_once(*[(ACTION, grant(**name)) for name in ({}, BY_ACCOUNT, BY_BOTH)] * 4)

    (granted,) = grants(actions)
    assert {(reply.status, reply.body["grantId"]) for reply in replies} == {(200, granted["id"])}
    assert sum(not reply.body["replayed"] for reply in replies) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 101},
        {"displayName": "Other credits"},
        {"comment": "Promised by sales"},
        {"effectiveAt": "2098-01-01"},
        {"expireAt": "2098-12-31"},
        {"priority": 7},
        {"metadata": {"order": "1"}},
        {"resourceId": "site-berlin"},
        {"currencyId": "cred-type-gold"},
        PAID,
    ],
    ids="-".join,
)
@pytest.mark.parametrize("name", [{}, BY_ACCOUNT], ids=["id", "account"])
def test_other_terms_are_refused(actions: Harness, change: dict[str, Any], name: dict[str, Any]) -> None:
    """Any other term for the same record is refused with the grant that it has, what differs, and the ways out."""
    made = actions.ok(ACTION, grant())

    reply = actions.post(ACTION, grant(**name, **change))

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "IDEMPOTENCY_CONFLICT", False)
    assert made["grantId"] in reply.body["errorMessage"]
    assert LINE in reply.body["errorMessage"]
    assert "name another record or give a new idempotencyKey" in reply.body["errorMessage"]
    assert {detail["field"] for detail in reply.body["details"]} == change.keys()
    assert len(grants(actions)) == 1


def test_a_term_less_is_another_term(actions: Harness) -> None:
    """A term that is left out differs, too."""
    actions.ok(ACTION, grant(comment="Promised by sales"))

    reply = actions.post(ACTION, grant())

    assert [detail["field"] for detail in reply.body["details"]] == ["comment"]


@pytest.mark.parametrize("number", [100.0, "100", "100.00"])
def test_the_same_terms_in_another_spelling(actions: Harness, number: object) -> None:
    """How a number or a picklist is written makes no other grant."""
    made = actions.ok(ACTION, grant())

    again = actions.ok(ACTION, grant(amount=number, grantType="Promotional", correlationId="c-2", faultOnError=False))

    assert (again["grantId"], again["replayed"]) == (made["grantId"], True)


@pytest.mark.parametrize("change", [{}, {"amount": 5}], ids=["same terms", "other terms"])
@pytest.mark.parametrize(
    "name",
    [{"customerId": "cust-beta"}, {"customerId": None, "salesforceAccountId": OTHER_ACCOUNT}],
    ids=["id", "account"],
)
def test_another_customer_is_refused(actions: Harness, name: dict[str, Any], change: dict[str, Any]) -> None:
    """A record whose grant is another customer's is refused with both, and the ways out; nothing is granted."""
    made = actions.ok(ACTION, grant())

    reply = actions.post(ACTION, grant(**name, **change))

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "CUSTOMER_MISMATCH", False)
    for part in (LINE, made["grantId"], "cust-acme", "cust-beta", "a new idempotencyKey"):
        assert part in reply.body["errorMessage"]
    assert len(grants(actions)) == 1


def test_an_account_that_leads_elsewhere_now(actions: Harness) -> None:
    """An identical request whose account was linked to another customer since is for another customer."""
    actions.ok(ACTION, grant(**BY_ACCOUNT))
    link(actions, "cust-beta")

    reply = actions.post(ACTION, grant(**BY_ACCOUNT))

    assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert len(grants(actions)) == 1


def test_ways_out(actions: Harness) -> None:
    """A further grant is made under a key of its own, or for another record; the record's own stays."""
    made = actions.ok(ACTION, grant())
    keyed = actions.ok(ACTION, grant(amount=5, idempotencyKey="five more"))
    other = actions.ok(ACTION, grant(amount=5, salesforceRecordId=OTHER_LINE))
    again = actions.ok(ACTION, grant())

    assert len({made["grantId"], keyed["grantId"], other["grantId"]}) == 3
    assert (again["grantId"], len(grants(actions))) == (made["grantId"], 3)


def test_by_key_alone(actions: Harness) -> None:
    """Without a record the key decides: the same request is the same grant, another one a conflict."""
    request = grant(salesforceRecordId=None, idempotencyKey="deal-1")

    made = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)
    other = actions.post(ACTION, request | {"amount": 5})

    assert (again["grantId"], again["replayed"]) == (made["grantId"], True)
    assert (other.status, other.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert "This idempotencyKey was used for a different request" in other.body["errorMessage"]


def test_by_key_for_another_customer(actions: Harness) -> None:
    """A key that granted credits of a record to one customer does not grant them to another: both are named."""
    actions.ok(ACTION, grant(idempotencyKey="deal-1"))

    reply = actions.post(ACTION, grant(idempotencyKey="deal-1", customerId="cust-beta"))
    other_record = actions.post(ACTION, grant(idempotencyKey="deal-1", salesforceRecordId=OTHER_LINE))

    assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert (other_record.status, other_record.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")


def test_orgs_are_kept_apart(actions: Harness) -> None:
    """The same record id in another org is another record."""
    both = actions.with_settings(allowed_org_ids=frozenset({ORG, OTHER_ORG}))
    both.ok(ACTION, grant())
    both.ok(ACTION, grant(amount=5, salesforceOrgId=OTHER_ORG))

    assert len(grants(actions)) == 2


def test_a_grant_that_failed_may_be_corrected(actions: Harness) -> None:
    """After a definite refusal the same record takes another currency, another amount, and another customer."""
    refused = actions.post(ACTION, grant(currencyId="cred-type-gold"))

    body = actions.ok(ACTION, grant(amount=7, customerId="cust-beta"))

    assert refused.status == 404
    assert (body["outcome"], body["replayed"], body["customerId"]) == ("created", False, "cust-beta")
    assert len(grants(actions)) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("second", [{}, BY_ACCOUNT, BY_BOTH], ids=["id", "account", "both"])
def test_a_killed_grant_is_carried_on(actions: Harness, second: dict[str, Any], *, after: bool) -> None:
    """Whoever repeats a killed grant under another name of its customer ends with one grant, as it was first asked."""
    crash(actions, grant(), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, grant(**second))

    (granted,) = grants(actions)
    assert (granted["id"], body["customerId"]) == (body["grantId"], "cust-acme")
    assert "salesforceAccountId" not in granted["metadata"]


def test_a_killed_grant_keeps_its_customer(actions: Harness) -> None:
    """A killed grant is carried on for its first customer, though its account was linked to another one since."""
    crash(actions, grant(**BY_ACCOUNT), after=True)
    actions.clock.skip(31)
    link(actions, "cust-beta")

    body = actions.ok(ACTION, grant(**BY_ACCOUNT))

    assert (body["customerId"], len(grants(actions))) == ("cust-acme", 1)


@pytest.mark.parametrize("change", [{"amount": 5}, {"customerId": "cust-beta"}], ids=["terms", "customer"])
def test_a_killed_grant_is_settled_first(actions: Harness, change: dict[str, Any]) -> None:
    """What differs from a killed grant waits until it is known: found, it stays; lost, the other one is granted."""
    crash(actions, grant(), after=True)
    actions.clock.skip(31)
    found = actions.post(ACTION, grant(**change))
    crash(actions, grant(salesforceRecordId=OTHER_LINE), after=False)
    actions.clock.skip(31)
    held = actions.post(ACTION, grant(salesforceRecordId=OTHER_LINE, **change))
    actions.clock.skip(held.body["retryAfterSeconds"])
    made = actions.post(ACTION, grant(salesforceRecordId=OTHER_LINE, **change))

    assert found.body["errorCode"] in {"IDEMPOTENCY_CONFLICT", "CUSTOMER_MISMATCH"}
    assert found.status == 409
    assert (held.status, held.body["errorCode"], held.body["retryable"]) == (409, "IN_PROGRESS", True)
    assert 55 <= held.body["retryAfterSeconds"] <= 60
    assert (made.status, made.body["outcome"]) == (200, "created")
    assert len(grants(actions)) == 2


def test_a_running_grant_is_waited_for(actions: Harness) -> None:
    """What differs from a grant whose run may still be at it waits for that, as long as there is time."""
    crash(actions, grant(), after=True)

    with pytest.raises(InProgress):
        actions.invoke(ACTION, grant(amount=5), context=Context(12))

    assert len(grants(actions)) == 1


@pytest.mark.parametrize("name", [{}, BY_ACCOUNT], ids=["id", "account"])
def test_a_grant_of_an_older_version_is_found(actions: Harness, name: dict[str, Any]) -> None:
    """An identical request after an upgrade is answered with the grant that an older version made."""
    made = granted_by_an_older_version(actions, grant(**name))
    actions.clock.skip(200 * 24 * 3600)

    again = actions.ok(ACTION, grant(**name))

    assert (again["grantId"], again["replayed"]) == (made.grant_id, True)
    assert len(grants(actions)) == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_grant_of_an_older_version_is_carried_on(actions: Harness, *, after: bool) -> None:
    """A grant at which an older version died is carried on under its old ids: one grant, whether it had been made."""
    deps = dying_container(actions, POST_GRANT, after=after).deps(correlation_id="older", seconds=25)
    with pytest.raises(CrashError):
        perform(OlderGrant(parse(CreateCreditGrant, grant()), deps))
    actions.clock.skip(11)

    body = actions.ok(ACTION, grant())
    again = actions.ok(ACTION, grant())

    assert (again["grantId"], again["replayed"], len(grants(actions))) == (body["grantId"], True, 1)
    assert [status for kind, status in actions.operations() if kind == "grant"] == ["SUCCEEDED"]


def test_an_unpaid_grant_of_an_older_version_is_looked_up(actions: Harness) -> None:
    """A grant of an older version that awaited payment is paid once, and its operation says so under its old key."""
    made = granted_by_an_older_version(actions, grant(**PAID, comment="x"))
    actions.emulator.pay_grant(made.grant_id)

    paid = actions.ok(ACTION, grant(**PAID, comment="x"))

    assert (paid["grantId"], paid["outcome"], paid["active"]) == (made.grant_id, "created", True)
    assert [kind for kind, _ in actions.operations()].count("grant") == 1


def test_a_failed_grant_of_an_older_version_is_granted(actions: Harness) -> None:
    """What an older version could not grant is granted once, under the record's own key."""
    request = grant(currencyId="cred-type-gold")
    with pytest.raises(NotFound):
        granted_by_an_older_version(actions, request)

    body = actions.ok(ACTION, grant())
    again = actions.post(ACTION, request)

    assert body["outcome"] == "created"
    assert (again.status, again.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert len(grants(actions)) == 1


def test_an_older_versions_grant_goes_before_a_later_one(actions: Harness) -> None:
    """A record that got another grant since still answers the identical request with the grant of then."""
    made = granted_by_an_older_version(actions, grant())
    later = actions.ok(ACTION, grant(amount=5))

    again = actions.ok(ACTION, grant())

    assert (again["grantId"], again["replayed"]) == (made.grant_id, True)
    assert (later["replayed"], len(grants(actions))) == (False, 2)


def test_a_replayed_grant_of_an_older_version(actions: Harness) -> None:
    """An operator who replays what an older version could not grant sees it carried out."""
    turned_away = {"status": 422, "body": {"message": "no", "code": "BadUserInput"}}
    actions.emulator.fault("POST", "/grants$", "status", turned_away, times=1)
    with pytest.raises(Refused):
        granted_by_an_older_version(actions, grant())
    (old,) = (one for one in actions.tables.items(actions.tables.operations) if one["kind"]["S"] == "grant")

    body = actions.invoke("replay-operation", {"operationKey": old["operation_key"]["S"]})

    assert (body["outcome"], body["operation"]["status"]) == ("replayed", "SUCCEEDED")
    assert len(grants(actions)) == 1
