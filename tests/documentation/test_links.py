"""Links between the project's files lead somewhere."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from local.stack.template import ROOT

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "salesforce/*.md")
    for path in ROOT.glob(pattern)
    if not path.is_symlink()
)
SOURCES = [ROOT / "template.yaml", *sorted((ROOT / "console").rglob("*.py"))]
_CODE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


@cache
def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)", _CODE.sub("", document.read_text()), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        found.add(next(name for name in names(anchor) if name not in found))
    return found


def names(anchor: str) -> Iterator[str]:
    """Yield what a heading's anchor is called, the first time and when it comes again."""
    yield anchor
    yield from (f"{anchor}-{number}" for number in range(1, 1000))


def broken(document: Path, links: list[str]) -> list[str]:
    """Return those links of a document that lead to no file or to no heading."""
    missing: list[str] = []
    for link in links:
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            missing.append(link)
    return missing


def test_links_of_documents() -> None:
    """Each relative link of a document leads to a file of the project, and to a heading of it."""
    missing: list[str] = []
    for document in DOCUMENTS:
        links = re.findall(r"\]\(([^)\s]+)\)", _CODE.sub("", document.read_text()))
        wrong = broken(document, [link for link in links if not re.match(r"[a-z]+:", link)])
        missing += [f"{document.relative_to(ROOT)}: {link}" for link in wrong]

    assert missing == []


def test_documents_that_programs_name() -> None:
    """Each document that a message or a comment of the template or the operators' program names is there."""
    named = re.findall(r"docs/[\w-]+\.md(?:#[\w-]+)?", "".join(path.read_text() for path in SOURCES))

    assert named
    assert broken(ROOT / "README.md", named) == []
