"""Run the requests of batches out of their queue, each by the function of its own action."""

from stigg_actions.consumers import queue_consumer, worker_container

handler = queue_consumer(worker_container)
