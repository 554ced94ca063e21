"""Steps of ramps: killed, repeated, raced, with lost answers, and late; each takes effect once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

import pytest

from tests.resilience.matrix import Place, places
from tests.resilience.mishaps import LOST_ANSWERS, STIGG_IS_LOST
from tests.resilience.picture import Picture, picture
from tests.resilience.stage import A_REPEAT_CARRIES_ON, RECONCILE_IS_SURE, RUN_IS_DEAD, Stage
from tests.resilience.test_lost_answers import writes
from tests.support.days import in_days
from tests.support.deals import ACTION, APP, Body, addon, deal, plan
from tests.support.harness import Harness
from tests.support.network import FOR_EVER, CrashError, Death, Network
from tests.support.ramps import DAYS, RUN, pass_days, units, years

BY_RECORD = {"salesforceRecordId": APP}

type Lines = Callable[[], list[Body]]


def in_place() -> list[Body]:
    """A ramp whose steps Stigg makes in place."""
    return years(50, 80, 120)


def replacing() -> list[Body]:
    """A ramp whose steps need new subscriptions."""
    return units(50, 80, 120)


RAMPS = pytest.mark.parametrize("lines", [in_place, replacing])


class Undisturbed(NamedTuple):
    """A step that nothing disturbs: its calls, what was there before, and what is there after."""

    calls: tuple[str, ...]
    before: Picture
    after: Picture


def arrange(stage: Stage, lines: Lines) -> None:
    """Sell a ramp, and let its second segment begin."""

    def sell(actions: Harness) -> None:
        actions.ok(ACTION, deal(*lines()))
        pass_days(actions, DAYS)

    stage.prepare(f"ramp {lines.__name__}", sell)


def undisturbed(stage: Stage, lines: Lines) -> Undisturbed:
    """Apply the step without any mishap."""
    arrange(stage, lines)
    before, network = picture(stage.actions), Network()
    stage.invoke(RUN, {}, network)
    return Undisturbed(tuple(network.calls), before, picture(stage.actions))


def scheduled(stage: Stage, seconds: float) -> None:
    """Let some seconds pass, and the schedule come."""
    stage.actions.clock.skip(seconds)
    stage.actions.invoke(RUN, {})


def repeated(stage: Stage, story: Undisturbed) -> str | None:
    """Let the next run come; tell what is not as if nothing had happened."""
    scheduled(stage, A_REPEAT_CARRIES_ON)
    return picture(stage.actions).difference_from(story.after)


def reconciled(stage: Stage, story: Undisturbed) -> str | None:
    """Let the reconciliation come first, which sends nothing; then the next run."""
    stage.actions.clock.skip(RECONCILE_IS_SURE)
    stage.actions.invoke("reconcile", {})
    _, problem = picture(stage.actions).compared_with(story.before, story.after)
    return problem or repeated(stage, story)


def both(stage: Stage, story: Undisturbed) -> str | None:
    """Let the next run and the reconciliation come at the same moment, and then another run."""
    stage.actions.clock.skip(RUN_IS_DEAD)
    containers = [stage.actions.container(), stage.actions.container()]
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(stage.actions.invoke, action, body, None, container)
            for (action, body), container in zip(
                ((RUN, {}), ("reconcile", {"minimumAgeSeconds": 0})), containers, strict=True
            )
        ]
        for run in runs:
            run.result()
    return repeated(stage, story)


@RAMPS
@pytest.mark.parametrize("recover", [repeated, reconciled, both])
def test_killed_anywhere(stage: Stage, lines: Lines, recover: Callable[[Stage, Undisturbed], str | None]) -> None:
    """Wherever the run dies, the next one ends with one step, and tables that say so."""
    story, problems = undisturbed(stage, lines), []
    for place in places(story.calls):
        arrange(stage, lines)
        _kill(stage, place)
        problem = recover(stage, story)
        if problem:
            problems.append(f"{place}: {problem}")

    assert story.calls
    assert not problems, "\n".join(problems)


def _kill(stage: Stage, place: Place) -> None:
    death = Death(after=place.after)
    with suppress(CrashError):
        stage.invoke(RUN, {}, Network(death, place.number, FOR_EVER))
    assert death.has_come, place


@RAMPS
def test_lost_answers(stage: Stage, lines: Lines) -> None:
    """However an answer of Stigg is lost, once or from then on, the next run finds one step."""
    story, problems = undisturbed(stage, lines), []
    mishaps: dict[str, tuple[Any, int]] = {
        **{f"one: {name}": (mishap, 1) for name, mishap in LOST_ANSWERS.items()},
        **{f"all: {name}": (mishap, FOR_EVER) for name, mishap in STIGG_IS_LOST.items()},
    }
    for number in writes(story.calls):
        for name, (mishap, times) in mishaps.items():
            for recover in (repeated, reconciled):
                arrange(stage, lines)
                stage.invoke(RUN, {}, Network(mishap, number, times, "Stigg" if times > 1 else ""))
                problem = recover(stage, story)
                if problem and times > 1:  # an effect that may still come is waited for
                    stage.actions.clock.skip(RECONCILE_IS_SURE)
                    problem = repeated(stage, story)
                if problem:
                    problems.append(f"{name} at call {number}, {recover.__name__}: {problem}")

    assert not problems, "\n".join(problems)


def test_the_sale_is_killed_anywhere(stage: Stage) -> None:
    """Wherever the sale of a ramp dies, the ramp is there once the subscription is, by whichever call it is settled."""
    actions = stage.actions

    def fresh() -> None:
        actions.tables.clear()
        actions.emulator.reset()
        actions.clock.skipped = 0

    fresh()
    request, network = deal(*in_place()), Network()
    with stage._over(network) as container:  # noqa: SLF001 - the network of a container of its own
        actions.post(ACTION, request, container)
    problems = []
    for place in places(tuple(network.calls)):
        fresh()
        death = Death(after=place.after)
        with suppress(CrashError), stage._over(Network(death, place.number, FOR_EVER)) as container:  # noqa: SLF001
            actions.post(ACTION, request, container)
        actions.clock.skip(RECONCILE_IS_SURE)
        actions.invoke("reconcile", {})
        sold = actions.emulator.state()["subscriptions"]
        pass_days(actions, DAYS)
        steps = actions.invoke(RUN, {})["steps"]
        if len(steps) != len(sold):
            problems.append(f"{place}: {len(sold)} subscriptions, steps: {steps}")

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("seed", range(12))
def test_any_order(stage: Stage, seed: int) -> None:
    """Whatever comes in whatever order - time, runs, killed runs, amendments, the same deal - the seats are as dated.

    The model: an amendment holds until a segment that was sold with another number than the one before it is applied.
    """
    chosen, actions, sold = Random(seed), stage.actions, [50, 80, 80, 120]  # noqa: S311 - what happens in a test
    actions.tables.clear()
    actions.emulator.reset()
    actions.clock.skipped = 0
    lines = _quarters(sold)
    actions.ok(ACTION, deal(*lines))
    seats, in_force, days, amended = sold[0], 0, 0, 200
    for _ in range(14):
        match chosen.choice(["time", "run", "run", "killed", "amend", "deal"]):
            case "time" if days < 350:
                days += 50
                pass_days(actions, 50)
            case "amend":
                amended += 1
                seats = amended
                actions.ok("update-subscription", BY_RECORD | {"addons": [{"id": "addon-seats", "quantity": seats}]})
            case "deal":
                actions.ok(ACTION, deal(*lines))
            case "killed" | "run" as kind:
                if kind == "killed":
                    with suppress(CrashError):
                        stage.invoke(
                            RUN, {}, Network(Death(after=chosen.random() < 0.5), chosen.randrange(12), FOR_EVER)
                        )
                    actions.clock.skip(A_REPEAT_CARRIES_ON)
                actions.invoke(RUN, {})
                due = min(days // 100, len(sold) - 1)
                seats = sold[due] if sold[due] != sold[in_force] else seats
                in_force = due
        (effect,) = picture(actions).effects
        assert effect["addons"] == [{"id": "addon-seats", "quantity": seats}]


def _quarters(seats: list[int]) -> list[Body]:
    """Return the lines of a ramp whose segments have a hundred days each."""
    lines = []
    for number, count in enumerate(seats):
        dates = {"startDate": in_days(100 * number), "endDate": in_days(100 * number + 99)}
        plan_line = f"00k00000000018{number}AAA"
        lines += [plan(plan_line if number else APP, **dates)]
        lines += [addon(f"00k00000000019{number}AAA", quantity=count, planLineItemId=plan_line if number else APP)]
    return lines


def _invoked(actions: Harness, action: str, body: Body) -> None:
    actions.invoke(action, body) if action == RUN else actions.post(action, body)


def at_once(stage: Stage, requests: list[tuple[str, Body]]) -> None:
    """Serve requests at the same moment, each in a container of its own."""
    containers = [stage.actions.container() for _ in requests]

    def serve(request: tuple[str, Body], container: Any) -> None:  # noqa: ANN401 - of a test
        action, body = request
        if action == RUN:
            stage.actions.invoke(action, body, None, container)
        else:
            stage.actions.post(action, body, container)

    with ThreadPoolExecutor(len(requests)) as pool:
        list(pool.map(serve, requests, containers))


@RAMPS
def test_eight_runs_at_once(racing: Stage, lines: Lines) -> None:
    """Eight runs at the same moment apply the step once."""
    story = undisturbed(racing, lines)
    arrange(racing, lines)

    at_once(racing, [(RUN, {})] * 8)

    assert picture(racing.actions).difference_from(story.after) is None


OTHERS: dict[str, tuple[str, Body]] = {
    "an amendment": ("update-subscription", BY_RECORD | {"addons": [{"id": "addon-support", "quantity": 1}]}),
    "an amendment of the same item": (
        "update-subscription",
        BY_RECORD | {"addons": [{"id": "addon-seats", "quantity": 60}]},
    ),
    "a cancellation": ("cancel-subscription", BY_RECORD | {"cancelWhen": "now"}),
    "a renewal for another record": ("renew-subscription", BY_RECORD | {"newSalesforceRecordId": "00k000000000071AAA"}),
    "a downgrade": ("downgrade-subscription", BY_RECORD),
    "another plan": ("renew-subscription", BY_RECORD | {"planId": "plan-starter"}),
}


@RAMPS
@pytest.mark.parametrize("other", OTHERS)
def test_raced(racing: Stage, lines: Lines, other: str) -> None:
    """A step and another write of the same moment end as one after the other, once the next run has come."""
    requests, orders = [(RUN, {}), OTHERS[other]], []
    for order in (requests, requests[::-1]):
        arrange(racing, lines)
        for request in order:
            _invoked(racing.actions, *request)
        racing.actions.invoke(RUN, {})
        orders.append(_shown(racing))
    arrange(racing, lines)

    at_once(racing, requests)
    racing.actions.invoke(RUN, {})

    assert _shown(racing) in orders


def _shown(stage: Stage) -> tuple[list[Any], list[Any]]:
    """Return what Stigg and the mappings hold. A step that came too late is an operation without effect."""
    shown = picture(stage.actions)
    return shown.effects, shown.mappings


def test_raced_by_its_own_deal(racing: Stage) -> None:
    """A deal that is corrected while the step of its ramp runs undoes no step: its answer says to send it again."""
    arrange(racing, in_place)
    actions = racing.actions
    actions.clock.skip(-DAYS * 86_400)
    actions.emulator.set_clock(_iso(actions))
    lines = in_place()
    pass_days(actions, DAYS)
    corrected = deal(*lines[:5], {**lines[5], "quantity": 130})

    at_once(racing, [(RUN, {}), (ACTION, corrected)])
    actions.invoke(RUN, {})
    body = actions.ok(ACTION, corrected)

    assert {line["outcome"] for line in body["lines"]} == {"unchanged"} or body["outcome"] == "provisioned"
    seats = [one["addons"] for one in picture(actions).effects]
    assert seats == [[{"id": "addon-seats", "quantity": 80}]]
    pass_days(actions, DAYS)
    actions.invoke(RUN, {})
    assert [one["addons"] for one in picture(actions).effects] == [[{"id": "addon-seats", "quantity": 130}]]


def _iso(actions: Harness) -> str:
    return datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()
