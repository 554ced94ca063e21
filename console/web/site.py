"""What all pages work with."""

from dataclasses import dataclass

from console.stack import Stack
from console.web.calls import Calls
from console.web.file_runs import FileRuns
from console.web.links import Links


@dataclass(frozen=True)
class Site:
    """One console: its calls, the files that it was given, and where its links lead."""

    calls: Calls
    runs: FileRuns
    links: Links

    @property
    def stack(self) -> Stack:
        """The stack that the console works with."""
        return self.calls.stack
