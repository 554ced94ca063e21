"""What became of an opportunity, line by line."""

from datetime import datetime
from typing import Literal

from stigg_actions.models.base import Answer, Model


class OpportunityLineResult(Model):
    """What became of one line of an opportunity."""

    salesforce_line_item_id: str
    """Id of the line, 18 characters."""
    outcome: Literal[
        "created",
        "amended",
        "replaced",
        "scheduled",
        "paymentRequired",
        "unchanged",
        "superseded",
        "failed",
        "notStarted",
        "ignored",
        "removed",
    ]
    """created, amended (in place), replaced (a new subscription took the place of one), scheduled (takes effect later),
    paymentRequired (nothing is active until checkoutUrl is paid), unchanged (it was so already), superseded (something
    newer has changed it: it was left as it is), failed (errorCode and message say why), notStarted (the time was up:
    call again), ignored (no stiggType) or removed (not among the lines any more; message says what became of it)."""
    stigg_type: str | None = None
    """Plan, Add-on, Entitlement or Credit entitlement; absent if it was ignored."""
    stigg_id: str | None = None
    """Id in Stigg that the line gave."""
    plan_line_item_id: str | None = None
    """Line of the plan whose subscription this one is a part of."""
    subscription_id: str | None = None
    """Stigg subscription id."""
    grant_id: str | None = None
    """Stigg credit grant id."""
    status: str | None = None
    """Status of the subscription or of the grant."""
    active: bool | None = None
    """True: subscription or credits are usable now."""
    checkout_url: str | None = None
    """Payment page, when payment is needed first and checkoutOptions were given."""
    replaced_subscription_id: str | None = None
    """Subscription that ended because this one took its place."""
    error_code: str | None = None
    """Failed: the reason, as the single action would give it."""
    message: str | None = None
    """Why, in a sentence."""
    retryable: bool | None = None
    """True: the same request again may do what this time was not done."""
    invoice_pdf_url: str | None = None
    """Failed with OPEN_INVOICE: the unpaid invoice, where it is known."""
    superseded_by: str | None = None
    """Superseded: key of the newer operation, for list-operations, where it was one."""
    superseded_at: datetime | None = None
    """Superseded: when that was, where it is known."""


class ProvisionedOpportunity(Answer):
    """The answer of provision-opportunity. It is a success even where lines failed: read outcome, or the counts.

    An error is answered only if nothing at all was done for the lines: the request is wrong in any part of it, or the
    customer could not be provisioned.
    """

    outcome: Literal["provisioned", "unchanged", "partial", "failed"]
    """provisioned (all lines are as asked), unchanged (they were already, or were left as they are), partial (some
    lines failed or were not started) or failed (all of them failed)."""
    salesforce_opportunity_id: str
    """Id of the opportunity, 18 characters."""
    customer_id: str
    """Stigg customer id, for the account."""
    customer_url: str | None = None
    """The customer in the Stigg app, where configured."""
    customer_outcome: Literal["created", "updated", "unchanged", "superseded"]
    """What became of the customer: created, updated, unchanged or superseded (something newer than asOf was done)."""
    retryable: bool
    """True: the same request again may do what failed or was not started."""
    created_count: int
    """Lines that were created, now or for later."""
    amended_count: int
    """Lines that were amended in place."""
    replaced_count: int
    """Lines whose new subscription replaced one."""
    payment_required_count: int
    """Lines that wait for a payment."""
    unchanged_count: int
    """Lines that were as asked already."""
    superseded_count: int
    """Lines that were left as they are, because something newer has changed them."""
    failed_count: int
    """Lines that failed."""
    not_started_count: int
    """Lines for which the time did not suffice."""
    ignored_count: int
    """Lines without a stiggType."""
    removed_count: int
    """Lines of earlier calls that are not among the lines any more."""
    lines: list[OpportunityLineResult]
    """What became of each line, in the order of the request, then those removed."""

    def counts(self) -> dict[str, int]:
        """Lines that failed or were left, where there are any."""
        found = {"LinesFailed": self.failed_count, "LinesNotStarted": self.not_started_count}
        return {name: count for name, count in found.items() if count}
