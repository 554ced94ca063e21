"""Random writes, mishaps, waits and reconciliations, against a simple model of what must be true all the while."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stigg_actions.errors import ActionError
from tests.resilience.mishaps import LASTING_AWS_FAULTS, LOST_ANSWERS, STIGG_IS_LOST
from tests.resilience.picture import picture
from tests.resilience.scenarios import Scenario
from tests.resilience.stage import RECONCILE_IS_SURE, Stage, is_honest
from tests.support.network import FOR_EVER, CrashError, Death, Network
from tests.support.promotions import GRANT, REVOKE, SEATS, promotion, revocation
from tests.support.requests import LINE, OTHER_LINE, RENEWAL_LINE, grant, subscription, usage

LIVE = {"ACTIVE", "IN_TRIAL", "NOT_STARTED", "PAYMENT_PENDING"}
ADOPT = "adopt-subscription"
ARCHIVE = "archive-customer"
CREDIT = "create-credit-grant"
RECORD = "salesforceRecordId"
COME_BACK = {"IN_PROGRESS", "RATE_LIMITED"}
CUSTOMERS = ("cust-acme", "cust-beta")
LINES: dict[str, dict[str, Any]] = {
    LINE: {"customerId": "cust-acme"},
    OTHER_LINE: {"customerId": "cust-acme", "resourceId": "desk", "planId": "plan-workspace"},
    RENEWAL_LINE: {"customerId": "cust-beta"},
}
"""Two lines of one customer, on different resources, and one of another."""


@dataclass
class Wish:
    """Something that was asked for, recognisable in Stigg; ``line``: of which record, else of which customer."""

    action: str
    body: dict[str, Any]
    line: str
    shows: Callable[[dict[str, Any]], int]
    """How often its effect is there, by the emulator's state."""
    known: bool = False
    """Whether its caller has been told that it was done."""


def _networks() -> st.SearchStrategy[Network]:
    number = st.integers(0, 9)
    lost = st.sampled_from(sorted(LOST_ANSWERS)).map(LOST_ANSWERS.__getitem__)
    gone = st.sampled_from(sorted(STIGG_IS_LOST)).map(STIGG_IS_LOST.__getitem__)
    aws = st.sampled_from(sorted(LASTING_AWS_FAULTS)).map(LASTING_AWS_FAULTS.__getitem__)
    return st.one_of(
        st.builds(Network),
        st.builds(Network, st.builds(Death, st.booleans()), number, st.just(FOR_EVER)),
        st.builds(Network, lost, number, st.just(1), st.just("Stigg")),
        st.builds(Network, gone, number, st.just(FOR_EVER), st.just("Stigg")),
        st.builds(Network, aws, number, st.just(FOR_EVER), st.just("DynamoDB")),
    )


NETWORKS = _networks()
lines = st.sampled_from(sorted(LINES))
customers = st.sampled_from(CUSTOMERS)


