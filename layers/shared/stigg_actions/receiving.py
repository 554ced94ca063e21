"""The way in for Stigg's webhooks: a route without signatures, behind a secret."""

from __future__ import annotations

import os
from functools import cache

import boto3

from stigg_actions import deps, observability
from stigg_actions.clock import SystemClock
from stigg_actions.secrets import WebhookSecrets
from stigg_actions.settings import required, settings_from
from stigg_actions.webhooks.door import Door
from stigg_actions.webhooks.queue import WebhookQueue
from stigg_actions.webhooks.trust import Trust


@cache
def door() -> Door:
    """Return this process's door for webhooks. Raises Misconfigured."""
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
    return Door(Trust(secrets, clock), queue)
