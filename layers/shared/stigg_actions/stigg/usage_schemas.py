"""Stigg's answers about usage, as far as they are read here."""

from typing import Annotated

from pydantic import Field

from stigg_actions.stigg.schema_values import Amount, ShownMoment
from stigg_actions.stigg.schemas import WireModel


class Measurement(WireModel):
    """A report of usage that Stigg has counted, and the usage of its feature since."""

    current_usage: Amount = None
    usage_period_start: ShownMoment = None
    usage_period_end: ShownMoment = None


class Measurements(WireModel):
    """The answer to reports of usage (POST /api/v1/usage): one measurement for each."""

    data: Annotated[list[Measurement], Field(min_length=1)]
