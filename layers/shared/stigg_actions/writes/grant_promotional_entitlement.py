"""The write behind grant-promotional-entitlement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.grant_promotional_entitlement import (
    GrantedPromotionalEntitlement,
    GrantPromotionalEntitlement,
)
from stigg_actions.writes._promotional_entitlement import OfFeature

if TYPE_CHECKING:
    from stigg_actions.stigg.customer_schemas import PromotionalEntitlement
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run

_WITHOUT_A_START = {"custom", "lifetime"}
"""Periods whose end does not depend on when they are granted."""


class GrantPromotionalEntitlementWrite(OfFeature[GrantPromotionalEntitlement, GrantedPromotionalEntitlement]):
    """Give a customer a feature for a while, in place of the promotional entitlement that it has for the feature."""

    kind = "entitle"
    result = GrantedPromotionalEntitlement

    def send(self, run: Run) -> Effect[GrantedPromotionalEntitlement]:
        """Grant it, unless the customer has exactly this one."""
        before = self.before(run)
        if before and before.period in _WITHOUT_A_START and self._is_as_requested(before):
            return self._effect(run, "unchanged", before)
        self._check_end()
        now = self.deps.stigg.grant_promotional_entitlement(
            run.customer.customer_id, body=self.request.terms(), idempotency_key=run.operation.effect_id
        )
        return self._granted(run, now)

    def find_effect(self, run: Run) -> Effect[GrantedPromotionalEntitlement] | None:
        """Return the effect if what is in force is as requested, and is not what was there before."""
        now = self.in_force_if_known(run.customer.customer_id)
        is_new = now is not None and _identity(now) != _identity(self.before(run))
        return self._granted(run, now) if now and is_new and self._is_as_requested(now) else None

    def find_existing_effect(self, run: Run, before: Operation) -> Effect[GrantedPromotionalEntitlement] | None:
        """Return what the same request has granted before, if that is still in force: a late repeat extends nothing."""
        noted, made = self.before(run), self.result.stored(before.answer or {})
        return self._effect(run, "unchanged", noted) if noted and self.is_still_true(made, noted) else None

    def _granted(self, run: Run, now: PromotionalEntitlement) -> Effect[GrantedPromotionalEntitlement]:
        return self._effect(run, "updated" if run.operation.noted else "created", now)

    def _effect(self, run: Run, outcome: str, now: PromotionalEntitlement) -> Effect[GrantedPromotionalEntitlement]:
        return Effect(self.answer(run, outcome, now=now, before=self.before(run)))

    def _is_as_requested(self, shown: PromotionalEntitlement) -> bool:
        """Whether a promotional entitlement has the requested terms; what the request leaves out is Stigg's choice."""
        request, anchor = self.request, shown.reset_period_configuration
        limits = (shown.usage_limit, bool(shown.has_unlimited_usage), bool(shown.has_soft_limit), shown.reset_period)
        wanted = (
            request.usage_limit,
            bool(request.has_unlimited_usage),
            bool(request.has_soft_limit),
            request.reset_period,
        )
        return (
            (shown.period, *limits) == (request.wanted_period, *wanted)
            and request.custom_end_date in {None, shown.end_date}
            and self._anchor() in {None, anchor.according_to if anchor else None}
            and request.is_visible in {None, shown.is_visible}
            and (request.enum_values is None or sorted(request.enum_values) == sorted(shown.enum_values or []))
        )

    def _anchor(self) -> str | None:
        """Return when the requested period of the limit starts."""
        request = self.request
        configured = (
            request.monthly_reset_period_configuration
            or request.weekly_reset_period_configuration
            or request.yearly_reset_period_configuration
        )
        return configured.according_to if configured else None

    def _check_end(self) -> None:
        """Refuse an end that lies in the past.

        Raises:
            RequestInvalid: names the field.
        """
        end = self.request.custom_end_date
        if end is not None and end.timestamp() <= self.deps.clock.now():
            remedy = "lies in the past; to take the feature back, use revoke-promotional-entitlement"
            raise RequestInvalid([Problem("customEndDate", remedy)])


def _identity(shown: PromotionalEntitlement | None) -> tuple[object, ...]:
    """Return what changes when a promotional entitlement is granted again."""
    return (shown.id, shown.start_date, shown.end_date, shown.updated_at) if shown else ()
