"""Answering reconcile: settle what was left unknown, and make mappings true that do not agree with Stigg.

Never sends a write to Stigg, and never touches what somebody holds a lease of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.drift import drifts, is_conflict, mend
from stigg_actions.errors import Refused
from stigg_actions.models.operations import MendedMapping, Reconciled
from stigg_actions.unsettled import settle_all

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.drift import Drift
    from stigg_actions.models.operations import Reconcile

MOST_PAGES = 5
"""Pages of 100 subscriptions that one run compares; the next run goes on from there."""

SECONDS_FOR_A_PAGE = 8.0
"""A run stops comparing when less of its time is left."""


class Reconciliation:
    """One run."""

    def __init__(self, request: Reconcile, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._compared_so_far = 0
        self._complete = True

    def run(self) -> Reconciled:
        """Settle, compare and mend, as far as the time of one invocation reaches. Raises as the client does."""
        settled = list(settle_all(self._request, self._deps))
        mended = [found for drift in self._drifts() if (found := self._mended(drift)) is not None]
        return Reconciled(
            outcome="dryRun" if self._request.dry_run else "reconciled",
            settled=settled,
            mended=mended,
            subscriptions_compared=self._compared_so_far,
            complete=self._complete,
        )

    def _drifts(self) -> Iterator[Drift]:
        """Compare the subscriptions of the customer, or those that are next in turn."""
        customer_id, records = self._request.customer_id, self._deps.records
        after = None if customer_id is not None else records.cursor()
        try:
            after = yield from self._compared(after)
        except Refused:  # Stigg no longer knows the place: the next run starts over
            if after is None:
                raise
            after, self._complete = None, False
        if customer_id is None and not self._request.dry_run:
            records.keep_cursor(after)

    def _compared(self, after: str | None) -> Generator[Drift, None, str | None]:
        """Compare as many pages as this run may, and return where the next one goes on."""
        pages = self._deps.stigg.all_subscriptions(customer_id=self._request.customer_id, after=after)
        for number, page in enumerate(pages, start=1):
            yield from drifts(page.items, self._deps, rebuild=self._request.rebuild)
            self._compared_so_far += len(page.items)
            after, self._complete = page.next, page.is_last
            if number == MOST_PAGES or self._deps.deadline.seconds_left() < SECONDS_FOR_A_PAGE:
                break
        return after

    def _mended(self, drift: Drift) -> MendedMapping | None:
        """Mend a mapping; a conflict counts only if it is one still, once it has been looked at more closely."""
        if drift.problem == "conflict" and not is_conflict(drift, self._deps):
            return None
        return MendedMapping(
            subscription_id=drift.subscription.id,
            customer_id=drift.subscription.customer_id,
            salesforce_record_id=drift.record_id,
            problem=drift.problem,
            mended=not self._request.dry_run and mend(drift, self._deps),
        )