class Model(RuleBasedStateMachine):
    """The actions under random use. A subclass says on which stage."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.stage.arrange(Scenario("", "", {}, ()))
        self.actions = self.stage.actions
        self.wishes: list[Wish] = []
        self.number = 0
        self.versions: dict[str, int] = {}
        self.places: set[str | None] = {None, "desk"}
        self.displaced: set[str] = set()  # subscriptions that an adoption may have released from their record
        self.unmarked: set[str] = set()  # subscriptions that were sold in the app
        self.in_doubt = False  # whether something was lost since the last time that all was settled
        for customer_id in CUSTOMERS:
            self.actions.ok("create-customer", {"customerId": customer_id, "name": "At first"})
            self.promote(customer_id=customer_id, network=Network())
        for line in LINES:
            self.provision(line=line, network=Network(), starter=False)

    # ------------------------------------------------------------------ what happens
    @rule(line=lines, starter=st.booleans(), network=NETWORKS)
    def provision(self, line: str, network: Network, *, starter: bool) -> None:
        """Provision for a line; what it has is replaced."""
        mark = self._next()
        plan = {"planId": "plan-starter"} if starter else {}
        live = _live(self._state(), line)
        place = {name: live[0][name] for name in ("customerId", "resourceId")} if live else {}
        metadata = {f"wish-{mark}": "sold"}
        body = subscription(salesforceRecordId=line, **{**plan, **LINES[line], **place}, metadata=metadata)
        self._ask("create-subscription", body, line, lambda state: _marked(state["subscriptions"], mark), network)

    @rule(line=lines, network=NETWORKS)
    def amend(self, line: str, network: Network) -> None:
        """Amend a line's subscription in place, to so many seats as no other wish."""
        seats = int(self._next())
        body = {"salesforceRecordId": line, "addons": [{"id": "addon-seats", "quantity": seats}]}
        wanted = {"id": "addon-seats", "quantity": seats}
        self._ask("update-subscription", body, line, lambda state: wanted in _current(state, line, "addons"), network)

    @rule(line=lines, network=NETWORKS)
    def annotate(self, line: str, network: Network) -> None:
        """Merge a key into the metadata of a line's subscription."""
        mark = self._next()
        body = {"salesforceRecordId": line, "metadata": {f"tier-{mark}": "gold"}}
        shows = lambda state: f"tier-{mark}" in _current(state, line, "metadata")  # noqa: E731 - as the others
        self._ask("set-subscription-metadata", body, line, shows, network)

    @rule(line=lines, network=NETWORKS)
    def reschedule(self, line: str, network: Network) -> None:
        """Move the end of a line's subscription to a day that no other wish names."""
        date = f"{2100 + int(self._next())}-01-31"
        body = {"salesforceRecordId": line, "cancellationDate": date}
        shows = lambda state: date in _current(state, line, "cancellationDate")  # noqa: E731 - as the others
        self._ask("reschedule-cancellation", body, line, shows, network)

    @rule(line=lines, network=NETWORKS)
    def schedule(self, line: str, network: Network) -> None:
        """Schedule so many seats as no other wish for the end of the billing period, which no wait reaches."""
        wanted = [{"id": "addon-seats", "quantity": int(self._next())}]
        body = {"salesforceRecordId": line, "addons": wanted, "scheduleStrategy": "END_OF_BILLING_PERIOD"}
        shows = lambda state: _waits(state, line) or _current(state, line, "addons") == wanted  # noqa: E731
        self._ask("update-subscription", body, line, shows, network)

    @rule(line=lines, network=NETWORKS)
    def drop(self, line: str, network: Network) -> None:
        """Drop what waits on a line's subscription."""
        body = {"salesforceRecordId": line}
        self._ask("cancel-scheduled-update", body, line, lambda state: not _waits(state, line), network)

    @rule(line=lines, network=NETWORKS)
    def migrate(self, line: str, network: Network) -> None:
        """Publish a new version of the plan of a line's subscription, and migrate the subscription to it."""
        for one in _live(self._state(), line):
            self.versions[one["planId"]] = self.actions.emulator.publish_plan(one["planId"])
        body = {"salesforceRecordId": line, "migrateWhen": "now"}
        shows = lambda state: all(self._is_newest(one) for one in _live(state, line))  # noqa: E731 - as the others
        self._ask("migrate-subscription", body, line, shows, network)

    @rule(line=lines, network=NETWORKS)
    def pay(self, line: str, network: Network) -> None:
        """Let a line's subscription owe, which blocks what would replace it, and mark its invoice as paid."""
        stigg = self.actions.emulator
        for one in _live(stigg.state(), line):
            if not _is_owed(one):
                stigg.invoice(one["id"], "NEW")
        for one in _live(self._state(), line):
            stigg.invoice(one["id"], "OPEN")
        body = {"salesforceRecordId": line, "idempotencyKey": f"pay-{self._next()}"}
        self._ask("mark-invoice-paid", body, line, lambda state: not _owes(state, line), network)

    @rule(line=lines, network=NETWORKS)
    def transfer(self, line: str, network: Network) -> None:
        """Move a line's subscription to a resource that no other wish names."""
        place = f"place-{self._next()}"
        self.places.add(place)
        body = {"salesforceRecordId": line, "destinationResourceId": place}
        self._ask(
            "transfer-subscription", body, line, lambda state: _current(state, line, "resourceId") == place, network
        )

    @rule(line=lines, customer_id=customers, network=NETWORKS)
    def delegate(self, line: str, customer_id: str, network: Network) -> None:
        """Move a line's subscription to a customer, who may have it, or have another one in its place.

        A repeat is answered as before if the subscription is there, even if it has ended since.
        """
        body = {"salesforceRecordId": line, "destinationCustomerId": customer_id}
        self._ask(
            "delegate-subscription",
            body,
            line,
            lambda state: _of_line(state, line)[-1]["customerId"] == customer_id,
            network,
        )

    @rule(line=lines, beside=st.booleans(), replace=st.booleans(), network=NETWORKS)
    def sell_in_the_app(self, line: str, network: Network, *, beside: bool, replace: bool) -> None:
        """Sell in the Stigg app, in the place of what a line has or beside it, and adopt that for the line.

        What was asked for a line before is not asked again if its subscription is replaced.
        """
        state = self._state()
        live = _live(state, line)
        place = {name: live[0][name] for name in ("customerId", "resourceId")} if live else LINES[line]
        if beside:
            self.places.add(f"place-{self._next()}")
            place = {"customerId": place["customerId"], "resourceId": f"place-{self.number}"}
        if not _is_archived(state, place["customerId"]) and (beside or not _owes_in(state, place)):
            own = {"planId": LINES[line].get("planId", "plan-growth"), **place}
            sold = {"id": f"sub-of-the-app-{self._next()}", **subscription(salesforceRecordId=None, **own)}
            self.actions.emulator.by_hand("POST", "/api/v1/subscriptions", sold)
            self.unmarked.add(sold["id"])
            if not beside:
                self._forget_ended(state)
            self._adopt(line, sold["id"], network, replace=replace)

    @rule(line=lines, other=lines, replace=st.booleans(), network=NETWORKS)
    def adopt_known(self, line: str, other: str, network: Network, *, replace: bool) -> None:
        """Adopt a line's own subscription once more, or that of another line, which has none then."""
        for one in _live(self._state(), other):
            if replace and line != other:
                self.wishes = [wish for wish in self.wishes if wish.line != other]
            self._adopt(line, one["id"], network, replace=replace)

    @precondition(lambda self: self.displaced | self.unmarked)
    @rule(line=lines, which=st.integers(0, 9), replace=st.booleans(), network=NETWORKS)
    def adopt_what_has_no_record(self, line: str, which: int, network: Network, *, replace: bool) -> None:
        """Adopt a subscription that an adoption released, or that could not be adopted when it was sold."""
        known = sorted(self.displaced | self.unmarked)
        self._adopt(line, known[which % len(known)], network, replace=replace)

    @rule(line=lines, network=NETWORKS)
    def cancel(self, line: str, network: Network) -> None:
        """Cancel a line's subscription."""
        body = {"salesforceRecordId": line, "cancelWhen": "now"}
        self._ask("cancel-subscription", body, line, lambda state: not _live(state, line), network)

    @rule(line=lines, network=NETWORKS)
    def credit(self, line: str, network: Network) -> None:
        """Grant credits to the customer of a line, which has one grant: another wish for it is a conflict."""
        mark = self._next()
        body = grant(salesforceRecordId=line, customerId=LINES[line]["customerId"], displayName=f"Wish {mark}")
        shows = lambda state: sum(one["displayName"] == f"Wish {mark}" for one in state["grants"])  # noqa: E731
        self._ask("create-credit-grant", body, f"credit {mark}", shows, network)

    @rule(line=lines, network=NETWORKS)
    def void(self, line: str, network: Network) -> None:
        """Void the grant of a line, which can have another one then."""
        body = {"salesforceRecordId": line}
        self.wishes = [
            wish for wish in self.wishes if wish.body.get("salesforceRecordId") != line or wish.action != CREDIT
        ]
        self._ask("void-credit-grant", body, f"void {line}", lambda state: not _granted(state, line), network)

    @rule(customer_id=customers, network=NETWORKS)
    def gather(self, customer_id: str, network: Network) -> None:
        """Put the live subscriptions of a customer's lines on its contract, one of each product."""
        state = self._state()
        owned = {line: live[0] for line in sorted(LINES) if (live := _live(state, line))}
        products = {_product(one): line for line, one in owned.items() if one["customerId"] == customer_id}
        chosen = sorted(products.values())
        name = {"contractId": f"contract-{customer_id}", "name": f"Wish {self._next()}"}
        named = [{"salesforceRecordId": line} for line in chosen]
        body = {"customerId": customer_id, **name, "setupBilling": False, "subscriptions": named}
        shows = lambda state: _bundled(state, customer_id) == _ids(state, chosen)  # noqa: E731 - as the others
        self._ask("provision-contract", body, f"contract {customer_id}", shows, network)

    @rule(customer_id=customers, network=NETWORKS)
    def close(self, customer_id: str, network: Network) -> None:
        """Archive the contract of a customer with its subscriptions; what was asked for any line is not asked again."""
        self.wishes = [wish for wish in self.wishes if wish.line not in LINES]
        body = {"contractId": f"contract-{customer_id}", "cancelSubscriptions": True}
        shows = lambda state: _is_closed(state, customer_id)  # noqa: E731 - as the others
        self._ask("archive-contract", body, f"contract {customer_id}", shows, network)

    @rule(line=lines, network=NETWORKS)
    def use(self, line: str, network: Network) -> None:
        """Report an amount of usage as no other wish."""
        amount = int(self._next())
        named = {"customerId": LINES[line]["customerId"], "idempotencyKey": f"use-{amount}"}
        body = usage(salesforceRecordId=None, value=amount, **named)
        shows = lambda state: sum(one["value"] == amount for one in state["usage"])  # noqa: E731 - as the others
        self._ask("report-usage", body, f"usage {amount}", shows, network)

    @rule(customer_id=customers, network=NETWORKS)
    def archive(self, customer_id: str, network: Network) -> None:
        """Archive a customer with all that it has; what was asked for any line before is not asked again."""
        self.wishes = [wish for wish in self.wishes if wish.line not in LINES]
        body = {"customerId": customer_id, "cancelSubscriptions": True}
        self._ask(ARCHIVE, body, f"end {customer_id}", lambda state: _is_archived(state, customer_id), network)

    @rule(customer_id=customers, network=NETWORKS)
    def restore(self, customer_id: str, network: Network) -> None:
        """Restore a customer."""
        body = {"customerId": customer_id, "restore": True}
        self._ask(ARCHIVE, body, f"end {customer_id}", lambda state: not _is_archived(state, customer_id), network)

    @rule(customer_id=customers, network=NETWORKS)
    def promote(self, customer_id: str, network: Network) -> None:
        """Give a customer so many seats as no other wish, in place of what it was given before."""
        seats = int(self._next())
        body = promotion(customerId=customer_id, featureId=SEATS, period="lifetime", usageLimit=seats)
        shows = lambda state: _promoted(state, customer_id).count(seats)  # noqa: E731 - as the others
        self._ask(GRANT, body, f"promotion {customer_id}", shows, network)

    @rule(customer_id=customers, network=NETWORKS)
    def revoke(self, customer_id: str, network: Network) -> None:
        """Take those seats back."""
        body = revocation(customerId=customer_id, featureId=SEATS)
        shows = lambda state: not _promoted(state, customer_id)  # noqa: E731 - as the others
        self._ask(REVOKE, body, f"promotion {customer_id}", shows, network)

    # ------------------------------------------------------------------ what people do
    @rule(line=lines)
    def correct_the_account(self, line: str) -> None:
        """Sell a line to another customer while it runs for its own: whatever becomes of it, the line keeps its own."""
        before = _live(self._state(), line)
        if before:
            other = next(one for one in CUSTOMERS if one != before[0]["customerId"])
            body = subscription(salesforceRecordId=line, **{**LINES[line], "customerId": other})
            reply = self.stage.serve(Scenario("", "create-subscription", body, ()), Network())
            assert reply.status != 200, reply.body
            assert _live(self._state(), line) == before

    @rule(line=lines)
    def cancel_in_the_app(self, line: str) -> None:
        """Cancel a line's subscription in the Stigg app; what was asked for it before is not asked again."""
        for one in _live(self._state(), line):
            path = f"/api/v1/subscriptions/{one['id']}/cancel"
            self.actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
            self.wishes = [wish for wish in self.wishes if wish.line != line]
            self.in_doubt = True

    @precondition(lambda self: self.wishes and not self.in_doubt)
    @rule(back=st.integers(0, 5))
    def refire(self, back: int) -> None:
        """Send an old request again, of years ago by its asOf: no subscription or feature is changed or made."""
        wish = self.wishes[-1 - min(back, len(self.wishes) - 1)]
        if wish.action not in {"create-credit-grant", "report-usage"}:
            before = self._changeable()
            body = wish.body | {"asOf": "2020-01-01T00:00:00Z"}
            reply = self.stage.serve(Scenario("", wish.action, body, ()), Network())
            assert reply.status != 200 or reply.body["outcome"] == "superseded" or reply.body["replayed"], reply.body
            assert self._changeable() == before

    @precondition(lambda self: self.wishes)
    @rule(network=NETWORKS, back=st.integers(0, 3))
    def repeat(self, network: Network, back: int) -> None:
        """Ask again for what was asked last, of one of the lines that were last heard of."""
        latest = list({wish.line: wish for wish in self.wishes}.values())
        self._serve(latest[-1 - min(back, len(latest) - 1)], network)

    @rule(seconds=st.sampled_from([1, 12, 35, 100, 90_000]))
    def wait(self, seconds: int) -> None:
        """Let time pass, here and in Stigg: up to more than a day."""
        self.actions.clock.skip(seconds)
        self.actions.emulator.advance(seconds)

    @rule(network=NETWORKS)
    def reconcile(self, network: Network) -> None:
        """Let the reconciliation run into whatever there is."""
        with suppress(CrashError, ActionError):
            self.stage.invoke("reconcile", {}, network)

    @precondition(lambda self: self.in_doubt)
    @rule()
    def settle(self) -> None:
        """When all is well for a while, the reconciliation alone leaves no doubt."""
        self.wait(RECONCILE_IS_SURE)
        for _ in range(2):
            self.actions.invoke("reconcile", {})
        self._check_truth()
        self.in_doubt = False

    def teardown(self) -> None:
        """Whatever has happened, all is well in the end."""
        self.settle()

    # ------------------------------------------------------------------ what must be true
    @invariant()
    def nothing_is_doubled(self) -> None:
        """What was asked for once is there at most once, and what could be counted and was confirmed, once."""
        state = self._state()
        for wish in self.wishes:
            if wish.action in {"create-subscription", "create-credit-grant", "report-usage"}:
                assert wish.known <= wish.shows(state) <= 1, wish
        assert all(len(_granted(state, line)) <= 1 for line in LINES)

    def _adopt(self, line: str, subscription_id: str, network: Network, *, replace: bool) -> None:
        body = {"subscriptionId": subscription_id, "salesforceRecordId": line, "replaceMapping": replace}
        if replace:
            self.displaced |= {one["id"] for one in _live(self._state(), line)} - {subscription_id}
        shows = lambda state: _record_of(state, subscription_id) == line  # noqa: E731 - as the others
        self._ask(ADOPT, body, line, shows, network)

    def _forget_ended(self, before: dict[str, Any]) -> None:
        """Forget what was asked for lines whose subscriptions were replaced in the app."""
        after = self._state()
        ended = {line for line in LINES if _live(before, line) and not _live(after, line)}
        self.wishes = [wish for wish in self.wishes if wish.line not in ended]
        self.in_doubt = self.in_doubt or bool(ended)

    def _state(self) -> dict[str, Any]:
        """Return what is in Stigg; a subscription that was released has no record, whatever its metadata say."""
        state = self.actions.emulator.state()
        for one in state["subscriptions"]:
            if one["id"] in self.displaced and self.actions.is_released(one["id"]):
                one["metadata"] = {name: value for name, value in one["metadata"].items() if name != RECORD}
        return state

    def _is_newest(self, one: dict[str, Any]) -> bool:
        return bool(one["planVersion"] == self.versions.get(one["planId"], 1))

    def _changeable(self) -> list[Any]:
        """Return what a request from older data must not change."""
        state = self._state()
        return [state["subscriptions"], state["promotions"]]

    def _next(self) -> str:
        self.number += 1
        return str(self.number)

    def _ask(
        self, action: str, body: dict[str, Any], line: str, shows: Callable[[dict[str, Any]], int], network: Network
    ) -> None:
        self.wishes.append(Wish(action, body, line, shows))
        self._serve(self.wishes[-1], network)

    def _serve(self, wish: Wish, network: Network) -> None:
        in_doubt, self.in_doubt = self.in_doubt, True
        try:
            reply = self.stage.serve(Scenario("", wish.action, wish.body, ()), network)
        except CrashError:
            return
        if reply.status == 200:
            wish.known, self.in_doubt = True, in_doubt
            assert wish.shows(self._state()), (wish, reply.body)
        elif not is_honest(reply) and reply.body["errorCode"] not in COME_BACK:
            self.in_doubt = in_doubt
            assert in_doubt or not self._is_possible(wish), (wish, reply.body)

    def _is_possible(self, wish: Wish) -> bool:
        """Whether nothing speaks against a wish: there is what it wants to change, and no other grant of its line."""
        state = self._state()
        if wish.action == ARCHIVE:
            return True
        if _is_archived(state, wish.body.get("destinationCustomerId") or wish.body.get("customerId")):
            return False
        return POSSIBLE.get(wish.action, _may_be_changed)(state, wish)

    def _check_truth(self) -> None:
        seen, state = picture(self.actions), self._state()
        assert not seen.leases
        assert {operation[1] for operation in seen.operations if operation[0] != "usage"} <= {"SUCCEEDED", "FAILED"}
        for line in LINES:
            live, mapped = _live(state, line), self.actions.mapping(line)
            current = mapped.current if mapped else None
            assert len(live) <= 1
            if live:
                assert current is not None
                assert (current.subscription_id, current.status) == (live[0]["id"], live[0]["status"])
            else:
                assert current is None or current.status not in LIVE
        listed = Counter(one for customer_id in CUSTOMERS for one in self._listed(customer_id))
        running = [one for one in state["subscriptions"] if one["status"] in LIVE]
        unknown = Counter(one["id"] for one in running if one["id"] in self.unmarked and RECORD not in one["metadata"])
        assert listed | unknown == Counter(one["id"] for one in running)

    def _listed(self, customer_id: str) -> list[str]:
        return [one for place in self.places for one in self.actions.live(customer_id, place)]


