"""The write behind trigger-workflow."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stigg_actions import decimal_json
from stigg_actions.errors import OutcomeUnknown, StiggReply
from stigg_actions.exactly_once.write import Effect, NextStep, Write
from stigg_actions.models.trigger_workflow import TriggerWorkflow, WorkflowResult
from stigg_actions.storage.operation import LONGEST_RUN_SECONDS, Operation, Status
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.storage.mapping import Changes, LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot

LONGEST_RESPONSE_TEXT = 100_000


class TriggerWorkflowWrite(Write[TriggerWorkflow, WorkflowResult]):
    """Trigger a workflow: on every call without a key, once with one. Stigg takes no key, so a run is never resent."""

    kind = "workflow"
    result = WorkflowResult
    safe_to_resend = False
    can_be_found = False
    remedy_if_unsettled = "Check the workflow's runs in Stigg. If it has not run, trigger it again."

    @property
    def is_unkeyed(self) -> bool:
        """Whether the request has no key, so that every call is an operation of its own."""
        return self.request.idempotency_key is None

    @cached_property
    def key(self) -> str:
        """The operation key: from the caller's own key, or else a random one for this call."""
        return f"{self.kind}-{uuid4().hex}" if self.is_unkeyed else super().key

    @property
    def target(self) -> Target:
        """The record and the account, whose subscription and customer go into the payload."""
        return Target(
            self.org_id,
            record_id=self.request.salesforce_record_id,
            account_id=self.request.salesforce_account_id,
            leases=False,
        )

    def resolve_target(self, snapshot: Snapshot) -> Target:  # noqa: ARG002 - needs no customer
        """Return the target as named: a workflow takes no customer's lease."""
        return self.target

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:  # noqa: ARG002 - no operation supersedes a run
        """Return None: the caller's own key is valid as long as the ledger keeps its operation."""
        return None

    def on_unsettled(self, operation: Operation) -> NextStep:
        """Refuse to run the workflow again under its key, because Stigg does not show whether it has run.

        Raises:
            OutcomeUnknown: always; retryable only while the first run may still record its outcome.
        """
        remaining = operation.started_at + LONGEST_RUN_SECONDS - self.deps.clock.now()
        if operation.status is Status.STARTED and remaining > 0:
            raise _still_running(max(1, math.ceil(remaining)))
        raise _not_run_again(operation.error or {})

    def send(self, run: Run) -> Effect[WorkflowResult]:
        """Trigger the workflow."""
        try:
            triggered = self.deps.stigg.trigger_workflow(
                trigger_id=self.request.trigger_id, payload=self._payload(run), is_test=self.request.is_test
            )
        except OutcomeUnknown as error:
            if not self.is_unkeyed or not error.may_retry:
                raise
            raise _not_to_be_repeated(error) from None
        if triggered.response is None:
            return Effect(WorkflowResult(outcome="triggered"))
        text = decimal_json.dumps(triggered.response)
        if len(text) <= LONGEST_RESPONSE_TEXT:
            return Effect(WorkflowResult(outcome="triggered", response_text=text))
        cut = text[:LONGEST_RESPONSE_TEXT]
        return Effect(WorkflowResult(outcome="triggered", response_text=cut, response_truncated=True))

    def on_absence(self) -> None:
        """Return None: Stigg does not show which workflows have run."""

    def find_effect(self, run: Run) -> Effect[WorkflowResult] | None:  # noqa: ARG002 - Stigg lists no runs
        """Return None: Stigg does not show which workflows have run."""
        return None

    def mapping_changes(self, run: Run, effect: Effect[WorkflowResult]) -> Changes | None:  # noqa: ARG002
        """Change no mapping."""
        return None

    def _payload(self, run: Run) -> dict[str, Any] | None:
        """Return the payload with the customer and subscription of the record, or the customer of the account."""
        record, linked = run.snapshot.record, run.snapshot.linked_customer_id
        ids = {
            "customerId": record.customer_id if record else linked,
            "subscriptionId": record.current.subscription_id if record and record.current else None,
        }
        known = {name: value for name, value in ids.items() if value is not None}
        return {**known, **(self.request.payload or {})} if known else self.request.payload


def _still_running(seconds: int) -> OutcomeUnknown:
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        f"The workflow was triggered under this idempotencyKey and may still be running. It does not run twice. "
        f"Send the same request again in {seconds} seconds for its outcome.",
        retry_after_seconds=seconds,
    )


def _not_run_again(error: Mapping[str, Any]) -> OutcomeUnknown:
    """Return the error for a workflow that failed while running, or whose outcome stays unknown."""
    broke_off = error.get("errorCode") == "WORKFLOW_FAILED"
    what = "started but did not finish" if broke_off else "was triggered, but Stigg does not show whether it ran"
    return OutcomeUnknown(
        "WORKFLOW_FAILED" if broke_off else "OUTCOME_UNKNOWN",
        f"The workflow {what}. It does not run again under this idempotencyKey. Check its runs in Stigg. "
        "To run it again, send the request with another idempotencyKey.",
        stigg=StiggReply(code=error.get("stiggErrorCode"), trace_id=error.get("stiggTraceId")),
        retryable=False,
    )


def _not_to_be_repeated(error: OutcomeUnknown) -> OutcomeUnknown:
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        "Stigg did not confirm the call, so the workflow may have run. Check its runs in Stigg: "
        "sending this request again may run it twice.",
        stigg=error.stigg,
        retryable=False,
    )
