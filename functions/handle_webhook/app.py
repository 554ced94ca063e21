"""Handle Stigg's webhooks: read the subscription or customer again, correct its mapping, and publish an event."""

from stigg_actions.entrypoints.webhook_queue import webhook_consumer, webhook_container

handler = webhook_consumer(webhook_container)
