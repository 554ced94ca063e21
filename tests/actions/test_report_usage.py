"""report-usage, in this process: amounts and totals, of a record or under a key, each counted once."""

import re
from typing import Any

import pytest

from tests.resilience.mishaps import LOST_ANSWERS
from tests.resilience.scenarios import CUSTOMER, Scenario
from tests.resilience.stage import RECONCILE_IS_SURE, Stage
from tests.support.crashes import listening_container
from tests.support.harness import Harness, Reply
from tests.support.network import FOR_EVER, Network
from tests.support.requests import ACCOUNT, OTHER_LINE, subscription, usage
from tests.support.some import some

ACTION = "report-usage"
A_DAY = 24 * 60 * 60
REPORT = Scenario(ACTION, ACTION, usage(), before=(CUSTOMER,))
SENT = "Stigg POST /usage"
NAMED_BY_ACCOUNT = {"customerId": None, "salesforceAccountId": ACCOUNT}
TOTAL = {"updateBehavior": "SET"}


@pytest.fixture
def stage(actions: Harness) -> Stage:
    """The same deployment, with a customer, for calls that meet a mishap."""
    actions.ok(*CUSTOMER)
    return Stage(actions)


@pytest.fixture
def acme(stage: Stage) -> Harness:
    """The deployment with a customer."""
    return stage.actions


def counted(actions: Harness) -> list[Any]:
    """Return what each report that Stigg counted has added."""
    return [one["amount"] for one in actions.emulator.state()["usage"]]


def refused(reply: Reply) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return reply.status, reply.body["errorCode"]


def test_an_amount(acme: Harness) -> None:
    """An amount is added to the usage, and the answer has the sum and the period that it is counted in."""
    acme.ok("create-subscription", subscription(entitlements=[monthly()]))
    first = acme.ok(ACTION, usage(value=7.5))
    second = acme.ok(ACTION, usage(salesforceRecordId=OTHER_LINE, value="2.50"))

    assert (first["outcome"], first["value"], first["currentUsage"]) == ("reported", 7.5, 7.5)
    assert (second["customerId"], second["featureId"]) == ("cust-acme", "feature-api-calls")
    assert (second["currentUsage"], counted(acme)) == (10, [7.5, 2.5])
    assert second["usagePeriodStart"] < second["usagePeriodEnd"]


def monthly() -> dict[str, Any]:
    """Return an entitlement to calls that is reset each month."""
    return {"type": "FEATURE", "id": "feature-api-calls", "usageLimit": 1000, "resetPeriod": "MONTH"}


def test_a_new_period(acme: Harness) -> None:
    """Usage of the last period does not count towards this one."""
    acme.ok("create-subscription", subscription(entitlements=[monthly()]))
    acme.ok(ACTION, usage())
    acme.emulator.advance(40 * A_DAY)

    assert acme.ok(ACTION, usage(salesforceRecordId=OTHER_LINE))["currentUsage"] == 7.5


def test_everything_is_sent(acme: Harness) -> None:
    """Resource, dimensions and time go to Stigg as they were given; a day is the start of that day."""
    sent: list[dict[str, Any]] = []
    acme.__dict__["warm"] = listening_container(acme, "POST .*/usage", sent)
    fields = {"resourceId": "site-1", "dimensions": [{"key": "region", "value": "eu"}], "createdAt": "2026-01-27"}
    acme.ok(ACTION, usage(**fields, timeZone="Europe/Berlin", updateBehavior="Set", idempotencyKey="k"))
    ((report,),) = (body["usages"] for body in sent)

    assert re.fullmatch("[0-9a-f]{32}", report.pop("idempotencyKey"))
    assert report == {
        "customerId": "cust-acme",
        "featureId": "feature-api-calls",
        "value": 7.5,
        "updateBehavior": "SET",
        "resourceId": "site-1",
        "dimensions": {"region": "eu"},
        "createdAt": "2026-01-26T23:00:00Z",
    }


@pytest.mark.parametrize("later", [0, 2 * A_DAY, 400 * A_DAY])
def test_counted_once(acme: Harness, later: int) -> None:
    """The same amount of a record is counted once, however late it comes again and however its customer is named."""
    acme.ok(ACTION, usage())
    acme.clock.skip(later)
    acme.emulator.advance(later)
    again = acme.ok(ACTION, usage(**NAMED_BY_ACCOUNT))

    assert (again["replayed"], again["currentUsage"], counted(acme)) == (True, 7.5, [7.5])


