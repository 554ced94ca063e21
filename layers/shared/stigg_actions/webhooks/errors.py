"""A message that cannot be followed now."""

_FIRST_SECONDS, _MOST_SECONDS = 5, 600


class LaterError(Exception):
    """A write of the customer is under way, or was left without a known outcome: what is true shows after it."""


class DeliverAgainError(Exception):
    """A message goes back to the queue for so many seconds, longer each time: a reconciliation may come first."""

    def __init__(self, deliveries: int) -> None:
        super().__init__(f"after {deliveries} deliveries")
        self.seconds = min(_MOST_SECONDS, _FIRST_SECONDS * 2 ** max(0, min(deliveries, 10) - 1))