def _is_archived(state: dict[str, Any], customer_id: str | None) -> bool:
    return any(one["id"] == customer_id and one["archivedAt"] for one in state["customers"])


def _may_be_changed(state: dict[str, Any], wish: Wish) -> bool:
    return bool(_live(state, wish.line))


def _may_be_sold(state: dict[str, Any], wish: Wish) -> bool:
    """Whether a line's subscription can be replaced: it owes nothing, and has the place that the wish names."""
    place = (wish.body["customerId"], wish.body.get("resourceId"))
    live = _live(state, wish.line)
    owes = _owes(state, wish.line) or _owes_in(state, wish.body)
    return not owes and all((one["customerId"], one["resourceId"]) == place for one in live)


def _may_be_moved(state: dict[str, Any], wish: Wish) -> bool:
    live = _live(state, wish.line)
    return bool(live) and not _is_taken(state, wish.body["destinationCustomerId"], live[0])


def _may_be_adopted(state: dict[str, Any], wish: Wish) -> bool:
    """Whether a subscription runs, and neither it nor its record has another one, unless that may be replaced."""
    found = [one for one in state["subscriptions"] if one["id"] == wish.body["subscriptionId"]]
    customer_id, own = found[0]["customerId"], [one for one in _live(state, wish.line) if one != found[0]]
    if found[0]["status"] not in LIVE or _is_archived(state, customer_id):
        return False
    if any(one["customerId"] != customer_id for one in own):
        return False
    return bool(wish.body["replaceMapping"] or (not own and _record_of(state, found[0]["id"]) in {None, wish.line}))


