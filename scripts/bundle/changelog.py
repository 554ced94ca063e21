"""Close the section of unreleased changes under a version."""

import re
from datetime import date

_UNRELEASED = "## [Unreleased]\n"
_VERSION = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)")
_RELEASED = re.compile(r"^## \[(\d+\.\d+\.\d+)\]", re.MULTILINE)


class NotReleasableError(Exception):
    """The version or the changelog is not fit for a release; the message says why."""


def released(text: str, version: str, day: date) -> str:
    """Return a changelog whose unreleased changes are those of a version.

    Raises:
        NotReleasableError: the version is no semantic version or not the newest, or nothing has changed.
    """
    if not _VERSION.fullmatch(version):
        raise NotReleasableError(f"VERSION is {version!r}; give three numbers, such as 1.0.0.")
    newest = max((_numbers(known) for known in _RELEASED.findall(text)), default=(0, 0, 0))
    if _numbers(version) <= newest:
        raise NotReleasableError(
            f"VERSION is {version}, and {'.'.join(map(str, newest))} is released; give a later one."
        )
    head, changes = text.split(_UNRELEASED, 1)
    if not re.split(r"^## ", changes, maxsplit=1, flags=re.MULTILINE)[0].strip():
        raise NotReleasableError("CHANGELOG.md lists no changes under Unreleased.")
    return f"{head}{_UNRELEASED}\n## [{version}] - {day.isoformat()}\n{changes}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
