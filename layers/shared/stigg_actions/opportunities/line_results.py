"""Build the result of each line from the outcome of its part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.errors import ActionError
from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.models.provision_opportunity_result import OpportunityLineResult
from stigg_actions.models.renew_subscription import RenewalResult
from stigg_actions.opportunities.left_alone import LeftAlone, by_operation, milliseconds, superseded
from stigg_actions.opportunities.parts import Granted
from stigg_actions.opportunities.sold import Sold
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.models.create_credit_grant import CreditGrantResult
    from stigg_actions.models.create_subscription import SubscriptionResult
    from stigg_actions.models.subscription_data import Change
    from stigg_actions.opportunities.lines import Line, Refused
    from stigg_actions.opportunities.parts import Ended, Part

_NOT_STARTED = {
    "outcome": "notStarted",
    "message": "The time of this call was up, or Stigg accepts no more subscriptions of the customer in this minute. "
    "Send the same request again; finished lines are not repeated.",
    "retryable": True,
}
_NO_PRICE = dict.fromkeys(("immediate_total", "price_currency"))
_LATER = "This segment of the ramp takes effect when it begins, in the next run of apply-ramp-steps."
_GRANTED_BEFORE = (
    "These credits were granted before with other terms, and a grant cannot be changed. "
    "Use create-credit-grant to grant the missing credits."
)


def results_of(part: Part, ended: Ended) -> Iterator[OpportunityLineResult]:
    """Yield the result of a part's own line, then those of the lines of its subscription."""
    fields, answer = _fields(ended), _answer(ended)
    yield _result(part.line, {**fields, **_end(part.line, ended), **_of_segment(part, part.line, ended)})
    for line in part.attached:
        amended = answer if isinstance(answer, RenewalResult) and fields["outcome"] == "amended" else None
        is_as_before = amended is not None and not _changed(line, amended)
        own = {"outcome": "unchanged", "message": None} if is_as_before else _change(line, amended)
        of_line = {**_NO_PRICE, **own, **_end(line, ended), **_of_segment(part, line, ended)}
        yield _result(line, {**fields, **of_line, "plan_line_item_id": part.line.id})
    for line in part.line.later:
        yield _result(
            line, {**fields, **_NO_PRICE, **_of_segment(part, line, ended), "plan_line_item_id": part.line.id}
        )


def _of_segment(part: Part, line: Line, ended: Ended) -> dict[str, Any]:
    """Return the fields of a line of another segment than the present one, if its ramp was stored."""
    is_stored = isinstance(ended, Sold) and ended.answer.outcome not in {"paymentRequired", "superseded"}
    outcome = part.of_segment(line) if is_stored else None
    if outcome is None:
        return {}
    of_others = dict.fromkeys(("checkout_url", "replaced_subscription_id", "message"))
    return {**of_others, "outcome": outcome, **({"message": _LATER} if outcome == "scheduled" else {})}


def ignored(line: Line) -> OpportunityLineResult:
    """Return the result of a line without a type."""
    return OpportunityLineResult(salesforce_line_item_id=line.id, outcome="ignored")


def refused(line: Refused) -> OpportunityLineResult:
    """Return the result of a line that was refused by itself."""
    message = f"INVALID_REQUEST: {line.problem.field}: {line.problem.problem}"
    fields = {"outcome": "failed", "error_code": "INVALID_REQUEST", "message": message, "retryable": False}
    return _result(line.line, {**fields, "plan_line_item_id": line.plan_line_id})


def _result(line: Line, fields: dict[str, Any]) -> OpportunityLineResult:
    named = {"stigg_type": line.item.stigg_type, "stigg_id": line.item.stigg_id}
    return OpportunityLineResult.model_validate({"salesforce_line_item_id": line.id, **named, **drop_none(fields)})


def _end(line: Line, ended: Ended) -> dict[str, Any]:
    """Return when a line ends that is to end with what it was added to."""
    if not line.item.co_terminate or ended is None or isinstance(ended, ActionError):
        return {}
    if isinstance(ended, Granted):
        return {"co_terminates_at": ended.answer.expire_at}
    shown = ended.found if isinstance(ended, LeftAlone) else ended.answer
    return {"co_terminates_at": shown.cancellation_date if shown else None}


def _answer(ended: Ended) -> object:
    return None if ended is None or isinstance(ended, ActionError | LeftAlone) else ended.answer


