"""Which tests run in the same process when pytest uses several.

xdist's own marks for this (`xdist_group`) do nothing with pytest 9.2: it reads node ids that can no longer be renamed.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # ships without types

# Where the tests live that share a fixture too expensive to make twice.
HOMES = {"stack": "tests/end_to_end/", "builds": "tests/layers/"}


class SharedFixtureScheduling(LoadScopeScheduling):  # type: ignore[misc]  # for the same reason
    """Every test goes where there is time, except those of one home, which stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((home for home in HOMES.values() if nodeid.startswith(home)), nodeid)


def require_home(item: pytest.Item, fixture: str) -> None:
    """Raise `pytest.UsageError` for a test that would make the expensive fixture a second time."""
    if not item.nodeid.startswith(HOMES[fixture]):
        raise pytest.UsageError(f"{item.nodeid} uses the fixture {fixture!r}, so it belongs into {HOMES[fixture]}")
