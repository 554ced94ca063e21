"""What the pages of the web console say of operations, times and differences, and which calls they may make."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.errors import BadInputError
from console.stack import Stack
from console.web import links, words
from console.web.calls import READS, Calls, ReadOnlyError
from console.web.differences import compared
from console.web.timeline import segments, timeline
from stigg_actions.exactly_once.registry import KINDS
from stigg_actions.storage.operation import Status
from tests.console.test_stack import Answers, answered
from tests.support.some import some

NOW = datetime(2030, 6, 1, tzinfo=UTC)


def at(days: int) -> str:
    """A moment so many days after the present one of these tests, as answers have it."""
    return (NOW + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def test_every_status_and_kind_has_words() -> None:
    """Each status says what happened and what it means, and each kind of operation has a title and an event."""
    for status in some(list(Status)):
        operation = {"status": str(status), "errorMessage": "WHY: because"}

        assert words.happened(operation).endswith(". WHY: because")
        assert words.means(operation)
    assert [words.title_of(kind) for kind in ("provision", "of-later")] == ["Create subscription", "Of later"]
    assert all(words.event_of(kind) for kind in some(list(KINDS)))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "about 1 s"), (90, "about 90 s"), (600, "about 10 minutes"), (9000, "about 2 hours")]
)
def test_times_that_are_left(seconds: float, said: str) -> None:
    """A time that is left is said in the unit that people would use."""
    assert words.duration(seconds) == said


def line(event: str, days: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A line of a history."""
    return {"at": at(days), "event": event, "subscriptionId": "sub-1", "operationKey": "key-1", **fields}


def test_the_timeline() -> None:
    """History comes before what lies ahead; what has no date comes last; what was canceled or is over is left out."""
    found = {
        "history": [line("created", -9), line("stepApplied", -1, changedOutside=True, replacedSubscriptionId="sub-0")],
        "subscription": {
            "cancellationDate": at(30),
            "trialEndDate": at(-3),
            "scheduledChanges": [
                {"change": "UNIT_AMOUNT", "status": "PENDING_PAYMENT"},
                {"change": "PLAN", "status": "SCHEDULED", "takesEffectAt": at(5), "planId": "plan-x"},
            ],
        },
        "ramp": [
            {"state": "current", "startDate": at(-9), "addons": [], "entitlements": []},
            {"state": "waiting", "startDate": at(9), "addons": [{"id": "seats", "quantity": 8}], "entitlements": []},
            {"state": "canceled", "startDate": at(20), "addons": [], "entitlements": []},
        ],
        "mapping": {"upcomingStartsAt": at(40), "upcomingPlanId": "plan-next"},
    }
    events = timeline(found, NOW)

    assert [(event.title, event.is_ahead) for event in events] == [
        ("Created", False),
        ("Step applied", False),
        ("Plan changes", True),
        ("Segment 2 of the ramp", True),
        ("The subscription ends", True),
        ("The next subscription starts: plan-next", True),
        ("Unit amount changes", True),
    ]
    assert events[1].detail.startswith("Outside the actions")
    assert "It replaced sub-0." in events[1].detail
    assert (events[3].detail, events[2].detail) == ("seats x 8", "Scheduled in Stigg. New plan: plan-x.")


def test_the_picture_of_a_ramp() -> None:
    """Segments are as wide as they are long, and a short one is wide enough to be read."""
    ramp: list[dict[str, Any]] = [
        {"state": "done", "endDate": at(-1), "unitQuantity": 5},
        {"state": "current", "startDate": at(-1), "endDate": at(364), "baseCharge": 10, "baseChargeCurrency": "usd"},
        {
            "state": "waiting",
            "startDate": at(364),
            "endDate": at(729),
            "entitlements": [{"id": "api", "unlimited": True}],
        },
    ]
    drawn = segments(ramp, NOW)

    assert [segment.detail for segment in drawn] == ["5 units", "10 usd", "api unlimited"]
    assert drawn[1].percent == drawn[2].percent > drawn[0].percent >= 8


def test_differences() -> None:
    """A field that differs is marked, but not one moment in two spellings, or an end that no webhook reported."""
    found = {
        "customerId": "cust-1",
        "subscriptionId": "sub-1",
        "planId": "plan-a",
        "status": "CANCELED",
        "subscription": {"cancellationDate": "2030-01-01T00:00:00Z", "endDate": "2030-01-01T00:00:00Z"},
        "mapping": {
            "customerId": "cust-1",
            "subscriptionId": "sub-1",
            "planId": "plan-a",
            "status": "ACTIVE",
            "cancellationDate": "2030-01-01T01:00:00+01:00",
        },
    }

    assert [row.name for row in compared(found) if row.differs] == ["Status"]
    assert len(compared(found)) == 6
    assert compared({**found, "mapping": None}) == []


def test_addresses() -> None:
    """An id becomes a part of an address only in quoted form, and only https addresses are linked to."""
    salesforce = links.Links(links.checked_base("https://acme.my.salesforce.com/lightning"))

    assert salesforce.salesforce_record("00k/../x?y") == "https://acme.my.salesforce.com/00k%2F..%2Fx%3Fy"
    assert links.operation("a&b=c") == "/operation?key=a%26b%3Dc"
    assert (links.Links().salesforce_record("00k"), links.checked_base(None)) == ("", "")
    assert links.https_only("https://app.example/x") == "https://app.example/x"
    assert links.https_only("javascript:alert(1)") == links.https_only(None) == ""
    for wrong in ("http://acme.example", "acme.my.salesforce.com", "javascript:alert(1)"):
        with pytest.raises(BadInputError, match="--salesforce-url"):
            links.checked_base(wrong)


@pytest.mark.parametrize(
    ("action", "request_body"),
    [
        ("replay-operation", {"operationKey": "k"}),
        ("submit-batch", {"requests": []}),
        ("reconcile", {}),
        ("reconcile", {"dryRun": False}),
        ("reconcile", {"dryRun": "true"}),
        ("create-customer", {}),
    ],
)
def test_read_only(action: str, request_body: dict[str, Any]) -> None:
    """A read-only console sends only reads and dry runs; one that may write sends the others, too."""
    api = Answers(answered({"email": "jane@example.org", "outcome": "found"}))
    stack = Stack("s", "AWS account 1", lambda _: api)
    with pytest.raises(ReadOnlyError):
        Calls(stack, may_write=False).call(action, request_body)
    assert api.calls == 0

    assert Calls(stack, may_write=True).call(action, request_body) == {"outcome": "found"}
    for read in some(sorted(READS)):
        Calls(stack, may_write=False).call(read, {})
    Calls(stack, may_write=False).call("reconcile", {"dryRun": True})
