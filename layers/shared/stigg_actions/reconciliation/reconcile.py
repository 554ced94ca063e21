"""Answering reconcile: settle what was left unknown, and make mappings true that do not agree with Stigg.

Never sends a write to Stigg, and never touches what somebody holds a lease of. All subscriptions are compared in
rounds; each run goes on where the one before stopped. What cannot be read or mended is told, and holds up no other.
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
"""A run stops comparing and mending when less of its time is left."""

SECONDS_BETWEEN_PAGES = 0.05
"""1,200 pages a minute at most: of the 1,500 lists that Stigg allows, the actions keep the rest."""

PAGES_BETWEEN_NOTES = 10
"""After so many pages a run notes how far it has come, so that one that is killed loses little."""

MOST_DRIFTS = 1_000
"""Mappings that one run tells of: its answer has to fit into Lambda's."""

MOST_TOLD_UNREADABLE = 100
"""Unreadable subscriptions that one run tells of by id; all are counted."""


class Reconciliation:
    """One run."""

    def __init__(self, request: Reconcile, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._round = Round()
        self._compared_so_far = 0
        self._complete = True
        self._stopped_by: str | None = None
        self._mended: list[MendedMapping] = []
        self._unreadable: list[Unreadable] = []

    def run(self) -> Reconciled:
        """Settle, compare and mend, as far as the time of one invocation reaches.

        Raises:
            ActionError: as the client does, where nothing could be compared.
        """
        settled = list(settle_all(self._request, self._deps))
        if self._begins():
            self._compare()
            self._note()
        told = self._unreadable[:MOST_TOLD_UNREADABLE]
        if told:
            observability.record_unreadable(told, count=len(self._unreadable))
        return Reconciled(
            outcome="dryRun" if self._request.dry_run else "reconciled",
            settled=settled,
            mended=self._mended,
            subscriptions_compared=self._compared_so_far,
            subscriptions_unreadable=len(self._unreadable),
            unreadable=[UnreadableSubscription(subscription_id=one.id, fields=list(one.fields)) for one in told]
            or None,
            stopped_by=self._stopped_by,
            complete=self._complete,
        )

    def _begins(self) -> bool:
        """Whether there is something to compare now: at the schedule's call a large account rests between rounds."""
        if self._request.customer_id is not None:
            return True
        before, now = self._deps.records.round(), self._deps.clock.now()
        self._round = before.begun(now)
        return not (self._request.scheduled and before.rests(now))

    def _compare(self) -> None:
        """Compare until all are compared, the time is up, or something does not answer any more."""
        self._complete = False
        try:
            self._compare_pages()
        except Refused:  # Stigg no longer knows the place: the next run starts over
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
        """Compare one page, and mend; False if the time was up before, so that the next run compares it again."""
        for drift in drifts(page.items, self._deps, rebuild=self._request.rebuild):
            if self._is_short_of_time() or len(self._mended) == MOST_DRIFTS:
                return False
            found = self._mend(drift)
            self._mended += [found] if found else []
        self._compared_so_far += len(page.items)
        self._unreadable += page.unreadable
        return True

    def _is_short_of_time(self) -> bool:
        return self._deps.deadline.seconds_left() < SECONDS_FOR_A_PAGE

    def _note(self) -> None:
        """Keep where the next run goes on."""
        if self._request.customer_id is None and not self._request.dry_run:
            self._deps.records.keep_round(self._round)

    def _mend(self, drift: Drift) -> MendedMapping | None:
        """Mend a mapping; one that cannot be mended now waits for the next round, and holds up no other.

        A conflict counts only if it is one still, once it has been looked at more closely.
        """
        mended, error_code = False, None
        try:
            if drift.problem == "conflict" and not is_conflict(drift, self._deps):
                return None
            mended = not self._request.dry_run and repair(drift, self._deps)
        except ActionError as error:
            error_code = error.code
        return MendedMapping(
            subscription_id=drift.subscription.id,
            customer_id=drift.subscription.customer_id,
            salesforce_record_id=drift.record_id,
            problem=drift.problem,
            mended=mended,
            error_code=error_code,
        )
