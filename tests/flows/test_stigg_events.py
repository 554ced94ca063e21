"""What happens in Stigg arrives in an org: rule, pipe, REST interface and the Flow that platform events start."""

from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import Line, account, addon, deal, lines_of, plan, win
from stigg_actions.events.event import FAILED, OTHERWISE
from stigg_actions.exactly_once.registry import KINDS
from stigg_actions.webhooks.event_types import detail_type
from tests.support.harness import Harness
from tests.support.write_back import WriteBack, later

STATE = ("Stigg_Status__c", "Stigg_Event_ID__c", "Stigg_Ends_On__c", "Stigg_Changed_In_Stigg__c")
NOW = {"cancellationTime": "IMMEDIATE"}


@pytest.fixture
def end(org: Org) -> date:
    """The last day of the contract."""
    return org.clock.date() + timedelta(days=90)


@pytest.fixture
def contract(org: Org, back: WriteBack, end: date) -> str:
    """A contract whose deal was won, provisioned and heard of."""
    buyer = account(org)
    made = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), ContractId=made, Stigg_End_Date__c=end))
    back.settle()
    return made


def records(org: Org, contract: str) -> tuple[str, str]:
    """Return the line of a contract and its opportunity."""
    line = org.read(contract, "Stigg_Record_ID__c")
    return line, org.read(line, "OpportunityId")


def cancel_in_app(actions: Harness, org: Org, contract: str) -> None:
    """Cancel the subscription of a contract as a person would."""
    actions.stigg_app("POST", f"/api/v1/subscriptions/{org.read(contract, 'Stigg_Subscription_ID__c')}/cancel", NOW)


def of_subscription(back: WriteBack) -> dict[str, Any]:
    """Return the latest event that tells the status of a subscription."""
    return next(one for one in reversed(back.heard) if "status" in one["detail"])


def state(org: Org, contract: str) -> list[Any]:
    """Return what events write to the records of a contract."""
    return [org.read(one, *STATE) for one in (*records(org, contract), contract)]


def test_a_deal_settles(org: Org, back: WriteBack, contract: str, end: date) -> None:
    """The events of a deal's own provisioning confirm what its Flows wrote, and start no further call."""
    calls = len(org.answers.calls)

    rounds = back.settle()

    assert (rounds, len(org.answers.calls), back.pipe.waiting, org.errors) == (0, calls, [], [])
    assert org.read(contract, "Stigg_Status__c", "Stigg_Ends_On__c") == ("ACTIVE", end)
    assert [org.read(one, "Stigg_Event_Error__c") for one in (*records(org, contract), contract)] == [None] * 3


def test_a_cancellation_in_the_app(actions: Harness, org: Org, back: WriteBack, contract: str) -> None:
    """Line, opportunity and contract say that it was canceled in Stigg; no action is called, then or at the old end."""
    calls = len(org.answers.calls)

    cancel_in_app(actions, org, contract)
    back.settle()
    org.pass_time(days=100)
    back.settle()

    for one in (*records(org, contract), contract):
        status, changed, known = org.read(one, "Stigg_Status__c", "Stigg_Changed_In_Stigg__c", "Stigg_Event_Time__c")
        assert (status, changed is not None and changed <= known) == ("CANCELED", True)
    assert (len(org.answers.calls), org.errors) == (calls, [])


def test_a_late_or_double_event_changes_nothing(actions: Harness, org: Org, back: WriteBack, contract: str) -> None:
    """After the cancellation, what was published before comes once more, late, and leaves all records as they are."""
    before = list(back.heard)
    cancel_in_app(actions, org, contract)
    back.settle()
    known = state(org, contract)

    for event in [*reversed(before), back.heard[-1], *before]:
        back.pipe.take(event)
        back.pipe.send()
        org.deliver()

    assert state(org, contract) == known
    assert known[2][0] == "CANCELED"


def test_an_older_event_in_the_same_batch(actions: Harness, org: Org, back: WriteBack, contract: str) -> None:
    """Of two events that the Flow gets at once, newest first, the newest decides."""
    cancel_in_app(actions, org, contract)
    back.settle()
    canceled = next(one for one in reversed(back.heard) if one["detail"].get("status") == "CANCELED")
    newer = later(canceled, "2090-01-02T00:00:00Z", status="EXPIRED")
    older = later(canceled, "2090-01-01T00:00:00Z", status="ACTIVE")

    back.pipe.take(newer, older)
    back.pipe.send()
    org.deliver()

    assert [one[0] for one in state(org, contract)] == ["EXPIRED"] * 3


