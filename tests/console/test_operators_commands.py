"""The commands for operations, mappings, reconciliation and the connection."""

import json
from typing import Any

import pytest

from console.output import presentable
from stigg_actions.observability import loggable
from tests.support.batch_requests import customers, entry, submit
from tests.support.fakes import KEY
from tests.support.harness import Harness
from tests.support.program import Program
from tests.support.requests import LINE, sold, subscription
from tests.support.some import some

ADDRESS = "jane@example.org"


@pytest.fixture
def failed_operation(actions: Harness) -> str:
    """The key of an operation that failed because its plan does not exist."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    assert actions.post("create-subscription", subscription(planId="plan-later")).status == 404
    (operation,) = actions.invoke("list-operations", {"status": "failed"})["operations"]
    return str(operation["operationKey"])


def test_operations(program: Program, failed_operation: str) -> None:
    """Failed operations are listed and shown, with what to do; a replay that fails again says so in its exit code."""
    listed = program.run("operations", "list", "--status", "failed", "--json")
    shown = program.run("operations", "show", failed_operation)
    replayed = program.run("operations", "replay", failed_operation, "--json")

    assert (listed.code, [one["operationKey"] for one in listed.document["operations"]]) == (0, [failed_operation])
    assert (shown.code, failed_operation in shown.out, "whatToDo" in shown.out) == (0, True, True)
    assert (replayed.code, replayed.document["errorCode"]) == (1, "PLAN_NOT_FOUND")


def test_a_replay_that_succeeds(program: Program, actions: Harness) -> None:
    """An operation that succeeded is not run again, and the exit code is that of a success."""
    sold(actions)
    ran = program.run("operations", "list", "--record", LINE, "--json")
    key = ran.document["operations"][0]["operationKey"]
    replayed = program.run("operations", "replay", key, "--force")

    assert (replayed.code, "alreadySucceeded" in replayed.out) == (0, True)
    assert program.sent[-1][1] == {"operationKey": key, "force": True}


def test_pages_of_operations(program: Program, actions: Harness) -> None:
    """A list follows the answers up to its limit."""
    for number in range(3):
        actions.post("create-subscription", subscription(salesforceRecordId=None, planId=f"plan-{number}"))
    two = program.run("operations", "list", "--limit", "2", "--json")
    program.run("operations", "list", "--limit", "250", "--json")

    assert len(two.document["operations"]) == 2
    assert [request["limit"] for _, request in program.sent] == [2, 100]


def test_no_operations(program: Program) -> None:
    """An empty list is a success, and an unknown key is not."""
    empty, unknown = program.run("operations", "list"), program.run("operations", "show", "provision-0")

    assert (empty.code, empty.out) == (0, "There are no such operations.\n")
    assert (unknown.code, "There is no operation with the key provision-0." in unknown.err) == (1, True)


def test_an_address_as_an_id(program: Program, actions: Harness) -> None:
    """The id of a customer that is an e-mail address is not printed, for people or for scripts."""
    actions.ok("create-customer", {"customerId": ADDRESS})
    actions.post("create-subscription", subscription(customerId=ADDRESS, planId="plan-none", salesforceRecordId=None))
    key = program.run("operations", "list", "--json").document["operations"][0]["operationKey"]
    printed = [
        program.run("operations", *arguments, *way)
        for arguments in (("list",), ("show", key), ("replay", key))
        for way in ((), ("--json",))
    ]

    assert [ran for ran in printed if "jane" in ran.out + ran.err] == []
    assert all("hidden-" in ran.out for ran in some(printed[2:4]))


def test_the_mapping_of_a_record(program: Program, actions: Harness) -> None:
    """A record's subscription, mapping and history are shown, found by either."""
    subscription_id = sold(actions)
    by_record = program.run("mapping", "show", "--record", LINE)
    by_subscription = program.run("mapping", "show", "--subscription", subscription_id, "--json")

    assert (by_record.code, subscription_id in by_record.out, "created" in by_record.out) == (0, True, True)
    assert by_subscription.document["mapping"]["salesforceRecordId"] == LINE
    assert "metadata" not in by_subscription.document["subscription"]


