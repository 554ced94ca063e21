"""Errors for a message that cannot be handled now."""

_FIRST_SECONDS, _MOST_SECONDS = 5, 600


class LaterError(Exception):
    """A write of the customer is under way or has no known outcome, so the mappings are corrected after it."""


class DeliverAgainError(Exception):
    """Returns a message to the queue for some seconds, longer each time, so that reconcile can settle the write."""

    def __init__(self, deliveries: int) -> None:
        super().__init__(f"after {deliveries} deliveries")
        self.seconds = min(_MOST_SECONDS, _FIRST_SECONDS * 2 ** max(0, min(deliveries, 10) - 1))
