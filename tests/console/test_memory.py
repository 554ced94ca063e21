"""Memory of the file machinery: it does not grow with the file."""

import tracemalloc
from pathlib import Path

from console.file_checks import check_file
from console.files.columns import Choices
from console.files.pages import pages
from console.output import Output
from console.page_sender import PAGE_LIMITS

SMALL, LARGE = 2_000, 20_000
ALLOWED_BYTES = 1_000_000
"""What two runs may differ by. The rows that the larger file has more would take seven times as much."""


def peak(folder: Path, rows: int) -> int:
    """Return the most bytes that checking a file and cutting it into pages takes."""
    path = folder / f"{rows}.csv"
    with path.open("w") as file:
        file.write("Id,customerId,name,email\n")
        file.writelines(f"0015g00000XyAcM,cust-{row},Company {row},c{row}@example.org\n" for row in range(rows))
    choices = Choices(mapped={"Id": "salesforceAccountId"})
    tracemalloc.start()
    with Output(as_json=True).progress() as progress:
        checked = check_file(path, "create-customer", choices, {}, progress)
    cut = sum(len(page.requests) for page in pages(checked.file, checked.columns, PAGE_LIMITS))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (checked.rows, cut) == (rows, rows)
    return most


def test_memory_does_not_grow(tmp_path: Path) -> None:
    """Ten times as many rows take the same memory."""
    peak(tmp_path, 10)  # what is imported and kept on first use

    assert abs(peak(tmp_path, LARGE) - peak(tmp_path, SMALL)) < ALLOWED_BYTES