def test_a_lost_mapping(program: Program, actions: Harness) -> None:
    """A lost mapping is restored by its record, and all of a customer by the customer; a dry run changes no mapping."""
    sold(actions)
    actions.tables.clear()
    dry = program.run("mapping", "rebuild", "--customer", "cust-acme", "--dry-run", "--json")
    assert (dry.code, dry.document["outcome"], actions.mapping(LINE)) == (0, "dryRun", None)
    rebuilt = program.run("mapping", "rebuild", "--customer", "cust-acme", "--json")
    assert [one["problem"] for one in rebuilt.document["mended"]][:1] == ["missing"]
    assert actions.mapping(LINE) is not None
    actions.tables.clear()
    restored = program.run("mapping", "rebuild", "--record", LINE, "--customer", "cust-acme", "--json")

    assert (restored.code, restored.document["outcome"]) == (0, "repaired")
    assert actions.mapping(LINE) is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("show", "--record", LINE, "--subscription", "sub-1"),
        ("rebuild",),
        ("rebuild", "--account", "001000000000001AAA"),
        ("rebuild", "--record", LINE, "--dry-run"),
    ],
)
def test_mappings_that_are_not_named(program: Program, arguments: tuple[str, ...]) -> None:
    """A command that names no mapping, or two, is refused with the options that name one."""
    ran = program.run("mapping", *arguments)

    assert (ran.code, program.sent) == (2, [])
    assert "Name " in ran.err


def test_an_unknown_record(program: Program) -> None:
    """A refusal of the action is printed in its own words, and as its own JSON."""
    for_people = program.run("mapping", "show", "--record", LINE)
    for_scripts = program.run("mapping", "show", "--record", LINE, "--json")

    assert (for_people.code, for_people.err.splitlines()[-1][:17]) == (1, "MAPPING_NOT_FOUND")
    assert for_scripts.document["errorCode"] == "MAPPING_NOT_FOUND"


def test_reconcile(program: Program, actions: Harness) -> None:
    """A mapping that differs from Stigg is corrected and listed; conflicts would change the exit code."""
    subscription_id = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})
    ran = program.run("reconcile", "--customer", "cust-acme", "--minimum-age", "0")

    assert (ran.code, subscription_id in ran.out, "status" in ran.out) == (0, True, True)
    assert program.sent == [("reconcile", {"minimumAgeSeconds": 0, "dryRun": False, "customerId": "cust-acme"})]


class Rounds:
    """The Lambda API of a reconcile that needs several runs, and finds what needs attention in the last."""

    def __init__(self, runs: int, last: dict[str, Any]) -> None:
        self._left = runs
        self._last = last
        self.invoked: list[tuple[str, dict[str, Any]]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        """Answer a run."""
        self.invoked.append((FunctionName, json.loads(Payload)))
        self._left -= 1
        empty: dict[str, Any] = {"settled": [], "mended": [], "subscriptionsUnreadable": 0}
        found = {**empty, **(self._last if self._left == 0 else {})}
        body = {"outcome": "reconciled", "subscriptionsCompared": 5, "complete": self._left == 0, **found}
        return {"Payload": _Body(json.dumps(body))}


class _Body:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> bytes:
        """Return the text, as botocore's stream does."""
        return self._text.encode()


MENDED = {"subscriptionId": "sub-1", "customerId": "c", "mended": True, "problem": "status"}


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ({}, 0),
        ({"mended": [MENDED]}, 0),
        ({"mended": [{**MENDED, "problem": "conflict", "mended": False}]}, 1),
        ({"mended": [{**MENDED, "errorCode": "STORAGE_UNAVAILABLE"}]}, 1),
        ({"settled": [{"operationKey": "k", "kind": "cancel", "result": "unsettled"}]}, 1),
        ({"settled": [{"operationKey": "k", "kind": "cancel", "result": "succeeded"}]}, 0),
        ({"subscriptionsUnreadable": 1}, 1),
        ({"stoppedBy": "STIGG_UNAVAILABLE", "complete": False}, 1),
    ],
)
def test_a_whole_round(last: dict[str, Any], code: int) -> None:
    """With --until-complete it runs until all is compared, and the exit code says whether something needs attention."""
    rounds = Rounds(3, last)
    ran = Program(rounds).run("reconcile", "--until-complete", "--json")

    assert (ran.code, len(rounds.invoked)) == (code, 3)
    assert Program(Rounds(2, {})).run("reconcile").code == 0