def _may_be_granted(state: dict[str, Any], wish: Wish) -> bool:
    return wish.shows(state) == len(_granted(state, wish.body["salesforceRecordId"]))


def _may_be_voided(state: dict[str, Any], wish: Wish) -> bool:
    return bool(_granted(state, wish.body["salesforceRecordId"]))


def _product(subscription: dict[str, Any]) -> str:
    return "workspaces" if subscription["planId"] == "plan-workspace" else "app"


def _ids(state: dict[str, Any], chosen: list[str]) -> set[str]:
    return {one["id"] for line in chosen for one in _live(state, line)}


def _bundled(state: dict[str, Any], customer_id: str) -> set[str]:
    """Return the live subscriptions on a customer's contract."""
    live = {one["id"] for one in state["subscriptions"] if one["status"] in LIVE}
    contracts = [one for one in state["contracts"] if one["contractId"] == f"contract-{customer_id}"]
    return {one["subscriptionId"] for contract in contracts for one in contract["subscriptions"]} & live


def _is_closed(state: dict[str, Any], customer_id: str) -> bool:
    """Whether a customer's contract is archived, with its subscriptions."""
    contracts = [one for one in state["contracts"] if one["contractId"] == f"contract-{customer_id}"]
    return any(one["state"] == "CANCELED" for one in contracts) and not _bundled(state, customer_id)


