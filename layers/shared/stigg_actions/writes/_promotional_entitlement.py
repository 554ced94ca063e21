"""What granting and revoking share: a customer's promotional entitlement to one feature, and the one before."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, RateLimited, StiggUnavailable
from stigg_actions.exactly_once.write import NextStep
from stigg_actions.models.promotional_entitlements import FeatureRequest, PromotionalEntitlementResult
from stigg_actions.stigg.customer_schemas import PromotionalEntitlement
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import Changes, FeatureState
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes._customer_base import OfCustomer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot


class OfFeature[Request: FeatureRequest, Result: PromotionalEntitlementResult](OfCustomer[Request, Result]):
    """A write for one feature of a customer.

    Stigg has one promotional entitlement for a customer and a feature, without metadata. So the effect is found by
    comparing the one in force with the request and with the one before, which the operation has noted.
    """

    @property
    def target(self) -> Target:
        """The customer, the account and the feature that the request names."""
        request = self.request
        return Target(
            self.org_id,
            request.customer_id,
            account_id=request.salesforce_account_id,
            feature_id=request.feature_id,
        )

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last granted or revoked the promotional entitlement."""
        return snapshot.feature.latest if snapshot.feature else None

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any] | None:
        """Note the promotional entitlement that is in force."""
        before = self.in_force(str(snapshot.target.customer_id))
        return before.model_dump(by_alias=True, exclude_none=True) if before else None

    def before(self, run: Run) -> PromotionalEntitlement | None:
        """Return the promotional entitlement that was in force before the operation."""
        noted = run.operation.noted
        return PromotionalEntitlement.model_validate(noted) if noted else None

    def in_force(self, customer_id: str) -> PromotionalEntitlement | None:
        """Read the promotional entitlement that is in force now."""
        now = datetime.fromtimestamp(self.deps.clock.now(), UTC)
        entitlements = self.deps.stigg.promotional_entitlements(customer_id)
        of_feature = (item for item in entitlements if item.feature_id == self.request.feature_id)
        return next((item for item in of_feature if item.is_in_force(now)), None)

    def in_force_if_known(self, customer_id: str) -> PromotionalEntitlement | None:
        """Read the promotional entitlement that is in force now; a customer that Stigg does not know has none."""
        with suppress(NotFound):
            return self.in_force(customer_id)
        return None

    def on_repeat(self, run: Run) -> NextStep | Result:
        """Replay the result while it is still true. Under the caller's own key, the write never runs again."""
        before = self._as_of_now(self.replayed_answer(run.operation))
        if run.operation.explicit_key:
            return before
        try:
            current = self.in_force_if_known(run.customer.customer_id)
        except (RateLimited, StiggUnavailable):  # no later operation has changed it
            return before
        return before if self.is_still_true(before, current) else NextStep.NEW_INTENT

    def is_still_true(self, before: Result, current: PromotionalEntitlement | None) -> bool:
        """Whether a result describes the promotional entitlement that is in force."""
        if current is None:
            return not before.active
        return before.active and _compared(before) == _compared(current)

    def mapping_changes(self, run: Run, effect: Effect[Result]) -> Changes | None:  # noqa: ARG002 - same for all
        """Record the operation as the latest one of the feature."""
        done = latest(run.operation, self.deps.clock.now())
        return Changes(run.customer, feature=FeatureState(run.customer.customer_id, self.request.feature_id, done))

    def answer(
        self, run: Run, outcome: str, *, now: PromotionalEntitlement | None, before: PromotionalEntitlement | None
    ) -> Result:
        """Return the result: the promotional entitlement in force, and the one before."""
        fields = {
            "outcome": outcome,
            "customerId": run.customer.customer_id,
            "featureId": self.request.feature_id,
            "active": now is not None,
            **(_shown(now) if now else {}),
            **(_shown_as_previous(before) if before else {}),
        }
        return self.result.model_validate(drop_none(fields))

    def _as_of_now(self, before: Result) -> Result:
        """Return a stored result; a promotional entitlement that has expired since is shown as expired."""
        ended = before.end_date is not None and before.end_date.timestamp() <= self.deps.clock.now()
        return before.model_copy(update={"active": False, "status": "Expired"}) if ended and before.active else before


def _compared(shown: PromotionalEntitlement | PromotionalEntitlementResult) -> tuple[object, ...]:
    """Return the terms by which two promotional entitlements are compared; Stigg may leave out what is false."""
    flags = bool(shown.has_unlimited_usage), bool(shown.has_soft_limit)
    return shown.period, shown.end_date, shown.usage_limit, shown.reset_period, *flags


def _terms(shown: PromotionalEntitlement) -> dict[str, Any]:
    return {
        "period": shown.period,
        "endDate": shown.end_date,
        "usageLimit": shown.usage_limit,
        "hasUnlimitedUsage": shown.has_unlimited_usage,
        "hasSoftLimit": shown.has_soft_limit,
        "resetPeriod": shown.reset_period,
    }


def _shown(now: PromotionalEntitlement) -> dict[str, Any]:
    return {**_terms(now), "status": now.status, "startDate": now.start_date}


def _shown_as_previous(before: PromotionalEntitlement) -> dict[str, Any]:
    return {f"previous{name[0].upper()}{name[1:]}": value for name, value in _terms(before).items()}
