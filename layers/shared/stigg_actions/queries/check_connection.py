"""The answer of check-connection: a check of everything that the other actions rely on."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stigg_actions.errors import ActionError, Misconfigured, NotFound, Refused
from stigg_actions.models.check_connection import Check, CheckedConnection
from stigg_actions.models.moments import zone_name_of
from stigg_actions.queries import connection_remedies
from stigg_actions.settings import UTC_NAME
from stigg_actions.stigg import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.check_connection import CheckConnection
    from stigg_actions.stigg.client import Stigg

LARGEST_SKEW_SECONDS = 30
"""AWS signatures allow five minutes. Dates of Stigg and dates of this stack are compared within seconds."""

_SUMMARIZED = 3
_CONTENT = {"environment": "environmentMarker", "apiKey": "apiKey"}
_GRACE_PLAN = "the stack's parameter GracePlanId"
_NEED_THE_KEY = ("stigg", "keyAccepted", "keyMayRead")


def check(request: CheckConnection, deps: Deps) -> CheckedConnection:
    """Check everything. A check that fails is part of the answer, and raises no error."""
    checks = list(_Checkup(request, deps).checks())
    failed = [item for item in checks if not item.passed]
    return CheckedConnection(
        outcome="unhealthy" if failed else "healthy",
        environment=deps.settings.environment,
        salesforce_org_id=deps.settings.organization(request.salesforce_org_id),
        failed_checks=len(failed),
        summary=_summary(checks, failed),
        checks=checks,
    )


class _Checkup:
    """The checks of a deployment. What depends on a check that fails is unknown."""

    def __init__(self, request: CheckConnection, deps: Deps) -> None:
        self._deps = deps
        grace_plan = deps.settings.grace_plan_id
        self._plans = dict.fromkeys(request.plan_ids or (), "planIds")
        if grace_plan:
            self._plans.pop(grace_plan, None)
            self._plans = {grace_plan: _GRACE_PLAN} | self._plans

    def checks(self) -> Iterator[Check]:
        """Make the checks, the more basic ones first."""
        yield from self._time_zone()
        secret = list(self._secret())
        yield from secret
        yield from self._stigg(after=next((item.name for item in secret if not item.passed), None))
        yield from self._tables()

    def _time_zone(self) -> Iterator[Check]:
        """Look up the time zone of the deployment, if it has one."""
        if self._deps.settings.time_zone != UTC_NAME:
            error = _error_of(partial(zone_name_of, self._deps.settings))
            yield _failed("timeZone", error.message, connection_remedies.TIME_ZONE) if error else _passed("timeZone")

    def _secret(self) -> Iterator[Check]:
        """Read the secret again: what is stored now counts, not what this process has cached."""
        faults = self._deps.secrets.faults()
        unread = faults.get("secret")
        yield _check("secret", unread)
        for part, name in _CONTENT.items():
            yield _unknown(name, "secret") if unread else _check(name, faults.get(part))

    def _stigg(self, *, after: str | None) -> Iterator[Check]:
        """Ask Stigg for something that every key may read, then for the rest."""
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
        """Ask for changes of things that do not exist: only a key with the permission learns that they do not."""
        stigg, missing = self._deps.stigg, f"check-connection-{uuid4()}"
        nothing: dict[str, object] = {"metadata": {}}
        run = partial(stigg.trigger_workflow, trigger_id=missing, payload=None, is_test=True)
        yield "keyMayWriteCustomers", partial(_refused, partial(stigg.update_customer, missing, body=nothing))
        yield "keyMayWriteSubscriptions", partial(_refused, partial(stigg.update_subscription, missing, body=nothing))
        yield "keyMayTriggerWorkflows", partial(_refused, run)
        for plan_id, field in self._plans.items():
            yield f"plan {plan_id}", partial(_read_plan, stigg, plan_id, field)

    def _clock(self) -> Check:
        date = self._deps.stats.stigg_date
        try:
            skew = self._deps.clock.now() - parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return _failed("clock", "Stigg's answer has no date.", connection_remedies.NO_DATE)
        if abs(skew) <= LARGEST_SKEW_SECONDS:
            return _passed("clock")
        which = "ahead of" if skew > 0 else "behind"
        return _failed("clock", f"The clock is {abs(skew):.0f} s {which} Stigg's.", connection_remedies.SKEW)

    def _tables(self) -> Iterator[Check]:
        """Read items that do not exist."""
        settings, name = self._deps.settings, "check-connection"
        nowhere: dict[str, tuple[str, dict[str, Any]]] = {
            "mappingsTable": (settings.mappings_table, {"pk": name, "sk": name}),
            "operationsTable": (settings.operations_table, {"operation_key": name, "intent": 0}),
            "batchesTable": (settings.batches_table, {"batch_key": name, "sk": name}),
        }
        for table, place in nowhere.items():
            yield _check(table, _error_of(partial(self._deps.database.read, [place])))


def _error_of(ask: Callable[[], object]) -> ActionError | None:
    """Return the error of a question, None if it is answered."""
    try:
        ask()
    except ActionError as error:
        return error
    return None


def _read_plan(stigg: Stigg, plan_id: str, field: str) -> None:
    """Read a plan; the refusal of an unknown one names the field that the id comes from."""
    try:
        stigg.get_plan(plan_id)
    except NotFound as error:
        raise refusals.renamed(error, {plan_id: field}) from None


def _refused(change: Callable[[], object]) -> None:
    """Ask for a change of something that does not exist, and expect the refusal; raise any other error."""
    try:
        change()
    except (NotFound, Refused):
        return


def _broken_by(error: ActionError | None) -> str | None:
    """Return the check that fails if the first question to Stigg has this error."""
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
    if error is None:
        return _passed(name)
    return _failed(name, f"{error.code}: {error.sentence}", connection_remedies.of(name, error))


def _passed(name: str) -> Check:
    return Check(name=name, passed=True)


def _failed(name: str, problem: str, remedy: str) -> Check:
    return Check(name=name, passed=False, problem=problem, remedy=remedy)


def _unknown(name: str, broken: str | None) -> Check:
    return _failed(name, f"Could not be checked, because of {broken}.", f"Correct {broken} first.")


def _summary(checks: list[Check], failed: list[Check]) -> str:
    if not failed:
        return f"All {len(checks)} checks have passed."
    problems = [f"{item.name}: {str(item.problem).rstrip('.')}. {item.remedy}" for item in failed[:_SUMMARIZED]]
    more = [f"And {len(failed) - _SUMMARIZED} more."] if len(failed) > _SUMMARIZED else []
    return " ".join([f"{len(failed)} of {len(checks)} checks have not passed.", *problems, *more])