def test_a_payment_is_received(actions: Harness, org: Org, back: WriteBack) -> None:
    """A line that waits for a payment becomes active, and loses its payment page, once it is paid."""
    buyer = account(org)
    opportunity = deal(org, buyer, plan(), Stigg_Payment_Collection__c="CHARGE")
    win(org, opportunity)
    back.settle()
    (line,) = lines_of(org, opportunity)
    assert (org.read(line, "Stigg_Status__c"), org.read(line, "Stigg_Payment_Page__c") is None) == (
        "PAYMENT_REQUIRED",
        False,
    )

    actions.emulator.checkout(org.read(line, "Stigg_Subscription_ID__c"))
    back.settle()

    assert org.read(line, "Stigg_Status__c", "Stigg_Payment_Page__c") == ("ACTIVE", None)
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Payment_Page__c") == ("ACTIVE", None)


def test_what_waits_for_an_action_is_left_to_it(org: Org, back: WriteBack, contract: str) -> None:
    """An event does not take away the status that starts a retry of a line or opportunity."""
    line, opportunity = records(org, contract)
    for one in (line, opportunity):
        org.change(one, Stigg_Status__c="PENDING")

    back.pipe.take(later(of_subscription(back), "2090-01-01T00:00:00Z", status="CANCELED", changedOutside=True))
    back.pipe.send()
    org.deliver()

    assert [org.read(one, "Stigg_Status__c") for one in (line, opportunity)] == ["PENDING"] * 2


def test_an_unknown_record(org: Org, back: WriteBack, contract: str) -> None:
    """An event of a record that the org does not have is taken, and changes nothing."""
    known = state(org, contract)
    event = later(
        of_subscription(back), "2090-01-01T00:00:00Z", salesforceRecordId="00k0000000ZZZZZAAA", status="EXPIRED"
    )

    back.pipe.take(event)
    back.pipe.send()
    org.deliver()

    assert (state(org, contract), back.pipe.waiting, org.errors) == (known, [], [])


def test_another_subscription_of_the_record(org: Org, back: WriteBack, contract: str) -> None:
    """What became of an earlier subscription of a record is not the state of its present one."""
    event = later(
        of_subscription(back), "2090-01-01T00:00:00Z", subscriptionId="subscription-before", status="CANCELED"
    )

    back.pipe.take(event)
    back.pipe.send()
    org.deliver()

    assert [one[0] for one in state(org, contract)] == ["ACTIVE"] * 3


def test_a_failure_is_written(org: Org, back: WriteBack, contract: str) -> None:
    """A write that failed leaves its code on line and contract, and the status as it is."""
    event = later(of_subscription(back), "2090-01-01T00:00:00Z", errorCode="REFUSED_BY_STIGG", correlationId="call-7")
    for name in ("status", "outcome"):
        event["detail"].pop(name, None)

    back.pipe.take(event)
    back.pipe.send()
    org.deliver()

    text = "REFUSED_BY_STIGG (correlationId call-7)"
    line, _ = records(org, contract)
    assert [org.read(one, "Stigg_Event_Error__c", "Stigg_Status__c") for one in (line, contract)] == [
        (text, "ACTIVE")
    ] * 2


def test_an_expired_token_and_an_org_that_is_down(actions: Harness, org: Org, back: WriteBack, contract: str) -> None:
    """After a 401 another token is fetched; while the org is down events wait, are given up, and can be sent again."""
    back.rest.tokens.expire()
    cancel_in_app(actions, org, contract)
    back.settle()
    assert (org.read(contract, "Stigg_Status__c"), back.rest.tokens.issued) == ("CANCELED", 2)

    back.rest.is_down = True
    back.pipe.take(later(of_subscription(back), "2090-01-01T00:00:00Z", status="EXPIRED"))
    back.pipe.send()
    (waiting,) = back.pipe.waiting
    waiting.receives = 719
    back.pipe.send()
    assert (back.pipe.waiting, back.pipe.given_up) == ([], [waiting])
    back.rest.is_down = False
    back.pipe.send_again()
    back.pipe.send()
    org.deliver()

    assert org.read(contract, "Stigg_Status__c") == "EXPIRED"


def pass_time_until(actions: Harness, org: Org, moment: datetime) -> None:
    """Let time pass until a moment, in the org and in Stigg."""
    org.pass_time(seconds=int((moment - org.clock).total_seconds()))
    actions.emulator.set_clock(moment.isoformat())


def segment(start: date, number: int, units: float | None) -> list[Line]:
    """Return the lines of a year of a ramp that begins on a day."""
    first = start + timedelta(days=365 * (number - 1))
    dates: dict[str, Any] = {"ServiceDate": first, "Stigg_Line_End_Date__c": first + timedelta(days=364)}
    return [plan(**dates, Stigg_Units__c=units), addon(quantity=50.0 + number, **dates)]


