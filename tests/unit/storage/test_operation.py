"""Operations as the ledger holds them."""

from copy import replace
from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.clock import iso
from stigg_actions.storage.operation import (
    KeyScope,
    Operation,
    Status,
    derived_key,
    explicit_key,
    fingerprint,
    later_call_item,
    operation_item,
    operation_key,
    read_operation,
)
from tests.support import operations
from tests.support.some import some

SCOPE = KeyScope("development", "00D000000000001EAA", "provision")
STARTED = operations.STARTED._replace(
    attempt=2,
    request={"planId": "plan-growth", "minimumSpend": {"amount": Decimal("49.90"), "currency": "usd"}},
    attempted_at=1_799_999_990,
)
FINISHED = replace(
    STARTED,
    status=Status.SUCCEEDED,
    customer_id="acme",
    record_id="a0D30000001n7PiEAI",
    answer={"outcome": "created", "active": True},
    error={"errorCode": "X"},
    finished_at=1_800_000_005,
    latest_correlation_id="call-2",
)


@pytest.mark.parametrize("operation", [STARTED, FINISHED])
def test_round_trip(operation: Operation) -> None:
    """An operation is read as it was written, numbers as DynamoDB returns them."""
    item = {
        name: Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in operation_item(operation).items()
        if value is not None
    }

    assert operation == read_operation(item)


def test_item() -> None:
    """An item carries its key and readable moments, and once it is settled the day on which it is dropped."""
    item = operation_item(STARTED)

    assert operation_key("provision-1", 1) == {name: item[name] for name in ("operation_key", "intent")}
    assert item["status"] == "STARTED"
    assert "2027-01-15T08:00:00.000Z" in item.values()
    assert item["expires_at"] is None
    assert operation_item(FINISHED)["expires_at"] == STARTED.started_at + 400 * 24 * 60 * 60
    assert item["request"] == '{"planId":"plan-growth","minimumSpend":{"amount":49.9,"currency":"usd"}}'


def test_no_item() -> None:
    """No item is no operation."""
    assert read_operation(None) is None


def test_older_item() -> None:
    """An item that was written before the latest call was kept is read, and has none."""
    newer = {"latest_correlation_id": None}
    item = {name: value for name, value in (operation_item(FINISHED) | newer).items() if value is not None}

    assert read_operation(item) == replace(FINISHED, latest_correlation_id=None)


@pytest.mark.parametrize(("correlation_id", "latest"), [("call-1", None), ("call-2", "call-2")])
def test_called_again(correlation_id: str, latest: str | None) -> None:
    """Only another call than the first one is kept beside it."""
    assert STARTED.called_again(correlation_id) == latest


def test_item_of_a_later_call() -> None:
    """A later call has an item of its own in the operation's partition, below all intents, that leads to its intent."""
    items = [later_call_item(one) for one in (FINISHED, replace(FINISHED, intent=2), replace(FINISHED, kind="grant"))]

    assert [(item["of_intent"], item["correlation_id"]) for item in items] == [
        (1, "call-2"),
        (2, "call-2"),
        (1, "call-2"),
    ]
    assert [item["intent"] < 0 for item in items] == [True, True, True]
    assert items[0]["intent"] != items[1]["intent"]
    assert items[0]["expires_at"] == FINISHED.started_at + 400 * 24 * 60 * 60
    assert later_call_item(replace(FINISHED, stands_for_ever=True))["expires_at"] is None
    assert {"status", "attention", "asked_for"}.isdisjoint(items[0])


def test_explicit_keys() -> None:
    """A caller's key is scoped by environment, org and kind, and is never the same as a derived one."""
    scopes = [SCOPE, replace(SCOPE, environment="production"), replace(SCOPE, org_id="x"), replace(SCOPE, kind="grant")]
    keys = {explicit_key(scope, "order-1") for scope in scopes}

    assert len(keys | {explicit_key(SCOPE, "order-2"), derived_key(SCOPE, {})}) == 6
    assert explicit_key(SCOPE, "order-1").startswith("provision-")


def test_derived_keys() -> None:
    """The same request has the same key, in whatever order and spelling of numbers; any difference makes another."""
    one = derived_key(SCOPE, {"planId": "p", "amount": Decimal("1.0")})

    assert one == derived_key(SCOPE, {"amount": Decimal("1.00"), "planId": "p"})
    assert one != derived_key(SCOPE, {"planId": "p", "amount": Decimal("1.1")})
    assert one != derived_key(SCOPE, {"planId": "p"})