def test_a_healthy_stack(program: Program) -> None:
    """The checks of the connection are listed; a plan that does not exist fails, and so does the command."""
    healthy = program.run("check", "--plan", "plan-growth", "--json")
    failing = program.run("check", "--plan", "plan-growth", "--plan", "plan-none")

    assert (healthy.code, healthy.document["outcome"]) == (0, "healthy")
    assert program.sent[0] == ("check-connection", {"planIds": ["plan-growth"]})
    assert (failing.code, "plan-none" in failing.out) == (1, True)
    assert all(check["name"] in failing.out for check in some(healthy.document["checks"]))
    assert KEY not in failing.out


def test_watching_a_batch(program: Program, actions: Harness) -> None:
    """A batch is followed to its end, its failed requests are listed, and its results are printed for scripts."""
    bad = [entry("create-customer", customerId=f"cust-{number}", email="none") for number in range(25)]
    batch = submit(actions, [*customers(2, "good"), *bad])
    watched = program.run("batch", "watch", batch["batchId"])
    scripted = program.run("batch", "watch", batch["batchId"], "--json")

    assert (watched.code, "2 of 27 requests succeeded, 25 failed." in watched.out) == (1, True)
    assert "These are the first 20 of 25." in watched.out
    assert len(scripted.document["results"]) == 27


def test_a_batch_that_succeeded(program: Program, actions: Harness) -> None:
    """A batch without failures ends with exit code 0, and an unknown one with the action's refusal."""
    batch = submit(actions, customers(1))

    assert program.run("batch", "watch", batch["batchId"]).code == 0
    assert program.run("batch", "watch", "batch-unknown").code == 1


@pytest.mark.parametrize(
    "arguments", [(), ("batch",), ("batch", "submit"), ("operations", "replay"), ("reconcile", "--bogus"), ("bogus",)]
)
def test_wrong_usage(program: Program, arguments: tuple[str, ...]) -> None:
    """A command line that is not understood ends with exit code 2."""
    assert program.run(*arguments).code == 2


def test_what_is_printed_of_an_answer() -> None:
    """Names of checks are printed; metadata, a workflow's text and addresses are not, in JSON text neither."""
    inner = json.dumps({"customerId": ADDRESS, "responseText": "Jane", "amount": 1.50})
    answer = {
        "checks": [{"name": "key"}],
        "answerText": inner,
        "metadata": {"x": "Jane"},
        "text": f"There is no {ADDRESS}.",
    }
    printed = presentable(answer)

    assert printed["checks"] == [{"name": "key"}]
    assert set(printed) == {"checks", "answerText", "text"}
    assert json.loads(printed["answerText"]) == {"customerId": loggable(ADDRESS), "amount": 1.5}
    assert printed["text"] == f"There is no {loggable(ADDRESS)}."
    assert presentable("/home/jane@corp/a.csv is name@example.com") == "/home/jane@corp/a.csv is name@example.com"
    assert presentable(f"customer:{ADDRESS}, 'a|b@c'") == f"customer:{loggable(ADDRESS)}, '{loggable('a|b@c')}'"
    assert presentable({"answerText": f"no JSON of {ADDRESS}"}) == {"answerText": f"no JSON of {loggable(ADDRESS)}"}