def _may_be_closed(state: dict[str, Any], wish: Wish) -> bool:
    gone = _is_archived(state, wish.body["contractId"].removeprefix("contract-"))
    return not gone and any(one["contractId"] == wish.body["contractId"] for one in state["contracts"])


def _may_be_bundled(state: dict[str, Any], wish: Wish) -> bool:
    """Whether the lines of a contract are live, its customer's, on no other contract, and of different products."""
    body = wish.body
    if _is_closed(state, body["customerId"]):
        return False
    parts = [_live(state, entry["salesforceRecordId"]) for entry in body["subscriptions"]]
    members = [one for part in parts for one in part]
    elsewhere = {one["id"] for name in CUSTOMERS if name != body["customerId"] for one in members} & {
        subscription_id for name in CUSTOMERS if name != body["customerId"] for subscription_id in _bundled(state, name)
    }
    own = all(one["customerId"] == body["customerId"] for one in members)
    return all(parts) and own and not elsewhere and len({_product(one) for one in members}) == len(members)


def _is_taken(state: dict[str, Any], customer_id: str, moved: dict[str, Any]) -> bool:
    """Whether a customer has another live subscription in the place of one that is to move there."""
    place = (customer_id, moved["resourceId"])
    others = [one for one in state["subscriptions"] if one["status"] in LIVE and one["id"] != moved["id"]]
    return any((one["customerId"], one["resourceId"]) == place for one in others)


