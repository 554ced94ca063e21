"""Fixtures that start something: the AWS stand-in, its tables, the built layers, the whole stack."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

import scripts.described  # noqa: F401 - before the models
from local.stack import LocalStack, local_stack
from local.stack.ministack import Ministack, running_ministack
from local.stigg_emulator.hosting import HostedEmulator, running_emulator
from tests.support.aws import AwsInProcess, ServedAws
from tests.support.builds import Builds
from tests.support.days import today
from tests.support.logs import Listener, listening, personal, stack_lines
from tests.support.scheduling import HOMES, SharedFixtureScheduling, require_home
from tests.support.shifted_clock import NOW, ShiftedClock
from tests.support.tables import Tables, fresh_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytest_plugins = ["tests.support.fixtures", "tests.support.deployment"]
EXAMPLES = 200 if "SOAK_RUNS" in os.environ else 40
"""Of each property: enough to find what is broken; `make soak` looks for what is rare."""
# The same examples in every run, however busy the machine is.
settings.register_profile(
    "tests",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # explaining a failure traces lines, which coverage does too
)
settings.load_profile("tests")

HERE = Path(__file__).parent
COUNTED = {"unit", "actions", "every_action"}
AT_ANY_TIME = COUNTED | {"flows"}
"""Folders whose tests run at the moment of `TESTS_NOW`, if there is one."""
REPEATING = {
    "every_action/test_any_input.py",
    "every_action/test_documented_examples.py",
    "every_action/test_event_files.py",
    "every_action/test_exact_times.py",
    "every_action/test_failure_alarms.py",
    "every_action/test_generated_answers.py",
    "every_action/test_longest_answer.py",
    "every_action/test_request_bodies.py",
    "every_action/test_rights.py",
    "every_action/test_runtime_client.py",
    "every_action/test_varied_answers.py",
    "every_action/test_words_of_refusals.py",
    "unit/models/test_base.py",
    "unit/models/test_stigg_shapes.py",
    "unit/webhooks/test_message.py",
}
"""Files that only repeat what others cover, as `pytest --cov --cov-context=test` shows. Counting doubles the time."""
SLOW = {"web", "end_to_end", "layers", "resilience", "salesforce", "scripts"}
LONGEST_SECONDS = 600
"""A test that builds, deploys or kills ends in so many seconds, on a busy machine too; or it hangs."""
# What a test needs is known by its fixtures; the marks choose among tests: `pytest -m "not stack"`.
MARKS = {"stack": "stack", "builds": "build", "ministack": "server"}


HEARD = pytest.StashKey[Listener]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks that this file adds besides those of pyproject.toml; hear what is logged from now on."""
    config.addinivalue_line("markers", "build: needs the layers built (once per session and processor)")
    config.addinivalue_line("markers", "uncounted: adds nothing to the coverage; runs without it, in half the time")
    resources = ExitStack()
    config.add_cleanup(resources.close)
    config.stash[HEARD] = resources.enter_context(listening())
    if NOW in os.environ:
        config.pluginmanager.register(ShiftedClock(os.environ[NOW], lambda path: _folder(path) in AT_ANY_TIME))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail every test in which something is logged that must not be: a name, an e-mail address, a key."""
    lines = item.config.stash[HEARD].lines
    lines.clear()
    yield
    assert personal(lines) == []


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharedFixtureScheduling:
    """Run tests that share an expensive fixture in one process."""
    return SharedFixtureScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with what it needs started, those that add nothing to the coverage, and those that are slow."""
    for item in items:
        place = item.path.relative_to(HERE)
        if _is_uncounted(item.path):
            item.add_marker("uncounted")
        if place.parts[0] in SLOW and item.config.getoption("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))
        for fixture in MARKS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKS[fixture])
            if fixture in HOMES:
                require_home(item, fixture)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out at once the files whose tests `-m` would leave out in the end."""
    chosen = CHOICES.get(config.option.markexpr)
    if chosen is None or not collection_path.name.startswith("test_"):
        return None
    return None if chosen(collection_path) else True


def _is_uncounted(path: Path) -> bool:
    return _folder(path) not in COUNTED or path.relative_to(HERE).as_posix() in REPEATING


def _folder(path: Path) -> str:
    return path.relative_to(HERE).parts[0] if path.is_relative_to(HERE) and path != HERE else ""


collect_ignore = [] if find_spec("playwright") else ["web"]
"""The tests in a browser have an environment of their own: scripts/test-in-browser."""
CHOICES: dict[str, Callable[[Path], bool]] = {
    "uncounted": _is_uncounted,
    "not uncounted": lambda path: not _is_uncounted(path),
}
"""The expressions of `-m` that choose whole files."""


@pytest.fixture(autouse=True)
def _a_day_of_its_own() -> None:
    """Let each test see one day from its beginning to its end."""
    today.cache_clear()


@pytest.fixture(scope="session")
def ministack() -> Iterator[Ministack]:
    """An AWS stand-in that checks no signatures: enough for tables, one per test process.

    Who runs pytest many times starts one for all runs, and names its address in the environment.
    """
    with (
        nullcontext(Ministack(os.environ["MINISTACK_URL"]))
        if "MINISTACK_URL" in os.environ
        else running_ministack() as server
    ):
        yield server


@pytest.fixture(scope="session")
def aws() -> AwsInProcess:
    """The AWS stand-in in this process."""
    return AwsInProcess()


@pytest.fixture(scope="session")
def served_aws(ministack: Ministack) -> ServedAws:
    """The AWS stand-in as a server, for tests with other processes."""
    return ServedAws(ministack)


@pytest.fixture(scope="session")
def dynamodb(aws: AwsInProcess) -> "DynamoDBClient":
    """A DynamoDB client of the stand-in."""
    client: DynamoDBClient = aws.client("dynamodb")
    return client


@pytest.fixture(scope="session")
def made_tables(aws: AwsInProcess) -> Iterator[Tables]:
    """The tables, made once per test process."""
    with fresh_tables(aws) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def served_tables(served_aws: ServedAws) -> Iterator[Tables]:
    """The same, where other processes reach them."""
    with fresh_tables(served_aws) as fresh:
        yield fresh


@pytest.fixture
def tables(made_tables: Tables) -> Tables:
    """The tables, empty."""
    made_tables.clear()
    return made_tables


@pytest.fixture(scope="session")
def stigg_server() -> Iterator[HostedEmulator]:
    """One Stigg emulator per test process."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(stigg_server: HostedEmulator) -> HostedEmulator:
    """A Stigg that holds nothing yet, has no faults in force and knows the local key."""
    stigg_server.reset()
    return stigg_server


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """The layers as `sam build` makes them, for either processor."""
    return Builds(tmp_path_factory.mktemp("builds"))


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """The whole `development` stack, built, deployed and reachable over HTTP; signatures and policies are checked.

    In the end its logs are searched for what must not be there.
    """
    with local_stack() as running:
        yield running
        assert [line for line in stack_lines(running) if personal(line)] == []
