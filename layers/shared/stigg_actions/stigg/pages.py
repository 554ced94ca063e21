"""Read Stigg's lists page by page, and skip items that cannot be read."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from stigg_actions.stigg.schemas import WireModel

_LONGEST_ID = 255


class Unreadable(NamedTuple):
    """An item of a list that cannot be read: its id, if it has one, and the fields at fault."""

    id: str | None
    fields: tuple[str, ...]


class Part[T](NamedTuple):
    """One page of a list: the items, those that cannot be read, and the cursor of the next page.

    The last page has no cursor.
    """

    items: list[T]
    next: str | None
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return self.next is None


class Pagination(WireModel):
    """Where a list continues."""

    next: str | None = None


class Page(WireModel):
    """One page of a list, and the cursor of the next; without pagination it is the last."""

    data: list[Any]
    pagination: Pagination | None = None

    def following(self, after: str | None) -> str | None:
        """Return the cursor of the next page; None on the last page, and if the cursor does not change."""
        cursor = self.pagination.next if self.pagination else None
        return cursor if cursor and cursor != after else None


def read_items[T: BaseModel](model: type[T], items: list[Any], following: str | None) -> Part[T]:
    """Read the items of a page; collect those that cannot be read."""
    read, unreadable = [], []
    for item in items:
        try:
            read.append(model.model_validate(item))
        except ValidationError as error:
            unreadable.append(_unreadable(item, error))
    return Part(read, following, tuple(unreadable))


def _unreadable(item: Any, error: ValidationError) -> Unreadable:
    shown = item.get("id") if isinstance(item, dict) else None
    details = error.errors(include_url=False, include_input=False)
    fields = {str(detail["loc"][0]) for detail in details if detail["loc"]}
    return Unreadable(shown[:_LONGEST_ID] if isinstance(shown, str) else None, tuple(sorted(fields)))
