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
    """A workflow triggered. A command: without a key it runs each time; Stigg knows no key, so it is never repeated."""

    kind = "workflow"
    result = WorkflowResult
    safe_to_resend = False
    takes_lease = False

    @property
    def is_unkeyed(self) -> bool:
        """Without a key every call is one of its own."""
        return self.request.idempotency_key is None

    @cached_property
    def key(self) -> str:
        """The operation key: of the caller's own key, or one of this call alone."""
        return f"{self.kind}-{uuid4().hex}" if self.is_unkeyed else super().key

    @property
    def target(self) -> Target:
        """The record and the account, whose subscription and customer go into the payload."""
        return Target(
            self.org_id,
            record_id=self.request.salesforce_record_id,
            account_id=self.request.salesforce_account_id,
        )

    def resolve_target(self, snapshot: Snapshot) -> Target:  # noqa: ARG002 - takes no customer's lease
        """Return the names as they are: a workflow is serialised with nothing."""
        return self.target

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:  # noqa: ARG002 - nothing comes between
        """Return nothing: a caller's own key stands for as long as the ledger keeps it."""
        return None

    def on_unsettled(self, operation: Operation) -> NextStep:
        """Refuse to run it again under its key: Stigg does not tell whether it has run.

        Raises:
            OutcomeUnknown: always; to be asked again only as long as the first run may still record its outcome.
        """
        over_in = operation.started_at + LONGEST_RUN_SECONDS - self.deps.clock.now()
        if operation.status is Status.STARTED and over_in > 0:
            raise _still_running(max(1, math.ceil(over_in)))
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

    def find_effect(self, run: Run) -> Effect[WorkflowResult] | None:  # noqa: ARG002 - there is nothing to find
        """Return None: Stigg does not tell which workflows have run."""
        return None

    def mapping_changes(self, run: Run, effect: Effect[WorkflowResult]) -> Changes | None:  # noqa: ARG002
        """Change no mapping."""
        return None

    def _payload(self, run: Run) -> dict[str, Any] | None:
        """Return the payload, completed with what the record is mapped to, or the account is linked to."""
        record, linked = run.snapshot.record, run.snapshot.linked_customer_id
        found = {
            "customerId": record.customer_id if record else linked,
            "subscriptionId": record.current.subscription_id if record and record.current else None,
        }
        known = {name: value for name, value in found.items() if value is not None}
        return {**known, **(self.request.payload or {})} if known else self.request.payload


def _still_running(seconds: int) -> OutcomeUnknown:
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        f"The workflow was triggered under this idempotencyKey, and may still be running. It is not run twice. "
        f"Send the same request again in {seconds} seconds for its outcome.",
        retry_after_seconds=seconds,
    )


def _not_run_again(error: Mapping[str, Any]) -> OutcomeUnknown:
    """Return the error for a workflow whose outcome stays unknown, or that is known to have broken off."""
    broke_off = error.get("errorCode") == "WORKFLOW_FAILED"
    what = "ran, but not to its end" if broke_off else "was triggered, and Stigg does not tell whether it has run"
    return OutcomeUnknown(
        "WORKFLOW_FAILED" if broke_off else "OUTCOME_UNKNOWN",
        f"The workflow {what}. It is not run again under this idempotencyKey. Look at its runs in Stigg; "
        "to run it again, send it with another idempotencyKey.",
        stigg=StiggReply(code=error.get("stiggErrorCode"), trace_id=error.get("stiggTraceId")),
        retryable=False,
    )


def _not_to_be_repeated(error: OutcomeUnknown) -> OutcomeUnknown:
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        "Stigg gave no usable answer; the workflow may or may not have run. Sending this again may run it twice.",
        stigg=error.stigg,
        retryable=False,
    )
