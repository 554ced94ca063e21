"""Put what the tables' streams tell on the event bus: writes that are settled, batches that are completed."""

from stigg_actions.entrypoints.event_stream import publisher, stream_consumer

handler = stream_consumer(publisher)
