"""What became of an opportunity, line by line."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import Answer, Model


class OpportunityLineResult(Model):
    """What became of one line of an opportunity."""

    salesforce_line_item_id: Annotated[str, Field(description="Id of the line, 18 characters.")]
    outcome: Annotated[
        Literal[
            "created",
            "amended",
            "replaced",
            "scheduled",
            "paymentRequired",
            "unchanged",
            "failed",
            "notStarted",
            "ignored",
            "removed",
        ],
        Field(
            description="created, amended (in place), replaced (a new subscription took the place of one), scheduled "
            "(takes effect later), paymentRequired (nothing is active until checkoutUrl is paid), unchanged (it was so "
            "already), failed (errorCode and message say why), notStarted (the time was up: call again), ignored (no "
            "stiggType) or removed (not among the lines any more; what it became stays)."
        ),
    ]
    stigg_type: Annotated[
        str | None, Field(description="Plan, Add-on, Entitlement or Credit entitlement; absent if it was ignored.")
    ] = None
    stigg_id: Annotated[str | None, Field(description="Id in Stigg that the line gave.")] = None
    plan_line_item_id: Annotated[
        str | None, Field(description="Line of the plan whose subscription this one is a part of.")
    ] = None
    subscription_id: Annotated[str | None, Field(description="Stigg subscription id.")] = None
    grant_id: Annotated[str | None, Field(description="Stigg credit grant id.")] = None
    status: Annotated[str | None, Field(description="Status of the subscription or of the grant.")] = None
    active: Annotated[bool | None, Field(description="True: subscription or credits are usable now.")] = None
    checkout_url: Annotated[str | None, Field(description="Payment page, when payment is needed first.")] = None
    replaced_subscription_id: Annotated[
        str | None, Field(description="Subscription that ended because this one took its place.")
    ] = None
    error_code: Annotated[str | None, Field(description="Failed: the reason, as the single action would give it.")] = (
        None
    )
    message: Annotated[str | None, Field(description="Why, in a sentence.")] = None
    retryable: Annotated[
        bool | None, Field(description="True: the same request again may do what this time was not done.")
    ] = None
    invoice_pdf_url: Annotated[
        str | None, Field(description="Failed with OPEN_INVOICE: the unpaid invoice, where it is known.")
    ] = None


class ProvisionedOpportunity(Answer):
    """The answer of provision-opportunity. It is a success even where lines failed: read outcome, or the counts.

    An error is answered only if nothing at all was done for the lines: the request is wrong in any part of it, or the
    customer could not be provisioned.
    """

    outcome: Annotated[
        Literal["provisioned", "unchanged", "partial", "failed"],
        Field(
            description="provisioned (all lines are as asked), unchanged (they were already), partial (some lines "
            "failed or were not started) or failed (all of them failed)."
        ),
    ]
    salesforce_opportunity_id: Annotated[str, Field(description="Id of the opportunity, 18 characters.")]
    customer_id: Annotated[str, Field(description="Stigg customer id, for the account.")]
    customer_url: Annotated[str | None, Field(description="The customer in the Stigg app, where configured.")] = None
    customer_outcome: Annotated[
        Literal["created", "updated", "unchanged"],
        Field(description="What became of the customer: created, updated or unchanged."),
    ]
    retryable: Annotated[bool, Field(description="True: the same request again may do what failed or was not started.")]
    created_count: Annotated[int, Field(description="Lines that were created, now or for later.")]
    amended_count: Annotated[int, Field(description="Lines that were amended in place.")]
    replaced_count: Annotated[int, Field(description="Lines whose new subscription replaced one.")]
    payment_required_count: Annotated[int, Field(description="Lines that wait for a payment.")]
    unchanged_count: Annotated[int, Field(description="Lines that were as asked already.")]
    failed_count: Annotated[int, Field(description="Lines that failed.")]
    not_started_count: Annotated[int, Field(description="Lines for which the time did not suffice.")]
    ignored_count: Annotated[int, Field(description="Lines without a stiggType.")]
    removed_count: Annotated[int, Field(description="Lines of earlier calls that are not among the lines any more.")]
    lines: Annotated[
        list[OpportunityLineResult],
        Field(description="What became of each line, in the order of the request, then those removed."),
    ]

    def counts(self) -> dict[str, int]:
        """Lines that failed or were left, where there are any."""
        found = {"LinesFailed": self.failed_count, "LinesNotStarted": self.not_started_count}
        return {name: count for name, count in found.items() if count}
