"""Webhooks of Stigg: let in, queued, followed by the mappings, and told on."""