def test_fingerprints() -> None:
    """Two requests under one key are compared by content."""
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})


def test_effect_ids() -> None:
    """Key, intent and attempt each make another id, of 32 hexadecimal digits; who runs it makes none."""
    others = [replace(STARTED, operation_key="x"), replace(STARTED, intent=2), replace(STARTED, attempt=1)]
    ids = {operation.effect_id for operation in (STARTED, *others)}

    assert len(ids) == 4
    assert all(len(effect_id) == 32 and int(effect_id, 16) >= 0 for effect_id in some(ids))
    assert STARTED.effect_id == FINISHED.effect_id


@pytest.mark.parametrize(
    ("status", "expected"),
    [(Status.STARTED, False), (Status.UNKNOWN, False), (Status.SUCCEEDED, True), (Status.FAILED, True)],
)
def test_settled(status: Status, *, expected: bool) -> None:
    """An operation is settled when its outcome is known."""
    assert expected is replace(STARTED, status=status).settled


@pytest.mark.parametrize(
    ("answer", "expected"), [(None, False), ({"outcome": "created"}, False), ({"outcome": "paymentRequired"}, True)]
)
def test_awaits_payment(answer: dict[str, object] | None, *, expected: bool) -> None:
    """A payment page that was made is told by the answer."""
    assert expected is replace(STARTED, answer=answer).awaits_payment


@pytest.mark.parametrize(("seconds", "expected"), [(0, False), (89.9, False), (90, True)])
def test_absence(seconds: float, *, expected: bool) -> None:
    """Only after 90 seconds does absence prove anything."""
    assert expected is STARTED.absence_proves(STARTED.started_at + seconds)


def test_iso() -> None:
    """Moments are written in UTC, to the millisecond."""
    assert iso(1_800_000_000.1234) == "2027-01-15T08:00:00.123Z"


@pytest.mark.parametrize(
    ("changes", "attention", "kept_seconds"),
    [
        ({"status": Status.STARTED}, "STARTED", None),
        ({"status": Status.UNKNOWN}, "UNKNOWN", None),
        ({"status": Status.FAILED}, "FAILED", 34_560_000),
        ({"status": Status.SUCCEEDED}, None, 34_560_000),
        ({"status": Status.SUCCEEDED, "stands_for_ever": True}, None, None),
        ({"status": Status.FAILED, "stands_for_ever": True}, "FAILED", None),
    ],
)
def test_what_is_kept(changes: dict[str, Any], attention: str | None, kept_seconds: int | None) -> None:
    """What is settled is kept for 400 days, unless it stands for ever; what did not succeed can be found."""
    item = operation_item(replace(STARTED, **changes))

    assert item["attention"] == attention
    assert item["expires_at"] == (None if kept_seconds is None else STARTED.started_at + kept_seconds)


@pytest.mark.parametrize(
    ("status", "uncertain_since", "certain_from"),
    [
        (Status.STARTED, None, 1_800_000_090),
        (Status.STARTED, 1_799_999_000, 1_800_000_090),
        (Status.UNKNOWN, 1_799_999_000, 1_799_999_090),
        (Status.UNKNOWN, None, 1_800_000_090),
    ],
)
def test_from_when_on_absence_proves(status: Status, uncertain_since: int | None, certain_from: int) -> None:
    """Ninety seconds after the start of the last run that may have sent: this one, or the one whose end is unknown."""
    operation = replace(STARTED, status=status, uncertain_since=uncertain_since)

    assert operation.certain_from == certain_from
    assert (operation.absence_proves(certain_from - 0.1), operation.absence_proves(certain_from)) == (False, True)


def test_earlier_runs() -> None:
    """Runs before this one are over ninety seconds after the last of them began; without one there is none to end."""
    operation = replace(STARTED, uncertain_since=STARTED.started_at)

    assert STARTED.earlier_runs_are_over(STARTED.started_at)
    assert not operation.earlier_runs_are_over(STARTED.started_at + 89.9)
    assert operation.earlier_runs_are_over(STARTED.started_at + 90)


def test_how_new_an_operation_is() -> None:
    """It is as new as the state that it was made from, and without one as its first attempt, in milliseconds."""
    assert replace(FINISHED, as_of=1_700_000_000_123).made_at == 1_700_000_000_123
    assert replace(FINISHED, as_of=None, attempted_at=1_700_000_000).made_at == 1_700_000_000_000
