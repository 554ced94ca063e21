"""What DynamoDB would bill for calls: request units, reckoned from what is sent by the rules of its price list."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_READ_BYTES, _WRITE_BYTES = 4096, 1024


@dataclass
class Units:
    """Request units: of consistent reads, and of writes with those of the indexes."""

    reads: int = 0
    writes: int = 0

    def add(self, operation: str, params: dict[str, Any]) -> None:
        """Add what one call takes: an item that is absent costs as much as a small one, a transaction twice as much."""
        match operation:
            case "BatchGetItem":
                self.reads += sum(len(request["Keys"]) for request in params["RequestItems"].values())
            case "Query":
                self.reads += 1
            case "TransactWriteItems":
                puts = [write["Put"] for write in params["TransactItems"]]
                self.writes += sum(2 * _units(put["Item"]) + _of_indexes(put["Item"]) for put in puts)
            case "PutItem":
                self.writes += _units(params["Item"]) + _of_indexes(params["Item"])
            case _:
                raise AssertionError(operation)


def _units(item: dict[str, Any]) -> int:
    """An item's size is that of its names and values; their JSON is somewhat longer."""
    return math.ceil(len(json.dumps(item).encode()) / _WRITE_BYTES)


def _of_indexes(item: dict[str, Any]) -> int:
    """An operation is written to its indexes when it starts, and taken out of one when it is settled."""
    if "operation_key" not in item:
        return 0
    return 2 + ("asked_for" in item) if "attention" in item else 1


@contextmanager
def billed(client: Any) -> Iterator[Units]:  # noqa: ANN401 - any client
    """Reckon what a client's calls take."""
    units = Units()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:  # noqa: ANN401 - botocore's event arguments
        units.add(model.name, params)

    client.meta.events.register("provide-client-params.dynamodb.*", note)
    yield units
    client.meta.events.unregister("provide-client-params.dynamodb.*", note)
