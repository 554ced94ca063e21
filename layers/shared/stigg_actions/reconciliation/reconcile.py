"""Answer reconcile: settle operations with an unknown outcome, and correct mappings that differ from Stigg.

It never sends a write to Stigg, and never changes a mapping while a lease is held. All subscriptions are compared in
rounds; each run continues where the last one stopped. A subscription that cannot be read or corrected is reported,
and the round continues.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions import observability
from stigg_actions.errors import ActionError, Refused
from stigg_actions.models.reconcile import MendedMapping, Reconciled, UnreadableSubscription
from stigg_actions.reconciliation.drift import drifts, is_conflict, repair
from stigg_actions.reconciliation.in_doubt import settle_all
from stigg_actions.storage.mapping_store import Round

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.models.reconcile import Reconcile
    from stigg_actions.reconciliation.drift import Drift
    from stigg_actions.stigg.pages import Part, Unreadable
    from stigg_actions.stigg.schemas import Subscription

SECONDS_FOR_A_PAGE = 8.0
"""The time that a run must have left to compare and correct more subscriptions."""

SECONDS_BETWEEN_PAGES = 0.05
"""At most 1,200 pages a minute: Stigg allows 1,500 list requests, and the actions need the rest."""

PAGES_BETWEEN_NOTES = 10
"""A run stores its progress after this many pages, so that a run that is killed loses little."""

MOST_DRIFTS = 1_000
"""The most mappings that one run reports: its result has to fit into a Lambda response."""

MOST_LISTED_UNREADABLE = 100
"""The most unreadable subscriptions that one run reports by id; all are counted."""


class Reconciliation:
    """One run of reconcile."""

    def __init__(self, request: Reconcile, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._round = Round()
        self._compared_so_far = 0
        self._complete = True
        self._stopped_by: str | None = None
        self._corrected: list[MendedMapping] = []
        self._unreadable: list[Unreadable] = []

    def run(self) -> Reconciled:
        """Settle, compare and correct until all are compared or the time is up.

        Raises:
            ActionError: what the client raises, if no subscription could be compared.
        """
        settled = list(settle_all(self._request, self._deps))
        if self._begins():
            self._compare()
            self._note()
        listed = self._unreadable[:MOST_LISTED_UNREADABLE]
        if listed:
            observability.record_unreadable(listed, count=len(self._unreadable))
        return Reconciled(
            outcome="dryRun" if self._request.dry_run else "reconciled",
            settled=settled,
            mended=self._corrected,
            subscriptions_compared=self._compared_so_far,
            subscriptions_unreadable=len(self._unreadable),
            unreadable=[UnreadableSubscription(subscription_id=entry.id, fields=list(entry.fields)) for entry in listed]
            or None,
            stopped_by=self._stopped_by,
            complete=self._complete,
        )

    def _begins(self) -> bool:
        """Whether to compare now: a scheduled run of a large account rests between rounds."""
        if self._request.customer_id is not None:
            return True
        before, now = self._deps.records.round(), self._deps.clock.now()
        self._round = before.begun(now)
        return not (self._request.scheduled and before.rests(now))

    def _compare(self) -> None:
        """Compare until all are compared, the time is up, or a call fails."""
        self._complete = False
        try:
            self._compare_pages()
        except Refused:  # Stigg no longer accepts the cursor: the next run starts over
            if self._round.after is None:
                raise
            self._round = Round()
        except ActionError as error:
            if not self._compared_so_far:
                raise
            self._stopped_by = error.code

    def _compare_pages(self) -> None:
        pages = self._deps.stigg.all_subscriptions(customer_id=self._request.customer_id, after=self._round.after)
        for page in pages:
            began = self._deps.clock.now()
            if not self._compare_page(page):
                return
            self._round = self._round.after_page(page.next)
            self._complete = page.is_last
            if self._is_short_of_time():
                return
            if self._round.pages % PAGES_BETWEEN_NOTES == 0:
                self._note()
            self._deps.clock.wait(max(0.0, SECONDS_BETWEEN_PAGES - (self._deps.clock.now() - began)))

    def _compare_page(self, page: Part[Subscription]) -> bool:
        """Compare and correct one page; False if time ran out, so that the next run compares it again."""
        for drift in drifts(page.items, self._deps, rebuild=self._request.rebuild):
            if self._is_short_of_time() or len(self._corrected) == MOST_DRIFTS:
                return False
            report = self._correct(drift)
            self._corrected += [report] if report else []
        self._compared_so_far += len(page.items)
        self._unreadable += page.unreadable
        return True

    def _is_short_of_time(self) -> bool:
        return self._deps.deadline.seconds_left() < SECONDS_FOR_A_PAGE

    def _note(self) -> None:
        """Store where the next run continues."""
        if self._request.customer_id is None and not self._request.dry_run:
            self._deps.records.keep_round(self._round)

    def _correct(self, drift: Drift) -> MendedMapping | None:
        """Correct a mapping and report it; a mapping that cannot be corrected now waits for the next round.

        A conflict is reported only if it is still one after the tables and Stigg are read again.
        """
        corrected, error_code = False, None
        try:
            if drift.problem == "conflict" and not is_conflict(drift, self._deps):
                return None
            corrected = not self._request.dry_run and repair(drift, self._deps)
        except ActionError as error:
            error_code = error.code
        return MendedMapping(
            subscription_id=drift.subscription.id,
            customer_id=drift.subscription.customer_id,
            salesforce_record_id=drift.record_id,
            problem=drift.problem,
            mended=corrected,
            error_code=error_code,
        )
