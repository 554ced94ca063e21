"""Answer forget-customer: remove a customer's data page by page from the ledger and the batches until time runs out.

Every step can be repeated, and items without data are skipped, so a call may be repeated or die at any point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.forgetting.batches import BatchesForgetting
from stigg_actions.forgetting.ledger import Counts, LedgerForgetting
from stigg_actions.forgetting.progress import Place, place_of, token_of
from stigg_actions.models.forget_customer import ForgottenCustomer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.forget_customer import ForgetCustomer

_TABLES: dict[str, type[LedgerForgetting | BatchesForgetting]] = {
    "operations": LedgerForgetting,
    "batches": BatchesForgetting,
}
_FOLLOWING = {"operations": "batches"}
_SECONDS_FOR_A_PAGE = 10.0
"""A page of 1 MB may hold some hundred items of the customer, which are changed one by one."""


def forget(request: ForgetCustomer, deps: Deps) -> ForgottenCustomer:
    """Remove the personal data of a customer, and return the counts.

    Raises:
        RequestInvalid: the token belongs to another request.
        StiggUnavailable: a table does not answer; another call continues.
    """
    place: Place | None = Place("operations")
    if request.next_token is not None:
        place = place_of(request.next_token, request, deps.settings)
    counts = Counts()
    while place is not None and deps.deadline.seconds_left() > _SECONDS_FOR_A_PAGE:
        forgetting = _TABLES[place.table](request.customer_id, deps, request.dry_run)
        page = forgetting.read(place.after)
        counts = counts.plus(forgetting.forget(page.items))
        place = _following(place.table, page.next_key)
    return ForgottenCustomer.model_validate(
        {
            "outcome": "wouldForget" if request.dry_run else "forgotten",
            "customer_id": request.customer_id,
            "complete": place is None,
            **counts._asdict(),
            **({"next_token": token_of(place, request, deps.settings)} if place else {}),
        }
    )


def _following(table: str, next_key: Mapping[str, Any] | None) -> Place | None:
    if next_key is not None:
        return Place(table, next_key)
    return Place(_FOLLOWING[table]) if table in _FOLLOWING else None
