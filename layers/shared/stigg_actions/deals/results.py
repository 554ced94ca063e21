"""What is told of each line, from what came of its part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import ActionError
from stigg_actions.models.credits import CreditGrantResult
from stigg_actions.models.opportunities import ADDON
from stigg_actions.models.opportunity_results import OpportunityLineResult
from stigg_actions.models.renewals import RenewalResult
from stigg_actions.shown import given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deals.memory import Known
    from stigg_actions.deals.parts import Done, Ended, Part
    from stigg_actions.deals.sorting import Line
    from stigg_actions.models.subscriptions import SubscriptionResult

_NOT_STARTED = {
    "outcome": "notStarted",
    "message": "The time of this call was up. Send the same request again: what is done is not done twice.",
    "retryable": True,
}
_REMOVED = (
    "This line is not among the lines any more. Nothing was canceled: what it became stays until cancel-subscription "
    "or update-subscription ends it."
)
_GRANTED_BEFORE = (
    "These credits were granted before on other terms, and a grant cannot be changed. "
    "Grant what is missing with create-credit-grant."
)


def results_of(part: Part, ended: Ended) -> Iterator[OpportunityLineResult]:
    """Yield what became of a part's own line, then of those that are a part of its subscription."""
    told = _told(ended)
    yield _result(part.line, told)
    for line in part.attached:
        is_as_before = isinstance(ended, RenewalResult) and told["outcome"] == "amended" and not _changed(line, ended)
        own = {"outcome": "unchanged", "message": None} if is_as_before else {}
        yield _result(line, {**told, **own, "plan_line_item_id": part.line.id})


def ignored(line: Line) -> OpportunityLineResult:
    """Return what is told of a line without a type."""
    return OpportunityLineResult(salesforce_line_item_id=line.id, outcome="ignored")


def removed(known: Known) -> Iterator[OpportunityLineResult]:
    """Yield what is told of the lines of earlier calls that are gone, with the subscription that stays."""
    for line_id, line in sorted(known.removed.items()):
        current = known.current(line.plan_line_id or line_id)
        told = {
            "stigg_type": line.stigg_type,
            "stigg_id": line.stigg_id,
            "plan_line_item_id": line.plan_line_id,
            "subscription_id": current.subscription_id if current else None,
        }
        fields = {"salesforce_line_item_id": line_id, "outcome": "removed", "message": _REMOVED, **given(told)}
        yield OpportunityLineResult.model_validate(fields)


def _result(line: Line, told: dict[str, Any]) -> OpportunityLineResult:
    named = {"stigg_type": line.item.stigg_type, "stigg_id": line.item.stigg_id}
    return OpportunityLineResult.model_validate({"salesforce_line_item_id": line.id, **named, **given(told)})


def _told(ended: Ended) -> dict[str, Any]:
    match ended:
        case None:
            return _NOT_STARTED
        case ActionError():
            return _failure(ended)
        case CreditGrantResult():
            own = {"grant_id": ended.grant_id, "checkout_url": ended.payment_url}
        case RenewalResult():
            own = _subscription(ended)
            own["message"] = own["message"] or (" ".join(ended.reasons) if _did(ended) else None)
        case _:
            own = _subscription(ended)
    return {"outcome": _outcome(ended), "status": ended.status, "active": ended.active, **own}


def _subscription(answer: RenewalResult | SubscriptionResult) -> dict[str, Any]:
    return {
        "subscription_id": answer.subscription_id,
        "checkout_url": answer.checkout_url,
        "message": answer.what_to_do,
        "replaced_subscription_id": answer.replaced_subscription_id if _did(answer) else None,
    }


def _did(answer: Done) -> bool:
    """Whether something was done now; an answer given again tells of an earlier call, but for what awaits payment."""
    return answer.outcome == "paymentRequired" or not (answer.replayed or answer.outcome == "unchanged")


def _outcome(answer: Done) -> str:
    if not _did(answer):
        return "unchanged"
    return "amended" if answer.outcome == "updated" else answer.outcome


def _failure(error: ActionError) -> dict[str, Any]:
    return {
        "outcome": "failed",
        "error_code": error.code,
        "message": f"{error.code}: {_GRANTED_BEFORE}" if error.code == "IDEMPOTENCY_CONFLICT" else error.message,
        "retryable": error.may_retry,
        "invoice_pdf_url": error.open_invoice.pdf_url if error.open_invoice else None,
    }


def _changed(line: Line, answer: RenewalResult) -> bool:
    """Whether what a line is about is among the changes of its subscription."""
    changes = {change.field for change in answer.changes}
    return f"{'addons' if line.item.stigg_type == ADDON else 'entitlements'}.{line.item.stigg_id}" in changes
