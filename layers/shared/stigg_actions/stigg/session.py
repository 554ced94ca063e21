"""Send a request until it is answered, refused, or the time is up; read the key again if Stigg rejects it."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from stigg_actions.clock import CallStats, Deadline
from stigg_actions.errors import ActionError, OutcomeUnknown, StiggReply, StiggUnavailable
from stigg_actions.secrets import Secrets
from stigg_actions.stigg import error_codes, refusals
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.response import Verdict, classify
from stigg_actions.stigg.retry import Attempt, Fate, delay_before_next
from stigg_actions.stigg.transport import LostError, NotSentError, Transport

LONGEST_CALL_SECONDS = 25.0
"""Maximum duration of one attempt, so that a call with more time can retry an attempt that hangs."""


class Session(NamedTuple):
    """A connection to Stigg, for the time of one invocation."""

    wire: Transport
    secrets: Secrets
    deadline: Deadline
    environment: str
    stats: CallStats

    def send(self, request: StiggRequest, *, subject: str) -> Any:
        """Send a request and return the data of its answer.

        Raises:
            NotFound, Refused, RateLimited, Misconfigured: Stigg refused the request, which had no effect.
            StiggUnavailable: Stigg did not answer, and the request certainly had no effect.
            OutcomeUnknown: Stigg did not answer a write, which may have had an effect.
        """
        may_have_acted = False
        number = 0
        while True:
            number += 1
            try:
                verdict = self._attempt(request)
                if verdict.fate is Fate.ANSWERED:
                    return self._conclude(verdict, subject)
            except ActionError as error:  # says nothing about an earlier attempt that was lost
                raise _unless_lost(request, error, may_have_acted=may_have_acted) from None
            may_have_acted = may_have_acted or verdict.fate is Fate.LOST
            attempt = Attempt(
                number, verdict.fate, request.repeatable, self.deadline.seconds_left(), verdict.retry_after
            )
            delay = delay_before_next(attempt)
            if delay is None:
                raise self._give_up(request, verdict, may_have_acted=may_have_acted)
            self.deadline.clock.wait(delay)
            self.stats.retries += 1

    def _attempt(self, request: StiggRequest) -> Verdict:
        """Try once. Read a rejected key again and, if it was rotated, try once more: a 401 has no effect."""
        secret = self.secrets.current()
        verdict = self._exchange(request, secret.api_key)
        if not verdict.key_rejected:
            return verdict
        renewed = self.secrets.read_again()
        if renewed.api_key != secret.api_key:
            self.stats.retries += 1
            verdict = self._exchange(request, renewed.api_key)
        if verdict.key_rejected:
            raise refusals.key_rejected(verdict.error or StiggReply(), environment=self.environment)
        return verdict

    def _exchange(self, request: StiggRequest, api_key: str) -> Verdict:
        seconds = min(self.deadline.seconds_left(), LONGEST_CALL_SECONDS)
        if seconds <= 0:
            return Verdict(Fate.NOT_SENT)
        try:
            with self.stats.stigg.measured():
                reply = self.wire.exchange(request, api_key=api_key, seconds=seconds)
        except NotSentError:
            return Verdict(Fate.NOT_SENT)
        except LostError:
            return Verdict(Fate.LOST)
        self.stats.stigg_date = reply.headers.get("date")
        return classify(reply)

    def _conclude(self, verdict: Verdict, subject: str) -> Any:
        if verdict.error is not None:
            raise refusals.refusal(verdict.error, environment=self.environment, subject=subject)
        return verdict.data

    def _give_up(self, request: StiggRequest, verdict: Verdict, *, may_have_acted: bool) -> ActionError:
        reply = verdict.error or StiggReply()
        if verdict.fate is not Fate.TURNED_AWAY:
            return refusals.no_answer(request, reply, may_have_acted=may_have_acted, retry_after=verdict.retry_after)
        limited = refusals.rate_limited(reply, retry_after=verdict.retry_after)
        return _unless_lost(request, limited, may_have_acted=may_have_acted)


def _unless_lost(request: StiggRequest, error: ActionError, *, may_have_acted: bool) -> ActionError:
    already_there = error_codes.normalise(error.stigg.code or "") in error_codes.DUPLICATE
    lost = may_have_acted and not request.reads and not already_there
    return refusals.failed_after_loss(error) if lost else error


def parse[T: BaseModel](model: type[T], data: Any, request: StiggRequest) -> T:
    """Read an answer; an answer that does not have the documented shape counts as lost."""
    try:
        return model.model_validate(data)
    except ValidationError:
        if request.reads:
            raise StiggUnavailable("STIGG_UNAVAILABLE", "Stigg's answer could not be read.") from None
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            "Stigg's answer could not be read. Send the same request again to find out what happened.",
        ) from None
