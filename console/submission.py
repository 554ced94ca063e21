"""Send a checked file page by page and keep the results. It may be stopped and started again at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from console.file_checks import CheckedFile, Progress
from console.files.pages import Page, page_key, pages, run_id
from console.files.results import Result, ResultsFile, results_path
from console.page_sender import PAGE_LIMITS, PageSender


@dataclass
class Totals:
    """What became of the rows of a file."""

    rows: int
    succeeded: int = 0
    failed: int = 0
    pages: int = 0
    pages_kept: int = 0
    """Pages whose results an earlier run had written. They are not sent again."""
    pages_repeated: int = 0
    """Pages that an earlier run had sent. They are sent again and answered as repeats."""
    codes: dict[str, int] = field(default_factory=dict)
    """Failed rows by error code."""

    @property
    def done(self) -> int:
        """Rows that have a result."""
        return self.succeeded + self.failed

    def count(self, results: Sequence[Result]) -> None:
        """Add the results of a page."""
        failed = [result for result in results if result.failed]
        self.pages += 1
        self.failed += len(failed)
        self.succeeded += len(results) - len(failed)
        for result in failed:
            self.codes[result.error_code] = self.codes.get(result.error_code, 0) + 1

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "success": not self.failed,
            "rows": self.rows,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "pages": self.pages,
            "pagesKept": self.pages_kept,
            "pagesRepeated": self.pages_repeated,
            "errorCodes": self.codes,
        }


class RunOptions(NamedTuple):
    """How a file is sent."""

    name: str = ""
    """Under another name, the same file is sent again."""
    page_size: int = PAGE_LIMITS.rows
    folder: Path | None = None
    """Where the results are written; None for the folder of the file."""
    check_only: bool = False


@dataclass(frozen=True)
class Submission:
    """A checked file that is to be sent."""

    checked: CheckedFile
    sender: PageSender
    options: RunOptions

    @cached_property
    def run(self) -> str:
        """The id of this run. It is the same as long as the same pages are to be sent to the same stack."""
        sender, options = self.sender, self.options
        settings = {"run": options.name, "pageSize": options.page_size, "action": sender.action, "org": sender.org}
        stack = {"stack": sender.stack.name, "place": sender.stack.place}
        return run_id(self.checked.file, self.checked.columns, **settings, **stack)

    @property
    def results(self) -> Path:
        """The file with the results."""
        return results_path(self.checked.file.path, self.run, self.options.folder)

    def send(self, progress: Progress) -> Totals:
        """Send every page that has no results yet, and return what became of all rows.

        Raises:
            BadInputError: the file was changed meanwhile, or the results are not those of this run.
            RefusedError, UnreachableError: a page is refused as a whole, or the stack gives no answer.
        """
        totals, limits = Totals(self.checked.rows), PAGE_LIMITS._replace(rows=self.options.page_size)
        progress.start("Sending", totals.rows)
        with ResultsFile.open(self.results) as results:
            for page in pages(self.checked.file, self.checked.columns, limits):
                totals.count(self._kept(results, page, totals) or self._sent(results, page, totals, progress))
                progress.reach(totals.done)
        return totals

    @staticmethod
    def _kept(results: ResultsFile, page: Page, totals: Totals) -> list[Result] | None:
        kept = results.of_page(page)
        totals.pages_kept += kept is not None
        return kept

    def _sent(self, results: ResultsFile, page: Page, totals: Totals, progress: Progress) -> list[Result]:
        self.checked.file.refuse_changes()
        before = totals.done
        sent = self.sender.send(page, page_key(self.run, page), lambda batch: progress.reach(before + batch["done"]))
        results.add(sent.results)
        totals.pages_repeated += sent.is_repeat
        return sent.results
