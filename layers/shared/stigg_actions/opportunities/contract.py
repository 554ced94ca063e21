"""Bundle the subscriptions of an opportunity in one Stigg contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import ActionError, Problem, RequestInvalid
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.provision_contract import MOST_SUBSCRIPTIONS, ProvisionContract
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.subscriptions.plans import find_plans
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.models.provision_opportunity_result import OpportunityLineResult
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.stigg.client import Stigg

_UNFINISHED = {"failed", "notStarted", "paymentRequired"}
_LEFT_OUT = {"ignored", "removed"}
_ONLY_CUSTOM = "only a custom-priced subscription can be on a contract"


def refuse_unfit(request: ProvisionOpportunity, plans: Sequence[Line], stigg: Stigg) -> None:
    """Refuse plans that Stigg would not accept on one contract, before anything is sold.

    Raises:
        RequestInvalid: naming each line, with the remedy.
    """
    problems = [*_too_many(plans), *_unfit(request, plans, stigg)] if request.contract else []
    if problems:
        raise RequestInvalid(problems)


def bundle(
    request: ProvisionOpportunity, customer_id: str, lines: Sequence[OpportunityLineResult], deps: Deps
) -> dict[str, Any]:
    """Put the subscriptions of the lines on the contract of the opportunity; return what the answer says about it.

    As long as a line is not as requested, the contract stays as it is: its subscriptions are replaced as a whole.
    """
    if not request.contract:
        return {}
    if request.dry_run:
        return {"contract_outcome": "notStarted", "contract_message": "A dry run makes no contract."}
    if any(line.outcome in _UNFINISHED for line in lines):
        return {"contract_outcome": "notStarted", "contract_message": "Not all lines are as requested yet."}
    sold = [line for line in lines if line.outcome not in _LEFT_OUT and line.status not in ENDED]
    ids = dict.fromkeys(line.subscription_id for line in sold if line.subscription_id)
    return _provisioned(_request(request, customer_id, [name for name in ids if name]), deps)


def _provisioned(request: ProvisionContract, deps: Deps) -> dict[str, Any]:
    from stigg_actions.writes.provision_contract import ProvisionContractWrite  # noqa: PLC0415 - few deals have one

    try:
        answer = perform(ProvisionContractWrite(request, deps))
    except ActionError as error:
        return {
            "contract_outcome": "failed",
            "contract_error_code": error.code,
            "contract_message": error.message,
            "retryable": error.retryable,
        }
    return {"contract_outcome": "unchanged" if answer.replayed else answer.outcome, "contract_id": answer.contract_id}


def _request(request: ProvisionOpportunity, customer_id: str, ids: Sequence[str]) -> ProvisionContract:
    given = {
        "salesforceOrgId": request.salesforce_org_id,
        "asOf": request.as_of.isoformat() if request.as_of else None,
        "name": request.contract_name,
        "poNumber": request.contract_po_number,
        "activationStartDate": request.start_date.isoformat() if request.start_date else None,
        "activationEndDate": request.ends_at.isoformat() if request.ends_at else None,
    }
    body = {
        "customerId": customer_id,
        "salesforceRecordId": request.salesforce_opportunity_id,
        "setupBilling": request.contract_setup_billing,
        "subscriptions": [{"subscriptionId": name} for name in ids],
    }
    return ProvisionContract.model_validate({**body, **drop_none(given)})


def _too_many(plans: Sequence[Line]) -> Iterator[Problem]:
    if len(plans) > MOST_SUBSCRIPTIONS:
        yield Problem("lineItems", f"has {len(plans)} plans, but a contract has up to {MOST_SUBSCRIPTIONS}")


def _unfit(request: ProvisionOpportunity, lines: Sequence[Line], stigg: Stigg) -> Iterator[Problem]:
    plans = find_plans(stigg, [str(line.item.stigg_id) for line in lines])
    first: dict[str, Line] = {}
    for line in lines:
        plan = plans[str(line.item.stigg_id)]
        if plan is None:  # refused when it is provisioned
            continue
        if plan.pricing_type == "FREE":
            yield line.problem("stiggId", f"is the free plan {plan.id}, but {_ONLY_CUSTOM}; use a CUSTOM plan")
        elif plan.pricing_type == "PAID" and request.payment_collection_method != "NONE":
            problem = f"must be NONE for the paid plan {plan.id}, because {_ONLY_CUSTOM}; or use a CUSTOM plan"
            yield Problem("paymentCollectionMethod", problem)
        other = first.setdefault(plan.product_id, line)
        if other is not line:
            problem = (
                f"is of product {plan.product_id}, as that of line {other.id}, and a contract has one subscription of "
                "each product; leave contract out, or sell them in two opportunities"
            )
            yield line.problem("stiggId", problem)