def _fields(ended: Ended) -> dict[str, Any]:
    match ended:
        case None:
            return _NOT_STARTED
        case ActionError():
            return failure(ended)
        case LeftAlone():
            return _left(ended)
        case Granted():
            return _grant(ended.answer) | {"message": ended.note}
        case _:
            return _sold(ended)


def _left(left: LeftAlone) -> dict[str, Any]:
    subscription = left.found
    of_it = (
        {"subscription_id": subscription.id, "status": subscription.status, "active": subscription.is_active}
        if subscription
        else {}
    )
    by = {"superseded_by": left.since.operation_key, "superseded_at": left.since.moment} if left.since else {}
    return {"outcome": left.outcome, "message": left.message, **of_it, **by}


def _grant(answer: CreditGrantResult) -> dict[str, Any]:
    did = answer.outcome == "paymentRequired" or not answer.replayed
    return {
        "outcome": answer.outcome if did else "unchanged",
        "status": answer.status,
        "active": answer.active,
        "grant_id": answer.grant_id,
        "checkout_url": answer.payment_url,
    }


def _sold(sold: Sold) -> dict[str, Any]:
    answer, did = sold.answer, _did(sold.answer)
    if answer.outcome == "superseded":
        return _superseded(answer)
    reasons = answer.reasons if isinstance(answer, RenewalResult) and did else []
    return {
        "outcome": ("amended" if answer.outcome == "updated" else answer.outcome) if did else "unchanged",
        "status": answer.status,
        "active": answer.active,
        "subscription_id": answer.subscription_id,
        "checkout_url": answer.checkout_url,
        "immediate_total": sold.price.immediate_total if sold.price else None,
        "price_currency": sold.price.immediate_currency if sold.price else None,
        "replaced_subscription_id": answer.replaced_subscription_id if did else None,
        "message": " ".join(filter(None, [sold.note, answer.what_to_do, *reasons])) or None,
    }


def _superseded(answer: RenewalResult | SubscriptionResult) -> dict[str, Any]:
    """Return the result of a line whose request is older than another one that has been applied."""
    at = milliseconds(answer.superseded_at) if answer.superseded_at else None
    left = superseded(by_operation(answer.superseded_by, at), None)
    return {
        **_left(left),
        "status": answer.status,
        "active": answer.active,
        "subscription_id": answer.subscription_id,
    }


def _did(answer: RenewalResult | SubscriptionResult) -> bool:
    """Whether this call did something. A replayed result is an earlier call's, except while it awaits payment."""
    return answer.outcome == "paymentRequired" or not (answer.replayed or answer.outcome == "unchanged")


def failure(error: ActionError) -> dict[str, Any]:
    """Return the fields of the result of a line that failed."""
    is_other_grant = error.code == "IDEMPOTENCY_CONFLICT"
    return {
        "outcome": "failed",
        "error_code": error.code,
        "message": f"{error.code}: {_GRANTED_BEFORE}" if is_other_grant else error.message,
        "retryable": error.may_retry,
        "invoice_pdf_url": error.open_invoice.pdf_url if error.open_invoice else None,
    }


def _changed(line: Line, answer: RenewalResult) -> bool:
    """Whether the changes of a subscription include a line's add-on or entitlement."""
    return _field(line) in {change.field for change in answer.changes}


def _change(line: Line, answer: RenewalResult | None) -> dict[str, Any]:
    """Return the message of a line that gives a difference: what it led to."""
    changes = {change.field: change for change in answer.changes} if answer and line.item.is_delta else {}
    change = changes.get(_field(line))
    if change is None:
        return {}
    return {"message": f"{line.item.stigg_id} {went(change)}."}


def went(change: Change) -> str:
    """Return a change of a quantity as text; of an entitlement, only the limit or amount is shown."""
    before, after = (_quantity(text) for text in (change.before, change.after))
    return f"went from {before} to {after}"


def _quantity(text: str | None) -> str:
    if text is None or not text.startswith("{"):
        return text or "none"
    shown = decimal_json.loads(text)
    return str(shown.get("usageLimit", shown.get("amount", "no limit")))


def _field(line: Line) -> str:
    return f"{'addons' if line.item.stigg_type == ADDON else 'entitlements'}.{line.item.stigg_id}"
