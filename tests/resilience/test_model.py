"""At least 2,000 random steps hold against the model; `make soak` takes as many as one has time for."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.resilience.merging import MergingModel
from tests.resilience.people import People
from tests.resilience.ramp_model import Ramps
from tests.resilience.stage import Stage

STEPS = 50
RUNS = int(os.environ.get("SOAK_RUNS", "10"))
"""So many runs of so many steps each, in each of the parts. They depend on the modules that are imported, because
hypothesis takes constants from these: to repeat a failure of `make test`, run `pytest tests -k whatever`."""


def run(model: type[RuleBasedStateMachine]) -> None:
    """Run a model as often as wanted; without a wish for more, the same runs each time."""
    run_state_machine_as_test(
        model,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="SOAK_RUNS" not in os.environ,
            database=None,
            print_blob=True,
            phases=[
                Phase.explicit,
                Phase.generate,
            ],  # shortening a failure would outlast the test
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("part", ["First", "Second", "Third", "Fourth"])
def test_whatever_happens(stage: Stage, part: str) -> None:
    """Whatever happens in whatever order, no effect is doubled, no answer untrue, and in the end no doubt is left."""
    run(type(f"{part}Model", (MergingModel,), {"stage": stage}))  # which runs there are depends on the name


def test_whatever_people_do(stage: Stage) -> None:
    """Whatever people do with a deal, nothing is sold twice, old requests change nothing, and what runs is mapped."""
    run(type("DealModel", (People,), {"stage": stage}))


def test_whatever_happens_to_a_ramp(stage: Stage) -> None:
    """Whatever happens around a ramp, each segment takes effect once and in time, and no segment after its end."""
    run(type("RampModel", (Ramps,), {"stage": stage}))
