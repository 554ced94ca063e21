"""Publish events from the tables' streams: settled writes, completed batches and webhooks."""

from stigg_actions.entrypoints.event_stream import publisher, stream_consumer

handler = stream_consumer(publisher)
