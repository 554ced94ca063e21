"""Receive Stigg's webhooks: check the secret of each, queue it and answer at once."""

from stigg_actions.entrypoints.webhook import receiver, webhook_receiver

handler = webhook_receiver(receiver)