@pytest.mark.parametrize(
    "other",
    [
        {"salesforceRecordId": OTHER_LINE},
        {"featureId": "feature-seats"},
        {"resourceId": "site-1"},
        {"dimensions": {"region": "eu"}},
        {"createdAt": "2026-01-27"},
        {"idempotencyKey": "more"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_usage(acme: Harness, other: dict[str, Any]) -> None:
    """Another record, feature, resource, dimension, day or key is other usage, which is counted too."""
    acme.ok(ACTION, usage())

    assert acme.ok(ACTION, usage(**other))["replayed"] is False
    assert counted(acme) == [7.5, 7.5]


def test_a_corrected_amount(acme: Harness) -> None:
    """A record that has reported an amount cannot add another one; the error names both and the way out."""
    acme.ok(ACTION, usage())
    reply = acme.post(ACTION, usage(value=8))

    assert refused(reply) == (409, "IDEMPOTENCY_CONFLICT")
    assert "has reported 7.5 of feature-api-calls for customer cust-acme already" in reply.body["errorMessage"]
    assert "report the difference under an idempotencyKey" in reply.body["errorMessage"]
    assert [one["field"] for one in reply.body["details"]] == ["value"]
    acme.ok(ACTION, usage(value=0.5, idempotencyKey="correction of 27 January"))
    assert counted(acme) == [7.5, 0.5]


def test_another_customer(acme: Harness) -> None:
    """The usage of a record is not counted for another customer as well."""
    acme.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})
    acme.ok(ACTION, usage())
    reply = acme.post(ACTION, usage(customerId="cust-globex"))

    assert refused(reply) == (409, "CUSTOMER_MISMATCH")
    assert "cust-acme" in reply.body["errorMessage"]
    assert "cust-globex" in reply.body["errorMessage"]
    assert counted(acme) == [7.5]


def test_another_use_of_a_key(acme: Harness) -> None:
    """A key stands for one report."""
    acme.ok(ACTION, usage(idempotencyKey="k"))

    assert refused(acme.post(ACTION, usage(idempotencyKey="k", value=8))) == (409, "IDEMPOTENCY_CONFLICT")
    assert counted(acme) == [7.5]


def test_totals(acme: Harness) -> None:
    """A record may report one total after another, also one that it had before; the same total is sent once a day."""
    for value in (50, 80, 80, 50):
        body = acme.ok(ACTION, usage(**TOTAL, value=value))

        assert body["currentUsage"] == value
    assert counted(acme) == [50, 30, -30]
    acme.clock.skip(A_DAY)
    assert acme.ok(ACTION, usage(**TOTAL, value=50))["replayed"] is False


def test_an_older_total(acme: Harness) -> None:
    """A total from older data does not replace the one from newer data; the answer says what stands."""
    acme.ok(ACTION, usage(**TOTAL, value=80, asOf="2026-01-02T00:00:00Z"))
    body = acme.ok(ACTION, usage(**TOTAL, value=50, asOf="2026-01-01T00:00:00Z"))

    assert (body["outcome"], body["value"], body["currentUsage"]) == ("superseded", 80, 80)
    assert body["supersededAt"] == "2026-01-02T00:00:00Z"
    assert counted(acme) == [80]


def test_a_total_under_a_key(acme: Harness) -> None:
    """A total with a key is sent once, because a key stands for one request."""
    body = usage(**TOTAL, idempotencyKey="k")
    acme.ok(ACTION, body)
    acme.clock.skip(2 * A_DAY)

    assert acme.ok(ACTION, body)["replayed"] is True
    assert counted(acme) == [7.5]


def test_whose_record(acme: Harness) -> None:
    """A record that has another customer's subscription reports no usage of this one."""
    acme.ok("create-subscription", subscription())
    acme.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})

    assert refused(acme.post(ACTION, usage(customerId="cust-globex"))) == (409, "CUSTOMER_MISMATCH")
    assert counted(acme) == []


