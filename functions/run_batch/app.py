"""Run the queued requests of batches, each by the function of its own action."""

from stigg_actions.entrypoints.batch_queue import queue_consumer, worker_container

handler = queue_consumer(worker_container)
