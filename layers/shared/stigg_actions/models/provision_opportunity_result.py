"""The answer of provision-opportunity."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from stigg_actions.models.base import Answer, Model


class OpportunityLineResult(Model):
    """The result of one line of an opportunity."""

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
        "canceled",
    ]
    """created, amended (in place), replaced (a new subscription replaced an earlier one), scheduled (takes effect
    later), paymentRequired (not active until checkoutUrl is paid), unchanged (it was already as requested), superseded
    (left unchanged, because a newer change was made), failed (errorCode and message say why), notStarted (the time was
    up, or Stigg's rate limit met: call again), ignored (no stiggType), removed (no longer among the lines; message says
    what happened to it) or canceled (no longer among the lines, and ended by this call, because removed is cancel)."""
    stigg_type: str | None = None
    """Plan, Add-on, Entitlement or Credit entitlement; absent if it was ignored."""
    stigg_id: str | None = None
    """stiggId of the line."""
    plan_line_item_id: str | None = None
    """Plan line whose subscription this line is part of."""
    subscription_id: str | None = None
    """Stigg subscription id."""
    grant_id: str | None = None
    """Stigg credit grant id."""
    status: str | None = None
    """Status of the subscription or of the grant."""
    active: bool | None = None
    """True: the subscription or the credits are usable now."""
    checkout_url: str | None = None
    """Payment page, if payment is needed first and checkoutOptions were given."""
    replaced_subscription_id: str | None = None
    """Subscription that this one replaced."""
    co_terminates_at: datetime | None = None
    """With coTerminate: date on which what the line sold ends."""
    error_code: str | None = None
    """Outcome failed: errorCode, as the single action would return it."""
    message: str | None = None
    """Explanation of the outcome, in a sentence."""
    retryable: bool | None = None
    """True: the line may succeed if the same request is sent again."""
    invoice_pdf_url: str | None = None
    """Failed with OPEN_INVOICE: address of the unpaid invoice, if it is known."""
    superseded_by: str | None = None
    """Outcome superseded: key of the newer operation for list-operations, if the actions made the change."""
    superseded_at: datetime | None = None
    """Outcome superseded: when the newer change was made, if it is known."""
    immediate_total: Decimal | None = None
    """Dry run, or new plan with coTerminate: amount to be paid now, in whole currency units, if Stigg gives a price."""
    recurring_total: Decimal | None = None
    """Dry run, Plan: amount to be paid each billing period for its subscription, if Stigg gives a price."""
    price_currency: str | None = None
    """Currency of immediateTotal and recurringTotal."""
    not_priced: list[str] | None = None
    """Dry run, Plan: terms that Stigg's price calculation ignores, such as priceOverrides."""


class OpportunityTotal(Model):
    """The sum of the prices of lines with the same currency and billing period."""

    currency: str
    """Currency of the amounts."""
    billing_period: str | None = None
    """Billing period of recurringTotal: MONTHLY or ANNUALLY. Absent for grants, which are paid once."""
    immediate_total: Decimal
    """Amount to be paid now, in whole currency units."""
    recurring_total: Decimal
    """Amount to be paid each billing period, in whole currency units."""


class ProvisionedOpportunity(Answer):
    """The answer of provision-opportunity. It is a success even if lines failed: check outcome or the counts.

    It is an error only if no line was processed: the request is invalid, or the customer could not be provisioned.
    """

    outcome: Literal["provisioned", "unchanged", "partial", "failed", "dryRun"]
    """provisioned (no line failed or was left for another call; those in paymentRequiredCount are not active until they
    are paid), unchanged (no line needed a change, or lines were left as they are), partial (some lines failed or were
    not started), failed (all lines failed) or dryRun (no change was made)."""
    dry_run_outcome: str | None = None
    """Outcome dryRun: outcome that the call would have. lines and counts then say what would become of the lines."""
    totals: list[OpportunityTotal] | None = None
    """Outcome dryRun: prices of the lines that would change, added up by currency and billing period."""
    salesforce_opportunity_id: str
    """Id of the opportunity, 18 characters."""
    customer_id: str
    """Stigg customer id, for the account."""
    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
    customer_outcome: Literal["created", "updated", "unchanged", "superseded"]
    """What became of the customer: created, updated, unchanged or superseded (skipped, because a change newer than asOf
    was made)."""
    retryable: bool
    """True: lines that failed or were not started may succeed if the same request is sent again."""
    created_count: int
    """Lines that were created or scheduled, and removed lines whose end is scheduled."""
    amended_count: int
    """Lines that were amended in place."""
    replaced_count: int
    """Lines whose new subscription replaced an earlier one."""
    payment_required_count: int
    """Lines that wait for a payment."""
    unchanged_count: int
    """Lines that were already as requested."""
    superseded_count: int
    """Lines that were left unchanged, because a newer change was made to them."""
    failed_count: int
    """Lines that failed."""
    not_started_count: int
    """Lines that were not started before the time was up or Stigg's rate limit met."""
    ignored_count: int
    """Lines without a stiggType."""
    removed_count: int
    """Lines of earlier calls that are no longer among the lines."""
    canceled_count: int
    """Lines of earlier calls that are no longer among the lines, and that this call ended."""
    contract_outcome: Literal["created", "updated", "unchanged", "superseded", "failed", "notStarted"] | None = None
    """With contract true, what became of the contract: created, updated, unchanged, superseded (it was changed from
    newer data than asOf), failed, or notStarted (a line is not as requested yet: call again)."""
    contract_id: str | None = None
    """Stigg contract id, if there is a contract."""
    contract_error_code: str | None = None
    """Contract outcome failed: errorCode, as provision-contract would return it."""
    contract_message: str | None = None
    """Contract outcome failed or notStarted: why, in a sentence."""
    lines: list[OpportunityLineResult]
    """Results of the lines in the order of the request, then of the removed lines."""

    def counts(self) -> dict[str, int]:
        """Return the numbers of lines that failed and that were not started, without zeros."""
        if self.outcome == "dryRun":
            return {}
        counts = {"LinesFailed": self.failed_count, "LinesNotStarted": self.not_started_count}
        return {name: count for name, count in counts.items() if count}