def _waits(state: dict[str, Any], line: str) -> int:
    """Count the changes that wait on a line's live subscription."""
    return len(_current(state, line, "futureUpdates"))


def _owes_in(state: dict[str, Any], place: dict[str, Any]) -> bool:
    """Whether an invoice of what a customer has on a resource is open."""
    there = (place["customerId"], place.get("resourceId"))
    return any(_is_owed(one) for one in state["subscriptions"] if (one["customerId"], one["resourceId"]) == there)


def _owes(state: dict[str, Any], line: str) -> bool:
    """Whether an invoice of a line's live subscription is open."""
    return any(_is_owed(one) for one in _live(state, line))


def _is_owed(subscription: dict[str, Any]) -> bool:
    return bool((subscription["latestInvoice"] or {}).get("status") == "OPEN")


def _marked(things: list[dict[str, Any]], mark: str) -> int:
    return sum(f"wish-{mark}" in one["metadata"] for one in things)


def _record_of(state: dict[str, Any], subscription_id: str) -> str | None:
    """Return the record that a subscription names."""
    (found,) = [one for one in state["subscriptions"] if one["id"] == subscription_id]
    record: str | None = (found["metadata"] or {}).get(RECORD)
    return record


def _granted(state: dict[str, Any], line: str) -> list[dict[str, Any]]:
    own = [one for one in state["grants"] if one["metadata"].get("salesforceRecordId") == line]
    return [one for one in own if one["status"] != "VOIDED"]


