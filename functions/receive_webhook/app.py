"""Receive Stigg's webhooks: only those with the secret get in, and each is queued and answered at once."""

from stigg_actions.entrypoints.webhook import door, webhook_receiver

handler = webhook_receiver(door)
