"""A ramp and what happens around it, in any order: time, steps that die, amendments, moves, ends, and late requests."""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stigg_actions.errors import ActionError
from tests.resilience.mishaps import LOST_ANSWERS, STIGG_IS_LOST
from tests.resilience.picture import picture
from tests.resilience.scenarios import Scenario
from tests.resilience.stage import RECONCILE_IS_SURE, Stage
from tests.support.days import in_days
from tests.support.deals import ACTION, APP, addon, deal, plan
from tests.support.network import FOR_EVER, CrashError, Death, Network
from tests.support.ramps import RUN, pass_days

LIVE = {"ACTIVE", "NOT_STARTED"}
SOLD = (50, 80, 80, 120)
"""Seats of the segments, which have a hundred days each."""
DAYS = 100
SEATS = "addon-seats"


def _networks() -> st.SearchStrategy[Network]:
    number = st.integers(0, 9)
    lost = st.sampled_from(sorted(LOST_ANSWERS)).map(LOST_ANSWERS.__getitem__)
    gone = st.sampled_from(sorted(STIGG_IS_LOST)).map(STIGG_IS_LOST.__getitem__)
    return st.one_of(
        st.builds(Network),
        st.builds(Network, st.builds(Death, st.booleans()), number, st.just(FOR_EVER)),
        st.builds(Network, lost, number, st.just(1), st.just("Stigg")),
        st.builds(Network, gone, number, st.just(FOR_EVER), st.just("Stigg")),
    )


NETWORKS = _networks()


class Ramps(RuleBasedStateMachine):
    """One deal with a ramp. A subclass says on which stage.

    The model: an amendment holds until a segment that was sold with another number than the one before it is applied;
    what ends the subscription, or puts another plan in its place, ends the ramp.
    """

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.stage.arrange(Scenario("", "", {}, ()))
        self.actions = self.stage.actions
        self.record, self.number = APP, 0
        self.days, self.in_force, self.seats = 0, 0, SOLD[0]
        self.is_ramp = self.runs = True
        self.deal = deal(*_lines())
        self.actions.ok(ACTION, self.deal)

    # ------------------------------------------------------------------ what happens
    @precondition(lambda self: self.days < DAYS * len(SOLD) - 60)
    @rule()
    def wait(self) -> None:
        """Let half a segment pass."""
        self.days += 50
        pass_days(self.actions, 50)

    @rule(network=NETWORKS)
    def step(self, network: Network) -> None:
        """Let the schedule come, which may die or lose its answers; the next one ends what it began."""
        with suppress(CrashError, ActionError):
            self.stage.invoke(RUN, {}, network)
        self._be_sure()
        self.actions.invoke(RUN, {})
        due = min(self.days // DAYS, len(SOLD) - 1)
        if self.is_ramp and SOLD[due] != SOLD[self.in_force]:
            self.seats = SOLD[due]
        self.in_force = due

    @precondition(lambda self: self.runs)
    @rule(network=NETWORKS)
    def amend(self, network: Network) -> None:
        """Amend the subscription to so many seats as nobody else."""
        self.number += 1
        self.seats = 200 + self.number
        self._serve("update-subscription", {"addons": [{"id": SEATS, "quantity": self.seats}]}, network)

    @precondition(lambda self: self.runs)
    @rule(network=NETWORKS)
    def move(self, network: Network) -> None:
        """Renew the subscription for another record, which has the rest of the ramp then."""
        self.number += 1
        new = f"00k0000002{self.number:05}AAA"
        self._serve("renew-subscription", {"newSalesforceRecordId": new}, network)
        self.record = new

    @precondition(lambda self: self.runs and self.days >= 250)
    @rule(network=NETWORKS)
    def cancel(self, network: Network) -> None:
        """Cancel the subscription, and what is to follow."""
        self._serve("cancel-subscription", {"cancelWhen": "now"}, network)
        self.is_ramp = self.runs = False

    @precondition(lambda self: self.runs and self.days >= 250)
    @rule()
    def cancel_in_the_app(self) -> None:
        """Cancel the subscription in the Stigg app; the reconciliation notices it."""
        (live,) = self._live()
        self.actions.emulator.by_hand(
            "POST", f"/api/v1/subscriptions/{live['id']}/cancel", {"cancellationTime": "IMMEDIATE"}
        )
        self.is_ramp = self.runs = False

    @precondition(lambda self: self.runs and self.days >= 100)
    @rule(network=NETWORKS)
    def change_the_plan(self, network: Network) -> None:
        """Put another plan in the place of what runs, which ends the ramp."""
        self._serve("renew-subscription", {"planId": "plan-starter"}, network)
        self.is_ramp = False

    @rule()
    def refire(self) -> None:
        """Send the deal again, as it was sold years ago: it changes nothing."""
        before = self._in_stigg()
        self.actions.post(ACTION, self.deal | {"asOf": "2020-01-01T00:00:00Z"})

        assert self._in_stigg() == before

    @rule(network=NETWORKS)
    def reconcile(self, network: Network) -> None:
        """Let the reconciliation run into whatever there is; it sends no step."""
        before = self._in_stigg()
        with suppress(CrashError, ActionError):
            self.stage.invoke("reconcile", {}, network)

        assert self._in_stigg() == before

    def teardown(self) -> None:
        """In the end no doubt is left, and the mapping says what runs."""
        self.step(Network())
        self._be_sure()
        for _ in range(2):
            self.actions.invoke("reconcile", {})
        seen, mapping = picture(self.actions), self.actions.mapping(self.record)
        assert mapping is not None
        assert not seen.leases
        current = mapping.current.subscription_id if mapping.current and mapping.current.status in LIVE else None
        assert ([current] if current else []) == [one["id"] for one in self._live()]

    # ------------------------------------------------------------------ what must be true
    @invariant()
    def the_seats_are_as_dated(self) -> None:
        """What runs has the seats of its segment, or those of a later amendment; what has ended stays ended."""
        live = self._live()
        assert len(live) == self.runs
        for one in live:
            assert [item["quantity"] for item in one["addons"] if item["id"] == SEATS] == [self.seats]

    def _serve(self, action: str, body: dict[str, Any], network: Network) -> None:
        """Ask over a network, and once more when it is well again, as a caller does."""
        request = {"salesforceRecordId": self.record, **body}
        with suppress(CrashError):
            self.stage.serve(Scenario("", action, request, ()), network)
        self._be_sure()
        self.actions.ok(action, request)

    def _be_sure(self) -> None:
        """Let so much time pass, here and in Stigg, that no run lives any more, and no effect is to come."""
        self.actions.clock.skip(RECONCILE_IS_SURE)
        self.actions.emulator.advance(RECONCILE_IS_SURE)

    def _in_stigg(self) -> Any:  # noqa: ANN401 - any JSON
        return self.actions.emulator.state()["subscriptions"]

    def _live(self) -> list[dict[str, Any]]:
        return [one for one in self._in_stigg() if one["status"] in LIVE]


def _lines() -> list[dict[str, Any]]:
    """Return the lines of a ramp: a plan and its seats for each segment."""
    lines = []
    for number, count in enumerate(SOLD):
        dates = {"startDate": in_days(DAYS * number), "endDate": in_days(DAYS * (number + 1) - 1)}
        plan_line = f"00k00000000018{number}AAA" if number else APP
        lines += [plan(plan_line, **dates)]
        lines += [addon(f"00k00000000019{number}AAA", quantity=count, planLineItemId=plan_line)]
    return lines
