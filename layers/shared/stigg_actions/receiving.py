"""The way in for Stigg's webhooks: a route without signatures, behind a secret."""

from __future__ import annotations

import os
from functools import cache

import boto3

from stigg_actions import deps, observability
from stigg_actions.clock import SystemClock
from stigg_actions.secrets import Secrets
from stigg_actions.settings import required, settings_from
from stigg_actions.webhooks.door import Door
from stigg_actions.webhooks.queue import WebhookQueue
from stigg_actions.webhooks.trust import Trust


@cache
def door() -> Door:
    """Return this process's door for webhooks. Raises Misconfigured."""
    observability.silence_libraries()
    settings, clock = settings_from(), SystemClock()
    client = boto3.client("secretsmanager", config=deps.AWS)
    secrets = Secrets(client, secret_id=settings.secret_id, environment=settings.environment, clock=clock)
    queue = WebhookQueue(boto3.client("sqs", config=deps.AWS), required(os.environ, "WEBHOOK_QUEUE_URL"))
    return Door(Trust(secrets, clock), queue)
