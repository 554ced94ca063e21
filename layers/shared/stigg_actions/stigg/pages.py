"""Lists of Stigg, page by page: an item that cannot be read is skipped, and keeps no other from being read."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from stigg_actions.stigg.schemas import WireModel

_LONGEST_ID = 255


class Unreadable(NamedTuple):
    """An item of a list that cannot be read: its id, if it has one, and the fields that are not as they must be."""

    id: str | None
    fields: tuple[str, ...]


class Part[T](NamedTuple):
    """One page of a list: what can be read of it, what cannot, and the cursor of the next page.

    Without a cursor it is the last.
    """

    items: list[T]
    next: str | None
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def is_last(self) -> bool:
        """Whether nothing follows it."""
        return self.next is None


class Pagination(WireModel):
    """Where a list goes on."""

    next: str | None = None


class Page(WireModel):
    """One page of a list, and the cursor of the next; without pagination it is the last."""

    data: list[Any]
    pagination: Pagination | None = None

    def following(self, after: str | None) -> str | None:
        """Return the cursor of the next page, None if this is the last; a cursor that leads to itself leads nowhere."""
        cursor = self.pagination.next if self.pagination else None
        return cursor if cursor and cursor != after else None


def read_items[T: BaseModel](model: type[T], items: list[Any], following: str | None) -> Part[T]:
    """Read the items of a page; what cannot be read keeps none of the others from being read."""
    read, unreadable = [], []
    for item in items:
        try:
            read.append(model.model_validate(item))
        except ValidationError as error:
            unreadable.append(_unreadable(item, error))
    return Part(read, following, tuple(unreadable))


def _unreadable(item: Any, error: ValidationError) -> Unreadable:
    shown = item.get("id") if isinstance(item, dict) else None
    fields = {str(found["loc"][0]) for found in error.errors(include_url=False, include_input=False) if found["loc"]}
    return Unreadable(shown[:_LONGEST_ID] if isinstance(shown, str) else None, tuple(sorted(fields)))
