"""Perform the writes of a deal, or foresee them if its request has ``dryRun``: the one place where both differ."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stigg_actions.exactly_once.perform import perform

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity


def carried_out[Request: KeyedRequest, Result: Answer](
    write: Write[Request, Result], request: ProvisionOpportunity
) -> Result:
    """Perform a write of a deal; in a dry run, return the result that it would have. Raises what the write raises."""
    if not request.dry_run:
        return perform(write)
    result: Result = import_module("stigg_actions.opportunities.foreseeing").foresee(write)
    return result
