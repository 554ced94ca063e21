"""Sending a request until it is answered, refused, or the time is up, taking up a rotated key on the way."""

from typing import Any, NamedTuple

from stigg_actions.clock import CallStats, Deadline
from stigg_actions.errors import ActionError, StiggReply
from stigg_actions.secrets import Secrets
from stigg_actions.stigg import error_codes, refusals
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.response import Verdict, classify
from stigg_actions.stigg.retry import Attempt, Fate, delay_before_next
from stigg_actions.stigg.transport import LostError, NotSentError, Transport

LONGEST_CALL_SECONDS = 25.0
"""One attempt takes no longer, however much time the call has: what hangs is tried again."""


class Session(NamedTuple):
    """Stigg, for the time that one invocation has."""

    wire: Transport
    secrets: Secrets
    deadline: Deadline
    environment: str
    stats: CallStats

    def send(self, request: StiggRequest, *, subject: str) -> Any:
        """Send a request and return the data of its answer.

        Raises:
            NotFound, Refused, RateLimited, Misconfigured: Stigg said no, and nothing was done.
            StiggUnavailable: no answer, and surely nothing was done.
            OutcomeUnknown: no answer to a write that may have been done.
        """
        may_have_acted = False
        number = 0
        while True:
            number += 1
            try:
                verdict = self._attempt(request)
                if verdict.fate is Fate.ANSWERED:
                    return self._conclude(verdict, subject)
            except ActionError as error:  # tells nothing of an attempt that was lost before
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
        """Try once; a rejected key is read again and, if it was rotated, tried once more: a 401 changes nothing."""
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