def test_an_unlinked_account(acme: Harness) -> None:
    """An account that no customer is linked to is refused."""
    body = usage(customerId=None, salesforceAccountId="001000000000099AAA")

    assert refused(acme.post(ACTION, body)) == (404, "CUSTOMER_NOT_FOUND")


def test_a_feature_that_does_not_exist(acme: Harness) -> None:
    """An unknown feature is refused with similar ids, and the corrected request is carried out."""
    reply = acme.post(ACTION, usage(featureId="feature-api-call"))

    assert refused(reply) == (404, "FEATURE_NOT_FOUND")
    assert "Ids similar to feature-api-call: feature-api-calls" in reply.body["errorMessage"]
    assert [one["field"] for one in reply.body["details"]] == ["featureId"]
    assert acme.ok(ACTION, usage())["outcome"] == "reported"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0.123456, "must have at most 5 decimal places, because Stigg rounds to that many"),
        (2**35 + 0.5, "must lie between -34359738368 and 34359738368 if it has decimal places"),
        (2**53, "must lie between -9007199254740991 and 9007199254740991"),
    ],
)
def test_values_that_stigg_would_change(acme: Harness, value: float, problem: str) -> None:
    """A value that Stigg would round or not take is refused by name."""
    reply = acme.post(ACTION, usage(value=value))

    assert refused(reply) == (400, "INVALID_REQUEST")
    assert [tuple(one.values()) for one in reply.body["details"]] == [("value", problem)]


def test_without_record_and_key(acme: Harness) -> None:
    """Usage that nothing identifies could be counted twice, so it is refused."""
    reply = acme.post(ACTION, usage(salesforceRecordId=None))

    assert (refused(reply), counted(acme)) == ((400, "INVALID_REQUEST"), [])
    assert [one["field"] for one in reply.body["details"]] == ["salesforceRecordId"]


@pytest.mark.parametrize("value", [0, -3, 0.12345, 2**35 - 0.5, 2**53 - 1])
def test_values_at_the_limits(acme: Harness, value: float) -> None:
    """A value that Stigg takes as it is arrives as it is."""
    acme.ok(ACTION, usage(value=value))

    assert counted(acme) == [value]


@pytest.mark.parametrize("changes", [{}, TOTAL], ids=["amount", "total"])
def test_killed_anywhere(stage: Stage, changes: dict[str, Any]) -> None:
    """Wherever the process dies, the repeat has the usage counted once, with or without a reconciliation before."""
    scenario = Scenario(ACTION, ACTION, usage(**changes), before=(CUSTOMER,))
    story = stage.story(scenario)
    for number in some(range(len(story.calls))):
        for after in (False, True):
            for reconciled in (False, True):
                stage.arrange(scenario)
                stage.kill(scenario, number, after=after)
                stage.actions.clock.skip(RECONCILE_IS_SURE)
                if reconciled:
                    stage.actions.invoke("reconcile", {})
                reply = stage.actions.post(ACTION, scenario.body)

                assert (reply.status, counted(stage.actions)) == (200, [7.5]), (number, after, reconciled)


@pytest.mark.parametrize("mishap", LOST_ANSWERS.values(), ids=LOST_ANSWERS)
def test_a_lost_answer(stage: Stage, mishap: Any) -> None:  # noqa: ANN401 - a mishap
    """A lost answer is asked for again under the same key within the call, so that the usage is counted once."""
    number = stage.story(REPORT).calls.index(SENT)
    stage.arrange(REPORT)
    reply = stage.serve(REPORT, Network(mishap, number))

    assert (reply.status, counted(stage.actions)) == (200, [7.5])


def lose_every_answer(stage: Stage, body: dict[str, Any]) -> None:
    """Report usage that Stigg counts, without an answer."""
    scenario = Scenario(ACTION, ACTION, body)
    reply = stage.serve(scenario, Network(LOST_ANSWERS["502 in HTML"], 0, FOR_EVER, SENT))

    assert refused(reply) == (504, "OUTCOME_UNKNOWN")
    assert reply.body["retryable"] is True


