"""One request to Stigg, before any network: what is sent, and whether sending it twice is safe."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

NO_QUERY: Mapping[str, str] = MappingProxyType({})


class StiggRequest(NamedTuple):
    """A request: method, path, query, JSON body, and the idempotency key of a POST."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = NO_QUERY
    idempotency_key: str | None = None
    asks: bool = False
    """Whether a POST only reads, such as a price, because its body would not fit into a query."""

    @property
    def reads(self) -> bool:
        """Whether the request changes nothing."""
        return self.method == "GET" or self.asks

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice has one effect: reads, full-state PATCH, DELETE, and POST with a key."""
        return self.reads or self.method in {"PATCH", "DELETE"} or self.idempotency_key is not None


def in_path(entity_id: str) -> str:
    """Return an id as a part of a path."""
    return quote(entity_id, safe="")
