"""Follow Stigg's webhooks: read afresh what each is about, make its mapping true, and tell it on."""

from stigg_actions.entrypoints.webhook_queue import webhook_consumer, webhook_container

handler = webhook_consumer(webhook_container)