def test_within_six_days(stage: Stage) -> None:
    """A report whose answer was lost is sent again days later, by the caller or an operator, and counted once."""
    lose_every_answer(stage, usage())
    stage.actions.clock.skip(5 * A_DAY)
    stage.actions.emulator.advance(5 * A_DAY)
    stage.actions.invoke("reconcile", {})
    (listed,) = stage.actions.invoke("list-operations", {"status": "unknown"})["operations"]

    assert "Replay it within six days" in listed["whatToDo"]
    replayed = stage.actions.invoke("replay-operation", {"operationKey": listed["operationKey"]})
    assert (replayed["outcome"], counted(stage.actions)) == ("replayed", [7.5])


def test_after_six_days(stage: Stage) -> None:
    """Later, Stigg might count it twice: the repeat is refused and says what to do, and nothing is sent."""
    lose_every_answer(stage, usage())
    stage.actions.clock.skip(7 * A_DAY)
    stage.actions.emulator.advance(7 * A_DAY)
    reply = stage.actions.post(ACTION, usage())

    assert (refused(reply), reply.body["retryable"]) == ((504, "OUTCOME_UNKNOWN"), False)
    assert "Compare the usage in Stigg" in reply.body["errorMessage"]
    assert counted(stage.actions) == [7.5]


def test_a_total_is_sent_again_at_any_time(stage: Stage) -> None:
    """A total may be set again however late, because it replaces itself."""
    lose_every_answer(stage, usage(**TOTAL))
    stage.actions.clock.skip(30 * A_DAY)
    stage.actions.emulator.advance(30 * A_DAY)

    assert stage.actions.ok(ACTION, usage(**TOTAL))["currentUsage"] == 7.5


def test_a_corrected_amount_while_the_first_is_unknown(stage: Stage) -> None:
    """While the first report is not settled, the error says that it may have been counted."""
    lose_every_answer(stage, usage())
    reply = stage.actions.post(ACTION, usage(value=8))

    assert refused(reply) == (409, "IDEMPOTENCY_CONFLICT")
    assert "may have reported 7.5 of feature-api-calls" in reply.body["errorMessage"]


def test_another_total_while_the_first_is_unknown(stage: Stage) -> None:
    """A newer total does not wait for the lost answer of an older one longer than that one may still take effect."""
    lose_every_answer(stage, usage(**TOTAL, value=50))
    early = stage.actions.post(ACTION, usage(**TOTAL, value=80))
    stage.actions.clock.skip(RECONCILE_IS_SURE)
    body = stage.actions.ok(ACTION, usage(**TOTAL, value=80))

    assert refused(early) == (409, "IN_PROGRESS")
    assert (body["currentUsage"], counted(stage.actions)) == (80, [50, 30])


def test_a_refusal_proves_nothing_about_a_lost_answer(stage: Stage) -> None:
    """A repeat that Stigg refuses leaves the first report unknown, because that one may have been counted."""
    lose_every_answer(stage, usage())
    stage.actions.clock.skip(RECONCILE_IS_SURE)
    stage.actions.emulator.fault("POST", "/usage", "status", {"status": 400, "body": {"code": "BadUserInput"}})
    reply = stage.actions.post(ACTION, usage())
    stage.actions.emulator.clear_faults()

    assert refused(reply) == (504, "OUTCOME_UNKNOWN")
    assert stage.actions.ok(ACTION, usage())["outcome"] == "reported"
    assert counted(stage.actions) == [7.5]


def test_at_once(acme: Harness) -> None:
    """Of calls at the same moment one reports the usage; the others get its answer."""
    replies = acme.at_once(*[(ACTION, usage())] * 4)

    assert [reply.status for reply in replies] == [200] * 4
    assert counted(acme) == [7.5]


def test_beside_a_write_of_unknown_outcome(stage: Stage) -> None:
    """Usage is reported while another write of the customer is unsettled, and does not keep others waiting."""
    lose_every_answer(stage, usage())

    assert stage.actions.ok("create-subscription", subscription())["outcome"] == "created"
    assert stage.actions.customer("cust-acme").lease is None


def test_whose_usage_it_was(acme: Harness) -> None:
    """What the ledger keeps of a report names its customer, so that it is found and forgotten with it."""
    acme.ok(ACTION, usage(**NAMED_BY_ACCOUNT))
    (item,) = (item for item in acme.intents() if item["kind"]["S"] == "usage")

    assert item["customer_id"]["S"] == "cust-acme"
