"""The way from Stigg to an org in memory, as a fixture."""

from collections.abc import Iterator

import pytest

from local.salesforce_org.org import Org
from tests.support.harness import Harness
from tests.support.webhooks import followed_webhooks
from tests.support.write_back import WriteBack, written_back


@pytest.fixture
def back(actions: Harness, org: Org) -> Iterator[WriteBack]:
    """The way from Stigg to the org."""
    with followed_webhooks(actions) as webhooks, written_back(actions, webhooks, org) as back:
        yield back
