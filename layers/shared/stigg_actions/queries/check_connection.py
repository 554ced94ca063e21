"""Answering check-connection: one look at everything that the other actions rely on."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stigg_actions.errors import ActionError, Misconfigured, NotFound, Refused
from stigg_actions.models.check_connection import Check, CheckedConnection
from stigg_actions.moments import UTC_NAME
from stigg_actions.queries import connection_remedies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.check_connection import CheckConnection

LARGEST_SKEW_SECONDS = 30
"""Signatures of AWS allow five minutes; what Stigg dates and what is dated here are compared within seconds."""

_TOLD_IN_FULL = 3
_CONTENT = {"environment": "environmentMarker", "apiKey": "apiKey"}
_NEED_THE_KEY = ("stigg", "keyAccepted", "keyMayRead")


def check(request: CheckConnection, deps: Deps) -> CheckedConnection:
    """Look at everything; what is wrong is part of the answer. Raises nothing of its own."""
    checks = list(_Checkup(request, deps).checks())
    failed = [one for one in checks if not one.passed]
    return CheckedConnection(
        outcome="unhealthy" if failed else "healthy",
        environment=deps.settings.environment,
        salesforce_org_id=deps.settings.organization(request.salesforce_org_id),
        failed_checks=len(failed),
        summary=_summary(checks, failed),
        checks=checks,
    )


class _Checkup:
    """One look at a deployment. Where one thing is wrong, what depends on it is told to be unknown."""

    def __init__(self, request: CheckConnection, deps: Deps) -> None:
        self._deps = deps
        configured = [deps.settings.grace_plan_id] if deps.settings.grace_plan_id else []
        self._plans = list(dict.fromkeys([*configured, *(request.plan_ids or ())]))

    def checks(self) -> Iterator[Check]:
        """Make the checks, the more basic ones first."""
        yield from self._time_zone()
        secret = list(self._secret())
        yield from secret
        yield from self._stigg(after=next((one.name for one in secret if not one.passed), None))
        yield from self._tables()

    def _time_zone(self) -> Iterator[Check]:
        """Look for the time zone that the deployment names, if it names one."""
        if self._deps.settings.time_zone != UTC_NAME:
            error = _error_of(self._deps.settings.own_time_zone)
            yield _failed("timeZone", error.message, connection_remedies.TIME_ZONE) if error else _passed("timeZone")

    def _secret(self) -> Iterator[Check]:
        """Read the secret anew: what is stored now counts, not what this process still keeps."""
        faults = self._deps.secrets.faults()
        unread = faults.get("secret")
        yield _check("secret", unread)
        for part, name in _CONTENT.items():
            yield _unknown(name, "secret") if unread else _check(name, faults.get(part))

    def _stigg(self, *, after: str | None) -> Iterator[Check]:
        """Ask Stigg for something that any key may read, and then for the rest."""
        error = None if after else _error_of(self._deps.stigg.reach)
        broken = after or _broken_by(error)
        for name in _NEED_THE_KEY:
            if name == broken:
                yield _check(name, error)
            else:
                yield _unknown(name, broken) if _comes_after(name, broken) else _passed(name)
        for name, ask in self._questions():
            yield _unknown(name, broken) if broken else _check(name, _error_of(ask))
        yield _unknown("clock", broken) if broken else self._clock()

    def _questions(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Ask for changes of what does not exist, which nobody can make, but only who may make them is told so."""
        stigg, nobody = self._deps.stigg, f"check-connection-{uuid4()}"
        nothing: dict[str, object] = {"metadata": {}}
        run = partial(stigg.trigger_workflow, trigger_id=nobody, payload=None, is_test=True)
        yield "keyMayWriteCustomers", partial(_refused, partial(stigg.update_customer, nobody, body=nothing))
        yield "keyMayWriteSubscriptions", partial(_refused, partial(stigg.update_subscription, nobody, body=nothing))
        yield "keyMayTriggerWorkflows", partial(_refused, run)
        for plan_id in self._plans:
            yield f"plan {plan_id}", partial(stigg.get_plan, plan_id)

    def _clock(self) -> Check:
        date = self._deps.stats.stigg_date
        try:
            skew = self._deps.clock.now() - parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return _failed("clock", "Stigg's answer does not tell its time.", connection_remedies.NO_DATE)
        if abs(skew) <= LARGEST_SKEW_SECONDS:
            return _passed("clock")
        which = "ahead of" if skew > 0 else "behind"
        return _failed("clock", f"The clock is {abs(skew):.0f} s {which} Stigg's.", connection_remedies.SKEW)

    def _tables(self) -> Iterator[Check]:
        """Look for what is not there."""
        settings, name = self._deps.settings, "check-connection"
        nowhere: dict[str, tuple[str, dict[str, Any]]] = {
            "mappingsTable": (settings.mappings_table, {"pk": name, "sk": name}),
            "operationsTable": (settings.operations_table, {"operation_key": name, "intent": 0}),
            "batchesTable": (settings.batches_table, {"batch_key": name, "sk": name}),
        }
        for table, place in nowhere.items():
            yield _check(table, _error_of(partial(self._deps.database.read, [place])))


def _error_of(ask: Callable[[], object]) -> ActionError | None:
    """Return what a question fails with, None if it is answered."""
    try:
        ask()
    except ActionError as error:
        return error
    return None


def _refused(change: Callable[[], object]) -> None:
    """Ask for a change that must be refused for what it is about; any other error is passed on."""
    try:
        change()
    except (NotFound, Refused):
        return


def _broken_by(error: ActionError | None) -> str | None:
    """Return the check that has not passed if the first question to Stigg failed so."""
    if error is None:
        return None
    if not isinstance(error, Misconfigured):
        return "stigg"
    return "keyAccepted" if error.code == "STIGG_KEY_REJECTED" else "keyMayRead"


def _comes_after(name: str, broken: str | None) -> bool:
    if broken is None:
        return False
    return broken not in _NEED_THE_KEY or _NEED_THE_KEY.index(name) > _NEED_THE_KEY.index(broken)


def _check(name: str, error: ActionError | None) -> Check:
    return _passed(name) if error is None else _failed(name, error.message, connection_remedies.of(name, error))


def _passed(name: str) -> Check:
    return Check(name=name, passed=True)


def _failed(name: str, problem: str, remedy: str) -> Check:
    return Check(name=name, passed=False, problem=problem, remedy=remedy)


def _unknown(name: str, broken: str | None) -> Check:
    return _failed(name, f"Could not be checked, because of {broken}.", f"Mend {broken} first.")


def _summary(checks: list[Check], failed: list[Check]) -> str:
    if not failed:
        return f"All {len(checks)} checks have passed."
    told = [f"{one.name}: {str(one.problem).rstrip('.')}. {one.remedy}" for one in failed[:_TOLD_IN_FULL]]
    more = [f"And {len(failed) - _TOLD_IN_FULL} more."] if len(failed) > _TOLD_IN_FULL else []
    return " ".join([f"{len(failed)} of {len(checks)} checks have not passed.", *told, *more])
