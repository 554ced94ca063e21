"""Receive Stigg's webhooks, queue them, correct the mappings and publish what has changed."""
