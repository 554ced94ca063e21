"""Receive Stigg's webhooks: only those with the secret get in, and each is queued and answered at once."""

from stigg_actions.receiving import door
from stigg_actions.webhooks.door import webhook_receiver

handler = webhook_receiver(door)
