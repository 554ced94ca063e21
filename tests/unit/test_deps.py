"""What an action works with."""

import pytest

from stigg_actions.deps import container
from stigg_actions.errors import Misconfigured
from tests.unit.test_settings import VARIABLES


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process that has made no container yet, in a deployment's environment."""
    for name, value in {**VARIABLES, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    container.cache_clear()
    return monkeypatch


@pytest.mark.usefixtures("process")
def test_one_container() -> None:
    """A process has one container, built from its environment on first use."""
    first = container()

    assert first is container()
    assert first.settings.environment == "development"
    container.cache_clear()


def test_incomplete_environment(process: pytest.MonkeyPatch) -> None:
    """A missing setting is told each time, and mended by setting it."""
    process.delenv("MAPPINGS_TABLE")
    for _ in range(2):
        with pytest.raises(Misconfigured, match="MAPPINGS_TABLE is not set"):
            container()
    process.setenv("MAPPINGS_TABLE", "mappings")

    assert container().settings.mappings_table == "mappings"
    container.cache_clear()


@pytest.mark.usefixtures("process")
def test_invocations() -> None:
    """Each invocation has its own time and call, and shares what is dear to make."""
    shared = container()
    one, other = (shared.deps(correlation_id=name, seconds=seconds) for name, seconds in (("a", 5), ("b", 9)))

    assert (one.correlation_id, other.correlation_id) == ("a", "b")
    assert one.deadline.seconds_left() <= 5 < other.deadline.seconds_left()
    assert (one.secrets, one.settings) == (other.secrets, other.settings)
    container.cache_clear()
