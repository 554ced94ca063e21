"""Stigg's limits: 30 writes a minute of one entity, 250 of one kind; and a Stigg that takes its time."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.resilience.picture import picture
from tests.resilience.scenarios import BY_RECORD, CUSTOMER, SCENARIOS, SOLD, Scenario
from tests.resilience.stage import Stage
from tests.support.harness import Harness

METADATA = "set-subscription-metadata"
PER_ENTITY, PER_KIND = 30, 250
PROVISIONING = next(one for one in SCENARIOS if one.name == "create-subscription")


@pytest.fixture
def actions(stage: Stage) -> Harness:
    """The deployment with one subscription."""
    stage.arrange(Scenario("", "", {}, (CUSTOMER, SOLD)))
    return stage.actions


def tier(number: int) -> dict[str, Any]:
    """Write metadata that no other request writes."""
    return BY_RECORD | {"metadata": {"tier": str(number)}}


def test_the_limit_of_an_entity(actions: Harness) -> None:
    """The 31st write of a minute is turned away with the time to wait; nothing changed, and then it works, once."""
    replies = [actions.post(METADATA, tier(number)) for number in range(PER_ENTITY + 1)]
    refused = replies[-1]
    before = picture(actions)

    actions.emulator.advance(refused.body["retryAfterSeconds"])
    again = actions.post(METADATA, tier(PER_ENTITY))

    assert [reply.status for reply in replies] == [200] * PER_ENTITY + [429]
    assert (refused.body["errorCode"], refused.body["retryable"]) == ("RATE_LIMITED", True)
    assert before.effects[0]["metadata"]["tier"] == str(PER_ENTITY - 1)
    assert (again.status, again.body["replayed"]) == (200, False)
    assert not before.leases


def test_the_limit_of_a_kind(actions: Harness) -> None:
    """Beyond 250 customers a minute each further one is told when to come back, and comes through then."""
    calls = [actions.post("create-customer", {"customerId": f"cust-{number}"}) for number in range(PER_KIND)]
    wait = next(call.body["retryAfterSeconds"] for call in calls if call.status == 429)

    actions.emulator.advance(wait)
    later = actions.post("create-customer", {"customerId": f"cust-{PER_KIND - 1}"})

    assert [call.status for call in calls].count(429) == 1  # the account's customer was the first of the minute
    assert later.status == 200
    assert len(actions.emulator.state()["customers"]) == PER_KIND + 1


@pytest.mark.parametrize(("asked", "status"), [("3", 200), ("40", 429)])
def test_stigg_says_when_to_come_back(actions: Harness, asked: str, status: int) -> None:
    """A wait that Stigg asks for is kept if the caller's time allows; if not, the caller is told of it at once."""
    value = {"status": 429, "headers": {"Retry-After": asked}}
    actions.emulator.fault("POST", "/customers$", "status", value, times=1)
    before = actions.clock.now()

    reply = actions.post("create-customer", {"customerId": "cust-late"})
    waited = actions.clock.now() - before

    assert reply.status == status
    assert (waited >= int(asked)) is (status == 200)
    assert reply.body.get("retryAfterSeconds") == (None if status == 200 else int(asked))


@dataclass
class Context:
    """A Lambda context with so many seconds left, by the machine's clock."""

    seconds: float
    aws_request_id = "hurried"

    def __post_init__(self) -> None:
        """Start the time."""
        self._until = time.monotonic() + self.seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        return round(1000 * (self._until - time.monotonic()))


@pytest.mark.parametrize("fault", ["hang", "drip", "latency"])
def test_the_answer_leaves_before_the_deadline(stage: Stage, fault: str) -> None:
    """However Stigg dawdles, the caller is answered before Lambda ends the function, and the unknown is recorded."""
    story, actions = stage.story(PROVISIONING), stage.actions
    stage.arrange(PROVISIONING)
    actions.emulator.fault("*", "/subscriptions", fault, 60 if fault == "latency" else 1)
    context, event = Context(9), {"httpMethod": "POST", "requestContext": {}, "body": PROVISIONING.text}

    answer = actions.invoke(PROVISIONING.action, event, context, actions.container())
    left = context.get_remaining_time_in_millis()
    actions.emulator.clear_faults()

    assert (answer["statusCode"], left > 0) == (504, True)
    assert ("provision", "UNKNOWN") in actions.operations()
    assert stage.repeat(PROVISIONING, story)[1] is None
