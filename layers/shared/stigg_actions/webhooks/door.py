"""Where webhooks come in: who does not bear the secret gets no further than here."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stigg_actions import observability
from stigg_actions.callers import ApiGatewayCaller, Caller, caller_of
from stigg_actions.errors import ActionError, Problem, Refused, RequestInvalid
from stigg_actions.webhooks.notice import Notice
from stigg_actions.webhooks.queue import WebhookQueue
from stigg_actions.webhooks.trust import Trust

type Handler = Callable[[Any, Any], Any]

LONGEST_BODY = 256 * 1024
"""Bytes of a webhook."""


class Door(NamedTuple):
    """What lets webhooks in: the secret that they must bear, and the queue that they go to."""

    trust: Trust
    queue: WebhookQueue

    def let_in(self, caller: Caller, headers: Mapping[str, object]) -> Notice:
        """Check a webhook and queue it.

        Raises:
            Refused: WEBHOOK_REFUSED, it does not bear the secret.
            RequestInvalid: it bears the secret, but is not a JSON object, or too long.
            Misconfigured, StiggUnavailable: it could not be checked or queued; Stigg delivers it again.
        """
        if not self.trust.deserves(headers):
            raise Refused(
                "WEBHOOK_REFUSED",
                "The header Stigg-Webhooks-Secret is missing or wrong. It must be the webhookSecret that is stored for "
                "the environment.",
            )
        notice = Notice.read(caller.body(LONGEST_BODY))
        self.queue.send(notice)
        return notice


def webhook_receiver(door: Callable[[], Door]) -> Handler:
    """Return the handler of the route that Stigg's webhooks come to."""

    def handler(event: Any, context: Any) -> Any:  # noqa: ANN401 - the runtime's own
        caller = caller_of(event, context)
        try:
            notice = door().let_in(caller, _headers(caller))
        except ActionError as error:
            observability.record_webhook(caller.correlation_id, error=error)
            return caller.fail(error, error.envelope(caller.correlation_id))
        observability.record_webhook(caller.correlation_id, key=notice.key, kind=notice.kind)
        return caller.succeed({"success": True, "outcome": "queued", "correlationId": caller.correlation_id})

    return handler


def _headers(caller: Caller) -> Mapping[str, object]:
    """Return the headers of a call through API Gateway. Raises RequestInvalid for any other."""
    if not isinstance(caller, ApiGatewayCaller):
        raise RequestInvalid([Problem("body", "must come through API Gateway: a webhook is not invoked directly")])
    headers = caller.event.get("headers")
    return headers if isinstance(headers, dict) else {}
