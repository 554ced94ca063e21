"""Cut the rows of a file into pages. The same file gives the same pages, each with the same key."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from console.files.columns import Columns
from console.files.rows import CsvFile
from stigg_actions import decimal_json


class Limits(NamedTuple):
    """What one page may hold."""

    rows: int
    length: int
    """Bytes of the requests as JSON."""


class Page(NamedTuple):
    """Rows that are sent together."""

    number: int
    record_ids: list[str]
    requests: list[dict[str, str]]


def pages(file: CsvFile, columns: Columns, limits: Limits) -> Iterator[Page]:
    """Yield the pages of a file in their order. Raises as ``CsvFile.rows``."""
    page, length = Page(1, [], []), 0
    for row in file.rows():
        request = columns.request(row)
        added = len(decimal_json.dumps(request))
        if len(page.requests) == limits.rows or (page.requests and length + added > limits.length):
            yield page
            page, length = Page(page.number + 1, [], []), 0
        page.record_ids.append(columns.record_id(row))
        page.requests.append(request)
        length += added
    if page.requests:
        yield page


def run_id(file: CsvFile, columns: Columns, **settings: Any) -> str:  # noqa: ANN401 - any JSON
    """Identify what is asked for: the content of the file, what its columns are, and the settings of the command."""
    asked: Mapping[str, Any] = {
        "content": file.digest,
        "fields": list(columns.fields),
        "constants": dict(columns.constants),
        **settings,
    }
    return hashlib.sha256(decimal_json.dumps(asked).encode()).hexdigest()[:40]


def page_key(run: str, page: Page) -> str:
    """Return the idempotency key of a page."""
    return f"file-{run}-{page.number}"
