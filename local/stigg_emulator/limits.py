"""Rate limits by the emulator's clock: per entity, counting writes, and per operation.

Stigg pools all writes of one entity, whatever the operation, and answers 429 `RateLimitExceeded`.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.stigg_emulator.errors import Refusal

WINDOW = timedelta(minutes=1)
PER_ENTITY = 30


@dataclass
class Limits:
    """When each bucket was last used; a bucket is an operation or an entity."""

    uses: defaultdict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def use(self, buckets: dict[str, int], now: datetime) -> None:
        """Count one call in each bucket, or refuse it and count nothing. The values are calls per minute."""
        for bucket, most in buckets.items():
            if self._used(bucket, now) >= most:
                raise Refusal("RateLimitExceeded", f"Too many requests: {bucket}", 429)
        for bucket in buckets:
            self.uses[bucket].append(now)

    def _used(self, bucket: str, now: datetime) -> int:
        uses = self.uses[bucket]
        while uses and uses[0] <= now - WINDOW:
            uses.popleft()
        return len(uses)