def _promoted(state: dict[str, Any], customer_id: str) -> list[int]:
    return [one["usageLimit"] for one in state["promotions"] if one["customerId"] == customer_id]


def _live(state: dict[str, Any], line: str) -> list[dict[str, Any]]:
    return [one for one in _of_line(state, line) if one["status"] in LIVE]


def _of_line(state: dict[str, Any], line: str) -> list[dict[str, Any]]:
    """Return the subscriptions that a line ever had, oldest first."""
    return [one for one in state["subscriptions"] if one["metadata"].get("salesforceRecordId") == line]


def _current(state: dict[str, Any], line: str, field: str) -> Any:  # noqa: ANN401 - any field
    """Return a field of a line's live subscription, empty if there is none."""
    live = _live(state, line)
    return (live[0][field] or []) if live else []


def _always(state: dict[str, Any], wish: Wish) -> bool:  # noqa: ARG001 - as the others
    return True


POSSIBLE: dict[str, Callable[[dict[str, Any], Wish], bool]] = {
    "archive-contract": _may_be_closed,
    ADOPT: _may_be_adopted,
    "create-subscription": _may_be_sold,
    "delegate-subscription": _may_be_moved,
    "provision-contract": _may_be_bundled,
    "report-usage": _always,
    "void-credit-grant": _may_be_voided,
    CREDIT: _may_be_granted,
    GRANT: _always,
    REVOKE: _always,
}
"""Whether a wish is possible, by its action; the other actions change a live subscription."""
