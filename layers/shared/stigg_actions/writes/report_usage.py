"""The write behind report-usage."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Conflict, NotFound, OutcomeUnknown, Problem, StiggUnavailable
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.report_usage import ReportedUsage, ReportUsage
from stigg_actions.stigg import refusals
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.operation import Operation, derived_key
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes._customer_base import OfCustomer, without_names

if TYPE_CHECKING:
    from stigg_actions.errors import ActionError
    from stigg_actions.storage.mapping import Changes, LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot

RESENT_WITHIN_SECONDS = 6 * 24 * 60 * 60
"""For so long a report whose answer was lost is sent again. Stigg counts a key once within seven days."""

_BODY = ("featureId", "value", "updateBehavior", "resourceId", "dimensions", "createdAt")
_SUBJECT = ("salesforceRecordId", "featureId", "resourceId", "dimensions", "updateBehavior")
"""Fields that make two requests of a record reports of the same usage. An amount that is added has its time, too."""

_COMPARE = "Compare the usage in Stigg, and report what is missing under a new idempotencyKey."


class ReportUsageWrite(OfCustomer[ReportUsage, ReportedUsage]):
    """Report usage once: of a record, or under the caller's own key.

    Stigg does not show single reports, so a lost answer is settled by sending the report again under the same key. An
    amount (DELTA) is reported only once; a total (SET) as often as the record has another one. Reports change no
    mapping and take no lease.
    """

    kind = "usage"
    result = ReportedUsage
    can_be_found = False
    remedy_if_unsettled = f"Replay it within six days: Stigg counts a report once. Later: {_COMPARE}"

    @property
    def never_expires(self) -> bool:  # type: ignore[override]  # an amount, but not a total
        """Whether the report adds an amount, which must never be added again."""
        return not self._is_total

    @property
    def _is_total(self) -> bool:
        return self.request.update_behavior == "SET"

    @cached_property
    def key(self) -> str:
        """The operation key: from the caller's own key, or else from the record and what it measures."""
        if self.request.idempotency_key is not None:
            return super().key
        fields = self.request.to_json_fields() | {"updateBehavior": self.request.update_behavior}
        names = _SUBJECT if self._is_total else (*_SUBJECT, "createdAt")
        return derived_key(self.scope, {name: fields[name] for name in names if name in fields})

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """The fields that make two requests the same. Requests for a record may name its customer in different ways."""
        fields = self.request.canonical()
        return fields if self.request.idempotency_key is not None else without_names(fields)

    def is_asked_by(self, operation: Operation, snapshot: Snapshot) -> bool:
        """Whether an operation reports the same usage of the same customer."""
        is_same = super().is_asked_by(operation, snapshot)
        return is_same and (operation.explicit_key or self.is_for_customer_of(operation, snapshot))

    @property
    def target(self) -> Target:
        """The customer, the account and the record that the request names."""
        return Target(
            self.org_id,
            self.request.customer_id,
            record_id=self.request.salesforce_record_id,
            account_id=self.request.salesforce_account_id,
            leases=False,
        )

    def prepare(self) -> None:
        """Read nothing."""

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the report of the record's present total."""
        before = snapshot.operation
        if not self._is_total or before is None or before.finished_at is None or before.explicit_key:
            return None
        return latest(before, before.finished_at) if before.answer else None

    def gives_way(self, operation: Operation) -> bool:
        """Whether the record may report another total."""
        return self._is_total and operation.settled and not operation.explicit_key

    def conflict(self, operation: Operation, snapshot: Snapshot) -> Conflict:
        """Return the error for another amount of a record that has reported one, or for another use of a key."""
        if operation.explicit_key:
            return super().conflict(operation, snapshot)
        customer_id = self.resolve_target(snapshot).customer_id
        differs = "value" if operation.customer_id == customer_id else "customerId"
        return Conflict(
            "IDEMPOTENCY_CONFLICT" if differs == "value" else "CUSTOMER_MISMATCH",
            f"The Salesforce record {self.request.salesforce_record_id} {_has_reported(operation)}. This request "
            f"reports {self.request.value} for customer {customer_id}, and a record adds its usage once. To correct "
            "it, report the difference under an idempotencyKey. For further usage, name another record or give another "
            "createdAt.",
            details=[Problem(differs, "differs from the usage that the record has reported")],
        )

    def on_absence(self) -> ActionError | None:
        """Return the error for a total that Stigg never confirmed, which may be sent again; None for an amount."""
        if not self._is_total:
            return None
        return StiggUnavailable("STIGG_UNAVAILABLE", "Stigg did not confirm the total. To set it, send it again.")

    def on_unsettled(self, operation: Operation) -> NextStep:
        """Send the report again under its key, as long as Stigg counts the key once. A total may be sent at any time.

        Raises:
            OutcomeUnknown: not retryable, once Stigg might count an amount a second time.
        """
        if self._is_total or self.deps.clock.now() < operation.attempted_at + RESENT_WITHIN_SECONDS:
            return NextStep.RESUME
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            "Stigg did not confirm this report when it was sent, more than six days ago. To send it again might count "
            f"it twice. {_COMPARE}",
            retryable=False,
        )

    def send(self, run: Run) -> Effect[ReportedUsage]:
        """Report the usage."""
        customer_id = str(run.snapshot.target.customer_id)
        fields = self.request.to_json_fields()
        body = {"customerId": customer_id, **{name: fields[name] for name in _BODY if name in fields}}
        try:
            counted = self.deps.stigg.report_usage(body=body, idempotency_key=run.operation.effect_id)
        except NotFound as unknown:
            raise refusals.renamed(unknown, {self.request.feature_id: "featureId"}) from None
        shown = {
            "current_usage": counted.current_usage,
            "usage_period_start": counted.usage_period_start,
            "usage_period_end": counted.usage_period_end,
        }
        answer: dict[str, Any] = {
            "outcome": "reported",
            "customer_id": customer_id,
            "feature_id": self.request.feature_id,
            "value": self.request.value,
            **drop_none(shown),
        }
        return Effect(ReportedUsage.model_validate(answer))

    def find_effect(self, run: Run) -> Effect[ReportedUsage] | None:  # noqa: ARG002 - Stigg shows no single reports
        """Return None: Stigg shows the sum of all reports."""
        return None

    def mapping_changes(self, run: Run, effect: Effect[ReportedUsage]) -> Changes | None:  # noqa: ARG002 - it has none
        """Change no mapping."""
        return None


def _has_reported(operation: Operation) -> str:
    """Say what an operation has reported, or may have reported if its outcome is unknown."""
    request = operation.request
    what = f"{request.get('value')} of {request.get('featureId')} for customer {operation.customer_id}"
    return f"has reported {what} already" if operation.settled else f"may have reported {what}"
