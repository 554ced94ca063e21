"""The entry point of every action: event -> request -> action -> answer, for every kind of caller."""

from __future__ import annotations

import inspect
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, get_type_hints

from stigg_actions import deps, observability
from stigg_actions.clock import CallStats
from stigg_actions.entrypoints import callers
from stigg_actions.errors import ActionError
from stigg_actions.models import parsing
from stigg_actions.models.moments import zone_name_of
from stigg_actions.models.values import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stigg_actions.deps import Container, Deps
    from stigg_actions.entrypoints.callers import Caller
    from stigg_actions.models.base import ActionRequest, Answer

type Handler = Callable[[Any, Any], Any]

_RESERVED_FOR_THE_ANSWER_SECONDS = 3.0
"""A call to AWS that starts in time takes up to 2.5 s."""


def entrypoint[Request: ActionRequest](
    action: Callable[[Request, Deps], Answer], container: Callable[[], Container] = deps.container
) -> Handler:
    """Return the Lambda handler of an action, which is a function of a typed request and its dependencies."""
    number = count()

    def handler(event: Any, context: Any) -> Any:
        return _Call(action, callers.caller_of(event, context), context, cold=next(number) == 0).answer(container)

    return handler


class _Call:
    """One call of an action, from event to answer."""

    def __init__(self, action: Callable[[Any, Deps], Answer], caller: Caller, context: Any, *, cold: bool) -> None:
        self._action = action
        self._caller = caller
        self._context = context
        self._cold = cold
        self._stats = CallStats()
        self._subjects = observability.Subjects()
        self._body: Mapping[str, Any] = {}

    def answer(self, container: Callable[[], Container]) -> Any:
        try:
            answer = self._act(container)
        except ActionError as error:
            return self._fail(error)
        body = answer.body(self._correlation_id)
        self._subjects.note_body(body)
        self._record(answer=answer)
        return self._caller.succeed(body)

    def _act(self, container: Callable[[], Container]) -> Answer:
        model = _request_model(self._action)
        self._body = self._caller.body(model.longest_body)
        request = parsing.parse(model, self._body, self._reading(container))
        seconds = self._seconds(model.longest_seconds)
        dependencies = (
            container().deps(correlation_id=self._correlation_id, seconds=seconds)._replace(caller=self._caller.name)
        )
        self._stats, self._subjects = dependencies.stats, dependencies.subjects
        dependencies.settings.organization(request.salesforce_org_id)
        return self._action(request, dependencies)

    def _reading(self, container: Callable[[], Container]) -> Reading:
        def own_zone() -> str:
            return zone_name_of(container().settings)

        return Reading(self._body.get("timeZone"), own_zone)

    def _fail(self, error: ActionError) -> Any:
        body = error.envelope(self._correlation_id)
        self._record(error=error)
        if error.is_refusal and self._tolerates_refusals:
            return self._caller.succeed(body)
        return self._caller.fail(error, body)

    @property
    def _correlation_id(self) -> str:
        given = self._body.get("correlationId")
        return callers.correlation_id(given.strip() if isinstance(given, str) else None) or self._caller.correlation_id

    @property
    def _tolerates_refusals(self) -> bool:
        """Whether the caller wants refusals as answers. It is read from the raw body, which may be invalid."""
        wish = self._body.get("faultOnError")
        return wish is False or (isinstance(wish, str) and wish.strip().lower() == "false")

    def _seconds(self, longest: float) -> float:
        if self._context is None:
            return longest
        left = self._context.get_remaining_time_in_millis() / 1000 - _RESERVED_FOR_THE_ANSWER_SECONDS
        return float(min(longest, left))

    def _record(self, *, error: ActionError | None = None, answer: Answer | None = None) -> None:
        self._subjects.note_body(self._body)
        line = {
            "action": self._action.__name__,
            "caller": self._caller.name,
            "correlationId": self._correlation_id,
            "apiRequestId": self._caller.api_request_id,
            "functionRequestId": getattr(self._context, "aws_request_id", None),
            **self._subjects.line(),
            "outcome": answer.outcome if answer else "failed",
            "replayed": answer.replayed if answer else False,
            "errorCode": error.code if error else None,
            "invalidFields": observability.field_names(error.details) if error else None,
            "stiggErrorCode": error.stigg.code if error else None,
            "stiggTraceId": error.stigg.trace_id if error else None,
            "cold": self._cold,
            **self._stats.line(),
        }
        given = {name: value for name, value in line.items() if value is not None}
        fault = error is not None and not error.is_refusal
        code, counts = error.code if error else None, answer.counts() if answer else {}
        observability.record_call(given, error_code=code, fault=fault, counts=counts)


@cache
def _request_model(action: Callable[[Any, Deps], Answer]) -> type[ActionRequest]:
    """Return the type of an action's first parameter."""
    first = next(iter(inspect.signature(action).parameters))
    model: type[ActionRequest] = get_type_hints(action)[first]
    return model
