"""Answer get-customer: read all that Stigg knows of a customer, side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from stigg_actions.errors import ActionError, NotFound
from stigg_actions.models.get_customer import FoundCustomer, MissingPart
from stigg_actions.queries import account_view
from stigg_actions.stigg import account, contracts
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes.customer_upsert import unlinked

if TYPE_CHECKING:
    from collections.abc import Callable

    from stigg_actions.deps import Deps
    from stigg_actions.models.get_customer import GetCustomer
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import SubscriptionState

type Parts = dict[str, Any]
"""What was read, by the name of the part; an error in the place of a part that could not be read."""


def show(request: GetCustomer, deps: Deps) -> FoundCustomer:
    """Return what could be read of a customer.

    Raises:
        NotFound: no customer is linked to the account, or Stigg does not know the customer.
        ActionError: no part could be read.
    """
    customer_id = request.customer_id or _linked(request, deps)
    secret = deps.secrets.current()  # read here once, and not by each thread
    parts = _read(customer_id, request.resource_id, deps)
    _refuse_nothing(parts)
    records = _attempt(lambda: _records(parts["subscriptions"], deps))
    missing = [
        MissingPart.model_validate({"part": name, "error_code": part.code, "message": part.explanation})
        for name, part in {**parts, "records": records}.items()
        if isinstance(part, ActionError)
    ]
    fields = account_view.fields(_readable(parts), environment=deps.settings.environment)
    known = {} if isinstance(records, ActionError) else records
    if "subscriptions" in fields:
        fields["subscriptions"] = [account_view.with_record(one, known, deps) for one in fields["subscriptions"]]
    return FoundCustomer.model_validate(
        {
            "outcome": "incomplete" if missing else "found",
            "customer_id": customer_id,
            "customer_url": secret.customer_url(customer_id),
            **fields,
            "incomplete": missing,
        }
    )


def _linked(request: GetCustomer, deps: Deps) -> str:
    org_id, account_id = request.salesforce_org_id or deps.settings.default_org_id, request.salesforce_account_id
    linked = deps.ledger.snapshot(Target(org_id, account_id=account_id), None).linked_customer_id
    if linked is None:
        raise unlinked(account_id, org_id=org_id, environment=deps.settings.environment)
    return linked


def _read(customer_id: str, resource_id: str | None, deps: Deps) -> Parts:
    """Read the parts side by side, so that it takes as long as the slowest."""
    stigg = deps.stigg
    reads: dict[str, Callable[[], Any]] = {
        "customer": lambda: stigg.get_customer(customer_id),
        "subscriptions": lambda: list(stigg.subscriptions_of(customer_id, ended=False)),
        "entitlements": lambda: account.entitlements_of(stigg, customer_id, resource_id),
        "creditGrants": lambda: list(stigg.credit_grants(customer_id, currency_id=None, resource_id=resource_id)),
        "invoices": lambda: list(account.open_invoices_of(stigg, customer_id)),
        "contracts": lambda: contracts.contracts_of(stigg, customer_id),
    }
    with ThreadPoolExecutor(len(reads)) as pool:
        return dict(zip(reads, pool.map(_attempt, reads.values()), strict=True))


def _attempt(read: Callable[[], Any]) -> Any:  # noqa: ANN401 - any part
    """Return what a read returns, or the error that it raises."""
    try:
        return read()
    except ActionError as error:
        return error


def _readable(parts: Parts) -> Parts:
    return {name: part for name, part in parts.items() if not isinstance(part, ActionError)}


def _refuse_nothing(parts: Parts) -> None:
    """Raise the error of an unknown customer, or of the first part if no part could be read."""
    errors = [part for part in parts.values() if isinstance(part, ActionError)]
    if isinstance(parts["customer"], NotFound) or len(errors) == len(parts):
        raise cast("ActionError", parts["customer"])


def _records(subscriptions: Any, deps: Deps) -> dict[str, SubscriptionState]:  # noqa: ANN401 - a part
    """Read the states of the subscriptions, which name their records; none if there are no subscriptions."""
    read: list[Subscription] = [] if isinstance(subscriptions, ActionError) else subscriptions
    return deps.records.subscriptions([subscription.id for subscription in read[:100]])
