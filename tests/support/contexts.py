"""The context that Lambda passes to a handler."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """An invocation that has the same time left whenever it is asked."""

    seconds: float = 30
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return int(1000 * self.seconds)
