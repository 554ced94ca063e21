"""The entry point of Stigg's webhooks: a route without signatures, protected by a secret."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3

from stigg_actions import deps, observability
from stigg_actions.clock import SystemClock
from stigg_actions.entrypoints.callers import ApiGatewayCaller, Caller, caller_of
from stigg_actions.errors import ActionError, Problem, Refused, RequestInvalid
from stigg_actions.secrets import WebhookSecrets
from stigg_actions.settings import required, settings_from
from stigg_actions.webhooks import body
from stigg_actions.webhooks.message import WebhookMessage
from stigg_actions.webhooks.queue import WebhookQueue
from stigg_actions.webhooks.secret_check import SecretCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stigg_actions.entrypoints.callers import Handler


@cache
def receiver() -> WebhookReceiver:
    """Return this process's receiver of webhooks. Raises Misconfigured."""
    observability.silence_libraries()
    settings, clock = settings_from(), SystemClock()
    secrets = WebhookSecrets(
        boto3.client("secretsmanager", config=deps.AWS),
        secret_id=required(os.environ, "WEBHOOK_SECRET_ID"),
        fallback_id=os.environ.get("WEBHOOK_SECRET_FALLBACK_ID") or None,
        environment=settings.environment,
        clock=clock,
    )
    queue = WebhookQueue(boto3.client("sqs", config=deps.AWS), required(os.environ, "WEBHOOK_QUEUE_URL"))
    return WebhookReceiver(SecretCheck(secrets, clock), queue)


class WebhookReceiver(NamedTuple):
    """Receives webhooks: the check of their secret, and their queue."""

    secret_check: SecretCheck
    queue: WebhookQueue

    def receive(self, event: Mapping[str, Any]) -> WebhookMessage:
        """Check a webhook and queue it.

        Raises:
            Refused: WEBHOOK_REFUSED, the secret is missing or wrong.
            RequestInvalid: the secret is right, but the body is not a JSON object.
            Misconfigured, StiggUnavailable: the webhook could not be checked or queued; Stigg delivers it again.
        """
        if not self.secret_check.accepts(_headers(event)):
            raise Refused(
                "WEBHOOK_REFUSED",
                "The header Stigg-Webhooks-Secret is missing or wrong. It must be the webhookSecret that is stored for "
                "the environment.",
            )
        message = WebhookMessage.read(body.read(event))
        self.queue.send(message)
        return message


def webhook_receiver(receiver: Callable[[], WebhookReceiver]) -> Handler:
    """Return the handler of the route for Stigg's webhooks."""

    def handler(event: Any, context: Any) -> Any:
        caller = caller_of(event, context)
        try:
            message = receiver().receive(_proxy_event(caller))
        except ActionError as error:
            observability.record_webhook(caller.correlation_id, error=error)
            return caller.fail(error, error.envelope(caller.correlation_id))
        observability.record_webhook(caller.correlation_id, key=message.key, kind=message.kind)
        return caller.succeed({"success": True, "outcome": "queued", "correlationId": caller.correlation_id})

    return handler


def _proxy_event(caller: Caller) -> Mapping[str, Any]:
    """Return the event of a call through API Gateway. Raises RequestInvalid for any other."""
    if not isinstance(caller, ApiGatewayCaller):
        raise RequestInvalid(
            [Problem("body", "must come through API Gateway, because a webhook cannot be invoked directly")]
        )
    return caller.event


def _headers(event: Mapping[str, Any]) -> Mapping[str, object]:
    headers = event.get("headers")
    return headers if isinstance(headers, dict) else {}
