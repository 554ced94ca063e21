"""DynamoDB within the time of one invocation: what is tried again, how often, and for how long."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError, SSLError

from stigg_actions.clock import Deadline
from stigg_actions.errors import Misconfigured, StiggUnavailable
from stigg_actions.storage.dynamodb import LONGEST_CALL_SECONDS, ConditionFailedError, Database
from tests.support.fakes import FakeClock, aws_error

KEY = {"pk": "customer#acme"}
CONFLICT = aws_error("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])
THROTTLED = aws_error("ThrottlingException")
SILENT = ReadTimeoutError(endpoint_url="https://aws")
FOUND = {"Responses": {"mappings": [{"pk": {"S": "customer#acme"}}]}, "UnprocessedKeys": {}}
UNPROCESSED = {"Responses": {}, "UnprocessedKeys": {"mappings": {"Keys": [{"pk": {"S": "customer#acme"}}]}}}
type Outcome = dict[str, Any] | Exception
type Use = Callable[[Database], object]


def read(database: Database) -> object:
    """Read an item."""
    return database.read([("mappings", KEY)])


def newest(database: Database) -> object:
    """Read the newest item of a partition."""
    return database.newest("operations", partition=("operation_key", "k"))


def transact(database: Database) -> object:
    """Write an item."""
    return database.transact([{"Put": {}}])  # type: ignore[func-returns-value]  # nothing, like the others


def write(database: Database) -> object:
    """Write items together, without a condition."""
    return database.write("mappings", [KEY])  # type: ignore[func-returns-value]  # nothing, like the others


EVERY_USE = pytest.mark.parametrize("use", [read, newest, transact, write])
UNWRITTEN = {"UnprocessedItems": {"mappings": [{"PutRequest": {"Item": {"pk": {"S": "customer#acme"}}}}]}}


class ScriptedDynamoDB:
    """Answers every operation with a series of outcomes, the last one for ever; each call takes its time."""

    def __init__(self, clock: FakeClock, *series: Outcome, seconds: float = 0.0) -> None:
        self._clock = clock
        self._series = [*series]
        self._seconds = seconds
        self.calls: list[dict[str, Any]] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return any operation."""

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
            self.calls.append(arguments)
            self._clock.time += self._seconds
            outcome = self._series.pop(0) if len(self._series) > 1 else self._series[0]
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return call


def database(client: ScriptedDynamoDB, clock: FakeClock, seconds: float = 25.0) -> Database:
    """Return the database of an invocation that has so much time."""
    return Database(cast("Any", client), Deadline.after(clock, seconds))


@pytest.mark.parametrize(
    ("use", "series"),
    [
        (read, [THROTTLED, UNPROCESSED, FOUND]),
        (read, [SILENT, FOUND]),
        (newest, [aws_error("InternalServerError"), {"Items": []}]),
        (transact, [CONFLICT, aws_error("TransactionInProgressException"), CONFLICT, CONFLICT, CONFLICT, {}]),
        (transact, [SILENT, {}]),
        (write, [UNWRITTEN, THROTTLED, {"UnprocessedItems": {}}]),
    ],
)
def test_trouble_that_passes(clock: FakeClock, use: Use, series: Sequence[Outcome]) -> None:
    """Conflicts, throttling and lost answers are waited out, each time longer."""
    client = ScriptedDynamoDB(clock, *series)
    use(database(client, clock))

    assert clock.waited == [0.05 * 2**number for number in range(len(client.calls) - 1)]


@EVERY_USE
@pytest.mark.parametrize(
    ("trouble", "calls", "reason"),
    [
        (THROTTLED, 6, "ThrottlingException"),
        (SILENT, 2, "ReadTimeoutError"),
        (SSLError(endpoint_url="https://aws", error=OSError()), 2, "SSLError"),
    ],
)
def test_trouble_that_stays(clock: FakeClock, use: Use, trouble: Exception, calls: int, reason: str) -> None:
    """When DynamoDB stays in trouble the caller is told what it was, without a wait after the last call."""
    client = ScriptedDynamoDB(clock, trouble)
    with pytest.raises(StiggUnavailable, match=rf"STORAGE_UNAVAILABLE: DynamoDB did not answer \({reason}\)"):
        use(database(client, clock))

    assert (len(client.calls), len(clock.waited)) == (calls, calls - 1)


def test_unprocessed_for_ever(clock: FakeClock) -> None:
    """Items that stay unprocessed are no items that do not exist."""
    with pytest.raises(StiggUnavailable, match=r"STORAGE_UNAVAILABLE: .+ \(throttled\)"):
        read(database(ScriptedDynamoDB(clock, UNPROCESSED), clock))


def test_one_transaction_one_token(clock: FakeClock) -> None:
    """All calls of one transaction carry one token, and another transaction has another."""
    client = ScriptedDynamoDB(clock, SILENT, {}, CONFLICT, {})
    for _ in range(2):
        transact(database(client, clock))
    one, again, other, other_again = (call["ClientRequestToken"] for call in client.calls)

    assert (one, other) == (again, other_again)
    assert one != other


@EVERY_USE
@pytest.mark.parametrize(("seconds", "calls"), [(0, 0), (-1, 0), (0.1, 1), (2.4, 1), (5.0, 1), (5.1, 2)])
def test_time(clock: FakeClock, use: Use, seconds: float, calls: int) -> None:
    """A first call is made while there is any time, a second one if it can end in time, none without time."""
    client = ScriptedDynamoDB(clock, SILENT, seconds=LONGEST_CALL_SECONDS)
    with pytest.raises(StiggUnavailable):
        use(database(client, clock, seconds))

    assert len(client.calls) == calls


@EVERY_USE
@pytest.mark.parametrize(
    "error",
    [
        aws_error("ValidationException"),
        aws_error("TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": "ValidationError"}]),
        aws_error("AccessDeniedException"),
        aws_error("ResourceNotFoundException"),
    ],
)
def test_our_fault(clock: FakeClock, use: Use, error: Exception) -> None:
    """A request that DynamoDB will never take is told as what it is, and not repeated."""
    client = ScriptedDynamoDB(clock, error)
    with pytest.raises(Misconfigured, match="STORAGE_REFUSED") as refused:
        use(database(client, clock))

    assert (refused.value.may_retry, len(client.calls)) == (False, 1)


def test_condition(clock: FakeClock) -> None:
    """A failed condition is told at once, whatever else a transaction met."""
    reasons = [{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed"}, {"Code": "None"}]
    client = ScriptedDynamoDB(clock, aws_error("TransactionCanceledException", CancellationReasons=reasons))
    with pytest.raises(ConditionFailedError):
        transact(database(client, clock))

    assert len(client.calls) == 1
