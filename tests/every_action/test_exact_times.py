"""Waits, deadlines and limits at their exact value, on a clock on which only waits take time."""

from copy import replace

import httpx
import pytest

from stigg_actions.deps import Container
from stigg_actions.errors import InProgress
from stigg_actions.stigg.transport import Transport
from tests.support.clocks import StillClock
from tests.support.crashes import crash
from tests.support.fakes import Answer
from tests.support.harness import Harness
from tests.support.queues import TwoMinutes
from tests.support.requests import OTHER_LINE, grant, subscription

PROVISION = "create-subscription-with-return-data"
POST_SUBSCRIPTION = "POST .*/subscriptions$"
A_DAY = 24 * 3600
RESERVED_FOR_THE_ANSWER = 3
"""Seconds of an invocation's time that an action leaves for its answer."""


@pytest.fixture
def still(actions: Harness) -> Harness:
    """All actions on a clock that stands still, with a customer."""
    harness = replace(actions, clock=StillClock()).with_queues()
    harness.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    return harness


def killed(still: Harness, *, after: bool) -> None:
    """Send a request whose process dies around its call of Stigg."""
    crash(still, PROVISION, subscription(), POST_SUBSCRIPTION, after=after)


@pytest.mark.parametrize(("seconds", "waits"), [(9, True), (10, False)])
def test_a_repeat_waits_for_the_first(still: Harness, seconds: int, *, waits: bool) -> None:
    """Up to ten seconds after the start a repeat waits for the first one's answer; from then on it carries on."""
    killed(still, after=True)
    still.clock.skip(seconds)

    body = still.ok(PROVISION, subscription())

    assert body["outcome"] == "created"
    assert (still.clock.skipped > seconds) == waits
    assert still.clock.skipped >= 10


@pytest.mark.parametrize(("seconds", "until"), [(20, 30), (30, 30)])
def test_another_write_waits_for_a_run(still: Harness, seconds: int, until: int) -> None:
    """Up to thirty seconds after its start, a run may still be going on; then another write looks for its effect."""
    killed(still, after=True)
    still.clock.skip(seconds)

    still.ok("create-credit-grant", grant())
    items = still.tables.items(still.tables.operations)
    settled_at = [int(item["finished_at"]["N"]) for item in items if item["kind"]["S"] == "provision"]

    assert settled_at == [int(still.clock.now() - still.clock.skipped) + until]


@pytest.mark.parametrize(("seconds", "comes_back_in"), [(30, 60), (40, 50), (89, 1)])
def test_when_to_come_back(still: Harness, seconds: int, comes_back_in: int) -> None:
    """A write that is held off by one that is not found is told to come back when that one can no longer come."""
    killed(still, after=False)
    still.clock.skip(seconds)

    reply = still.post("create-credit-grant", grant())

    assert (reply.body["errorCode"], reply.body["retryAfterSeconds"]) == ("IN_PROGRESS", comes_back_in)
    still.clock.skip(comes_back_in)
    assert still.ok("create-credit-grant", grant())["outcome"] == "created"


@pytest.mark.parametrize(("seconds", "replayed"), [(A_DAY - 1, True), (A_DAY, False)])
def test_how_long_an_answer_is_given_again(still: Harness, seconds: int, *, replayed: bool) -> None:
    """The answer of a request without a key is given again for a day; then Stigg is asked how it stands."""
    still.ok(PROVISION, subscription())
    still.clock.skip(seconds)

    body = still.ok(PROVISION, subscription())

    assert (body["replayed"], body["outcome"]) == (replayed, "created" if replayed else "unchanged")


def test_a_repeat_without_time_to_wait(still: Harness) -> None:
    """A repeat that cannot wait for the first one's answer is told when to come back."""
    killed(still, after=True)

    with pytest.raises(InProgress) as raised:
        still.invoke(PROVISION, subscription(), TwoMinutes(still.clock, RESERVED_FOR_THE_ANSWER + 1))

    assert raised.value.retry_after_seconds == 5


@pytest.mark.parametrize(("seconds", "results"), [(29, []), (30, ["succeeded"])])
def test_what_may_still_run_is_not_settled(still: Harness, seconds: int, results: list[str]) -> None:
    """A run is left alone for thirty seconds, however young operations are allowed to be."""
    killed(still, after=True)
    still.clock.skip(seconds)

    settled = still.invoke("reconcile", {"minimumAgeSeconds": 0})["settled"]

    assert [operation["result"] for operation in settled] == results


@pytest.mark.parametrize(("seconds", "count"), [(8, 1), (7.5, 0)])
def test_nothing_is_begun_without_time(still: Harness, seconds: float, count: int) -> None:
    """An operation is settled only while eight seconds are left."""
    killed(still, after=True)
    still.clock.skip(91)
    context = TwoMinutes(still.clock, seconds + RESERVED_FOR_THE_ANSWER)

    assert len(still.invoke("reconcile", {}, context)["settled"]) == count


def pages(still: Harness, count: int) -> Container:
    """Return a container whose Stigg has so many pages of one subscription each, none of which is a record's."""

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("after", "0"))
        shown = {"id": f"sub-{number}", "customerId": "cust-acme", "planId": "plan-growth", "status": "ACTIVE"}
        following = str(number + 1) if number + 1 < count else None
        return Answer(200, {"data": [shown], "pagination": {"next": following}}).response()

    return still.container(wire=Transport("https://stigg.example", transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize(("count", "is_cut"), [(5, False), (6, True)])
def test_a_search_reads_five_pages(still: Harness, count: int, *, is_cut: bool) -> None:
    """The subscription of an unmapped record is looked for in five pages; the answer tells if there are more."""
    reply = still.post("get-subscription", {"salesforceRecordId": OTHER_LINE}, pages(still, count))

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert ("among the first 5, after" in reply.body["errorMessage"]) == is_cut
