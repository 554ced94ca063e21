"""What people do with one deal, in any order: corrections, repeats, late payments and changes in the Stigg app."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.resilience.scenarios import Scenario
from tests.resilience.stage import RECONCILE_IS_SURE, Stage
from tests.support.deals import ACTION, addon, bonus, deal, plan
from tests.support.requests import ACCOUNT, TO_BE_PAID, subscription

LIVE = {"ACTIVE", "IN_TRIAL", "NOT_STARTED"}
NOT_DONE = {"failed", "notStarted", "invalid"}
PLANS = ("plan-growth", "plan-starter")
BUYER = "cust-of-pages"


class People(RuleBasedStateMachine):
    """A seller, a customer and somebody with the Stigg app. A subclass says on which stage."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.stage.arrange(Scenario("", "", {}, ()))
        self.actions = self.stage.actions
        self.number = 0
        self.seats, self.plan_id = 5, PLANS[0]
        self.sent: list[dict[str, Any]] = []  # the deals that were provisioned whole, as they were sent
        self.records: list[str] = []
        self.actions.ok("create-customer", {"customerId": BUYER, "name": "Acme"})
        self.page_line = self._new_record()
        self._make_lines()
        self._send()

    # ------------------------------------------------------------------ in Salesforce
    @rule(seats=st.integers(1, 50), plan_id=st.sampled_from(PLANS))
    def edit(self, seats: int, plan_id: str) -> None:
        """Edit the lines of the deal, and save it."""
        self.seats, self.plan_id = seats, plan_id
        self._send()

    @rule()
    def sync_the_quote(self) -> None:
        """Let the quote be synced again: every line is deleted, and made again under another id."""
        self._make_lines()
        self._send()

    @precondition(lambda self: self.sent)
    @rule(back=st.integers(0, 4))
    def refire(self, back: int) -> None:
        """Send the request of a deal again, just as it was sent: nothing changes in Stigg, whatever came since."""
        before = self._in_stigg()
        self._post(self.sent[-1 - min(back, len(self.sent) - 1)])

        assert self._in_stigg() == before

    @rule()
    def renew_and_move(self) -> None:
        """Renew the deal's subscription for another record, if it has one that runs."""
        line = self.lines["plan"]
        if self._runs_for(line):
            self._pass_time()
            new = self._new_record()
            body = {"salesforceRecordId": line, "newSalesforceRecordId": new, "asOf": self._now()}
            self.actions.ok("renew-subscription", body)

            assert not self._runs_for(line)
            assert self._runs_for(new)

    # ------------------------------------------------------------------ at the customer's, and in the Stigg app
    @rule(plan_id=st.sampled_from(PLANS))
    def ask_for_payment(self, plan_id: str) -> None:
        """Ask for a subscription that has to be paid on a page first."""
        self._pass_time()
        body = subscription(salesforceRecordId=self.page_line, customerId=BUYER, planId=plan_id, **TO_BE_PAID)
        self.actions.post("create-subscription-with-return-data", body | {"asOf": self._now()})

    @rule(which=st.integers(0, 5))
    def pay(self, which: int) -> None:
        """Pay on one of the pages, an old one too."""
        state = self.actions.emulator.state()["subscriptions"]
        open_pages = [one["id"] for one in state if one["status"] == "PAYMENT_PENDING"]
        if open_pages:
            self.actions.emulator.checkout(open_pages[which % len(open_pages)])

    @rule(seats=st.integers(51, 99))
    def change_in_the_app(self, seats: int) -> None:
        """Change the seats of whatever runs for the deal in the Stigg app."""
        for one in self._running():
            if one["addons"]:
                path, body = (
                    f"/api/v1/subscriptions/{one['id']}",
                    {"addons": [{"id": "addon-seats", "quantity": seats}]},
                )
                self._pass_time()
                self.actions.emulator.by_hand("PATCH", path, body)

    @rule(plan_id=st.sampled_from(PLANS))
    def sell_in_the_app(self, plan_id: str) -> None:
        """Sell to the customer of the deal in the Stigg app, and adopt that for the line of the plan."""
        self._pass_time()
        self.number += 1
        place = {"customerId": ACCOUNT, "planId": plan_id, "salesforceRecordId": None}
        sold = {"id": f"sub-of-the-app-{self.number}", **subscription(**place)}
        self.actions.emulator.by_hand("POST", "/api/v1/subscriptions", sold)
        self._pass_time()
        named = {"subscriptionId": sold["id"], "salesforceRecordId": self.lines["plan"]}
        self.actions.ok("adopt-subscription", named | {"asOf": self._now()})

        assert self._runs_for(self.lines["plan"])

    @rule(which=st.integers(0, 5))
    def cancel_in_the_app(self, which: int) -> None:
        """Cancel one of the subscriptions that run."""
        running = self._running()
        if running:
            path = f"/api/v1/subscriptions/{running[which % len(running)]['id']}/cancel"
            self._pass_time()
            self.actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})

    @rule()
    def settle(self) -> None:
        """Reconcile: what runs is mapped, or an operator sees that two do; what ended is not mapped."""
        self.actions.clock.skip(RECONCILE_IS_SURE)
        self.actions.emulator.advance(RECONCILE_IS_SURE)
        self.actions.invoke("reconcile", {})
        problems = self.actions.invoke("reconcile", {})["mended"]
        conflicts = {one["subscriptionId"] for one in problems if one["problem"] == "conflict"}
        running = {one["id"] for one in self._running()}
        mapped = dict(self._mapped())

        assert running <= mapped.keys() | conflicts
        assert {one for one, status in mapped.items() if status in LIVE} <= running

    def teardown(self) -> None:
        """In the end, too."""
        self.settle()

    # ------------------------------------------------------------------ what must be true
    @invariant()
    def the_bonus_is_granted_once(self) -> None:
        """However often the lines are made again, the credits of the deal are granted once."""
        assert len(self.actions.emulator.state()["grants"]) <= 1

    @invariant()
    def a_record_has_one_subscription(self) -> None:
        """No record has two subscriptions that run, but where a page was paid while another one ran."""
        of_deal = [one["metadata"].get("salesforceRecordId") for one in self._running()]
        of_deal = [record for record in of_deal if record != self.page_line]
        assert len(of_deal) == len(set(of_deal))

    def _make_lines(self) -> None:
        self.lines = {name: self._new_record() for name in ("plan", "seats", "bonus")}

    def _new_record(self) -> str:
        self.number += 1
        self.records.append(f"00k0000000{self.number:05}AAA")
        return self.records[-1]

    def _send(self) -> None:
        self._pass_time()
        lines = (
            plan(self.lines["plan"], self.plan_id),
            addon(self.lines["seats"], quantity=self.seats, planLineItemId=self.lines["plan"]),
            bonus(self.lines["bonus"]),
        )
        body = deal(*lines, asOf=self._now())
        if self._post(body):
            self.sent.append(body)

    def _post(self, body: dict[str, Any]) -> bool:
        """Send a deal; return whether each of its lines was carried out, or needed nothing."""
        reply = self.actions.post(ACTION, body)
        assert reply.status < 500, reply.body
        return reply.status == 200 and not NOT_DONE & {line["outcome"] for line in reply.body["lines"]}

    def _pass_time(self) -> None:
        self.actions.clock.skip(60)
        self.actions.emulator.advance(60)

    def _now(self) -> str:
        return datetime.fromtimestamp(self.actions.clock.now(), UTC).isoformat(timespec="milliseconds")

    def _in_stigg(self) -> tuple[Any, Any]:
        state = self.actions.emulator.state()
        return state["subscriptions"], state["grants"]

    def _running(self) -> list[dict[str, Any]]:
        return [one for one in self.actions.emulator.state()["subscriptions"] if one["status"] in LIVE]

    def _runs_for(self, record_id: str) -> bool:
        mapping = self.actions.mapping(record_id)
        current = mapping.current.subscription_id if mapping and mapping.current else None
        return current in {one["id"] for one in self._running()}

    def _mapped(self) -> Iterator[tuple[str, str]]:
        """Yield the subscriptions that the records are mapped to, with their statuses."""
        for record_id in self.records:
            mapping = self.actions.mapping(record_id)
            for one in (mapping.current, mapping.upcoming) if mapping else ():
                if one is not None:
                    yield one.subscription_id, one.status
