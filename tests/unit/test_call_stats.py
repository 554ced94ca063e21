"""What a call takes is measured where it is spent, and told in the line of the call."""

from typing import Any, cast

import pytest

from stigg_actions.clock import CallStats, Deadline, ServiceStats
from stigg_actions.errors import StiggUnavailable
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.storage.dynamodb import Database
from tests.support.fakes import (
    ROTATED_KEY,
    Answer,
    FakeClock,
    FakeSecretsManager,
    ScriptedStigg,
    data,
    refusal,
    secret_text,
)
from tests.support.fixtures import Connect
from tests.unit.storage.test_dynamodb import FOUND, THROTTLED, ScriptedDynamoDB, read

READ = StiggRequest("GET", "/api/v1/customers/acme")


def test_nothing_yet() -> None:
    """A call that asks nobody takes nothing."""
    assert CallStats().line() == {"stiggCalls": 0, "stiggMs": 0, "dynamodbCalls": 0, "dynamodbMs": 0, "retries": 0}


def test_milliseconds() -> None:
    """Time adds up, and is told in whole milliseconds."""
    share = ServiceStats()
    share.seconds = 0.0125
    with share.measured():
        pass

    assert (share.calls, share.milliseconds >= 12) == (1, True)


def test_failures_take_time_too() -> None:
    """What fails is counted like what succeeds."""
    share = ServiceStats()
    with pytest.raises(LookupError), share.measured():
        raise LookupError

    assert (share.calls, share.seconds > 0) == (1, True)


def test_stigg(connect: Connect) -> None:
    """Every try of a request to Stigg is counted, and those after the first as retries; the last date counts."""
    stigg = ScriptedStigg(refusal("UnexpectedError", status=500), Answer(200, {"data": {}}, {"Date": "today"}))
    session = connect(stigg)
    session.send(READ, subject="it")

    assert (session.stats.stigg.calls, session.stats.retries) == (2, 1)
    assert (session.stats.stigg.seconds > 0, session.stats.stigg_date) == (True, "today")


def test_a_rotated_key(connect: Connect) -> None:
    """A request that is sent again with the new key is a retry."""
    stigg = ScriptedStigg(refusal("Unauthenticated", status=401), data({}))
    session = connect(stigg, secrets=FakeSecretsManager(secret_text(), secret_text(apiKey=ROTATED_KEY)))
    session.send(READ, subject="it")

    assert (session.stats.stigg.calls, session.stats.retries) == (2, 1)


def test_dynamodb(clock: FakeClock) -> None:
    """Every try of a request to DynamoDB is counted, and those after the first as retries."""
    stats, client = CallStats(), ScriptedDynamoDB(clock, THROTTLED, THROTTLED, FOUND)
    read(Database(cast("Any", client), Deadline.after(clock, 25), stats))

    assert (stats.dynamodb.calls, stats.retries) == (3, 2)
    assert stats.dynamodb.seconds > 0


def test_dynamodb_in_vain(clock: FakeClock) -> None:
    """What was tried in vain was tried all the same."""
    stats, client = CallStats(), ScriptedDynamoDB(clock, THROTTLED)
    with pytest.raises(StiggUnavailable):
        read(Database(cast("Any", client), Deadline.after(clock, 25), stats))

    assert stats.dynamodb.calls == stats.retries + 1 == len(client.calls)
