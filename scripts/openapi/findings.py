"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from scripts.openapi.reading import Document

type Level = Literal["error", "warning"]
type Found = tuple[str, str]
"""Where something is wrong in the document, and what."""


@dataclass(frozen=True)
class Rule:
    """A rule of Salesforce External Services, and the function that finds where a document breaks it."""

    id: str
    level: Level
    breaches: Callable[[Document], Iterable[Found]]

    def check(self, document: Document) -> list["Finding"]:
        """Return every breach of this rule."""
        return [Finding(self.id, self.level, where, problem) for where, problem in self.breaches(document)]


@dataclass(frozen=True)
class Finding:
    """A breach of a rule. An error keeps Salesforce from taking the document, or a Flow from using it."""

    rule: str
    level: Level
    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.rule} {self.level}: {self.where}: {self.problem}"