@pytest.mark.parametrize("is_replaced", [False, True], ids=["in place", "by another subscription"])
def test_years_of_a_ramp_begin(actions: Harness, org: Org, back: WriteBack, *, is_replaced: bool) -> None:
    """The lines of each year become active when its step is applied, and later years wait; no Flow calls an action."""
    start = org.clock.date()
    years = [segment(start, n, 10.0 * n if is_replaced else None) for n in (1, 2, 3)]
    opportunity = deal(org, account(org), *chain(*years), Stigg_Whole_Deal__c=True)
    win(org, opportunity)
    back.settle()
    calls, seen = len(org.answers.calls), []

    for _ in (1, 2):
        pass_time_until(actions, org, org.clock + timedelta(days=366))
        actions.invoke("apply-ramp-steps", {})
        back.settle()
        seen.append([org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)])

    assert seen == [["ACTIVE"] * 4 + ["SCHEDULED"] * 2, ["ACTIVE"] * 6]
    assert (len(org.answers.calls), org.errors) == (calls, [])
    sold = {one["id"]: one["status"] for one in actions.emulator.state()["subscriptions"]}
    assert len(sold) == (3 if is_replaced else 1)
    kept = {org.read(line, "Stigg_Subscription_ID__c") for line in lines_of(org, opportunity)[4:]}
    assert kept == {one for one, status in sold.items() if status == "ACTIVE"}


def test_a_won_trial_becomes_paid(actions: Harness, org: Org, back: WriteBack) -> None:
    """When the trial of a won deal converts in Stigg, all of its lines and the opportunity leave In Trial."""
    org.settings |= {"Trial_Stage__c": "Proof of Concept", "Trial_End_Behavior__c": "CONVERT_TO_PAID"}
    ends = org.clock.date() + timedelta(days=14)
    lines = (plan(), addon())
    opportunity = deal(org, account(org), *lines, Stigg_Whole_Deal__c=True, Stigg_Trial_End_Date__c=ends)
    org.change(opportunity, StageName="Proof of Concept")
    org.pass_time(minutes=3)
    win(org, opportunity)
    records_of_deal = [*lines_of(org, opportunity), opportunity]
    before, calls = [org.read(one, "Stigg_Status__c") for one in records_of_deal], len(org.answers.calls)

    pass_time_until(actions, org, org.clock + timedelta(hours=1))
    back.settle()

    assert before == ["IN_TRIAL"] * 3
    assert [org.read(one, "Stigg_Status__c") for one in records_of_deal] == ["ACTIVE"] * 3
    assert (len(org.answers.calls), org.errors) == (calls, [])


EVERY_TYPE = sorted(
    {kind.detail_type for kind in KINDS.values()}
    | {*OTHERWISE.values(), FAILED}
    | {detail_type(kind) for kind in ("customer.any", "subscription.any", "entitlement.any", "credit.any", "any.any")}
)
"""Every type of event that the bus can send to Salesforce. A batch names no record."""
SORTS = (
    {"status": "ACTIVE"},
    {"status": "CANCELED", "outcome": "canceled"},
    {"status": "ACTIVE", "outcome": "scheduled"},
    {"status": "PAYMENT_PENDING", "outcome": "paymentRequired"},
    {"status": "ACTIVE", "changedOutside": True, "paymentFailedAt": "2090-01-01T00:00:00.000Z"},
    {"status": None, "outcome": None, "errorCode": "REFUSED_BY_STIGG"},
    {"subscriptionId": None, "grantId": "grant-1", "status": "VOIDED"},
    {"salesforceRecordId": None, "subscriptionId": None, "status": None},
)
"""What events of a type can tell."""


def everything(org: Org) -> list[Any]:
    """Return all records, without the time of their last save."""
    objects = ("Account", "Contract", "Opportunity", "OpportunityLineItem")
    return [{**row, "LastModifiedDate": None} for name in objects for row in org.records.of(name)]


def hear(back: WriteBack, org: Org, *events: dict[str, Any]) -> None:
    """Let events arrive in the org one after the other."""
    for event in events:
        back.pipe.take(event)
        back.pipe.send()
        org.deliver()


def test_every_type_of_event_comes_to_rest(org: Org, back: WriteBack, contract: str) -> None:
    """Whatever its type and content, an event starts no call and fails no Flow; late or double, it changes nothing."""
    calls, known = len(org.answers.calls), {"salesforceAccountId": org.read(contract, "AccountId")}
    told = dict.fromkeys(("status", "outcome", "cancellationDate", "endsOn"))
    first = of_subscription(back)
    made = [
        later(first, f"2090-01-01T00:{minute:02}:00Z", **{**told, **known, **SORTS[minute % len(SORTS)]})
        | {"detail-type": name}
        for minute, name in enumerate(EVERY_TYPE)
    ]
    events = [{**one, "detail": {n: v for n, v in one["detail"].items() if v is not None}} for one in made]

    before = everything(org)
    hear(back, org, *events)
    assert back.settle() == 0
    after = everything(org)
    assert after != before
    hear(back, org, events[-1], *events[::-7], *back.heard)

    assert (back.settle(), everything(org) == after) == (0, True)
    assert (len(org.answers.calls), org.errors, back.pipe.waiting) == (calls, [], [])
