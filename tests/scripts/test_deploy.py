"""make deploy: what it runs for each environment, what it looks at before, and when it does not run."""

import copy
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from scripts import samconfig
from scripts.aws_target import Target
from scripts.deploy import EXAMPLE_ORG_ID, build_command, check_unattended, checked, deploy_command
from scripts.deploy_checks import look
from scripts.release import release_of
from scripts.samconfig import NotConfiguredError, Section
from tests.support.fakes import aws_error
from tests.support.some import some

ENVIRONMENTS = ["development", "staging", "production"]
TARGET = Target("123456789012", "eu-west-1", "tokyo")
IN_TARGET = ["--region", "eu-west-1", "--profile", "tokyo"]
ROLE = "arn:aws:iam::123456789012:role/{}-ApiGatewayRole-1A2B"


def configured(environment: str, *more: str, **deploy_parameters: str) -> dict[str, Any]:
    """Return samconfig.toml once somebody has entered an org, and other parameters."""
    config = copy.deepcopy(samconfig.read())
    parameters = config[environment]["deploy"]["parameters"]
    overrides = parameters["parameter_overrides"]
    overrides[:] = [one.replace(EXAMPLE_ORG_ID, "00D5g000004HvZlEAK") for one in overrides] + list(more)
    parameters.update(deploy_parameters)
    return config


def section(*more: str, **deploy_parameters: str) -> Section:
    """Return the section of staging, with more parameters."""
    return checked(configured("staging", *more, **deploy_parameters), "staging")


class Account:
    """A boto3 session that reaches an account in memory; an error in the place of an answer is raised."""

    def __init__(
        self,
        room: int | Exception = 1000,
        role: str | None = ROLE.format("other"),
        secrets: Mapping[str, str | Exception] | None = None,
        own: bool = True,  # noqa: FBT001, FBT002 - a trait of the account
    ) -> None:
        self._room = room
        self._role = role
        self._secrets = secrets or {}
        self._own = own

    def client(self, _service: str) -> "Account":
        """Return what answers for a service."""
        return self

    def get_account_settings(self) -> dict[str, Any]:
        """Return Lambda's limits."""
        if isinstance(self._room, Exception):
            raise self._room
        return {"AccountLimit": {"ConcurrentExecutions": self._room, "UnreservedConcurrentExecutions": self._room}}

    def get_account(self) -> dict[str, Any]:
        """Return API Gateway's settings."""
        return {"cloudwatchRoleArn": self._role} if self._role else {}

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's own name
        """Return a secret."""
        content = self._secrets.get(SecretId, aws_error("ResourceNotFoundException"))
        if isinstance(content, Exception):
            raise content
        return {"SecretString": content}

    def describe_secret(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's own name
        """Return the ARN of a secret."""
        self.get_secret_value(SecretId=SecretId)
        return {"ARN": f"arn:{'webhook' if SecretId.endswith('/webhook') else 'key'}"}

    def describe_stack_resource(self, *, StackName: str, LogicalResourceId: str) -> dict[str, Any]:  # noqa: N803
        """Return what the stack has made, if it exists."""
        if not self._own:
            raise aws_error("ValidationError")
        arn = {"StiggSecret": "arn:key", "WebhookSecret": "arn:webhook"}[LogicalResourceId]
        return {"StackResourceDetail": {"StackName": StackName, "PhysicalResourceId": arn}}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_commands(environment: str) -> None:
    """The layers are built, and then deployed as the environment's section says."""
    found = checked(configured(environment), environment)

    assert build_command(found)[0].endswith("/scripts/build")
    assert deploy_command(found, TARGET, [])[1:4] == ["deploy", "--config-env", environment]


@pytest.mark.parametrize("more", [(), ("SnapStart=on",)])
def test_where_it_deploys(more: tuple[str, ...]) -> None:
    """The deployment goes to the region that was printed, and further options of the SAM CLI go along."""
    command = deploy_command(section(*more), TARGET, ["--no-confirm-changeset"])

    assert command[4:8] == IN_TARGET
    assert command[-1] == "--no-confirm-changeset"


@pytest.mark.parametrize(
    ("environment", "options", "deploys"),
    [
        ("development", [], True),
        ("staging", [], False),
        ("production", ["--force-upload"], False),
        ("production", ["--no-confirm-changeset"], True),
    ],
)
def test_where_no_one_can_answer(environment: str, options: list[str], *, deploys: bool) -> None:
    """A deployment that would ask is refused where no one can answer, unless an option says that it need not ask."""
    config = configured(environment)
    found = checked(config, environment)
    refused = pytest.raises(NotConfiguredError, match=f"{environment} asks before .* OPTIONS=--no-confirm-changeset")
    with nullcontext() if deploys else refused:
        check_unattended(config, found, options)


@pytest.mark.parametrize(("more", "processor"), [((), "arm64"), (("Architecture=x86_64",), "x86_64")])
def test_processor(more: tuple[str, ...], processor: str) -> None:
    """The layers are built for the processor that the environment's functions run on."""
    assert build_command(section(*more))[1] == processor


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_example_org(environment: str) -> None:
    """An environment that still has the example of an org is not deployed: no record of a real org would be its own."""
    with pytest.raises(NotConfiguredError, match=f"SalesforceOrgId of {environment}"):
        checked(samconfig.read(), environment)


def test_unknown_environment() -> None:
    """An environment without a section is refused by name."""
    with pytest.raises(NotConfiguredError, match=r"no section \[sandbox.deploy.parameters\]"):
        checked(configured("staging"), "sandbox")


@pytest.mark.parametrize(("length", "fits"), [(27, True), (28, False)])
def test_the_name_of_the_stack(length: int, fits: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A name that leaves too little room for the longest function's is refused, with the most that it may have."""
    if fits:
        assert section(stack_name="s" * length).stack_name == "s" * length
        return
    with pytest.raises(NotConfiguredError, match=r"has 28 characters, and 27 is the limit.*-with-return-data"):
        section(stack_name="s" * length)


def test_names_of_secrets() -> None:
    """The secrets are named after the environment, or as the section says: two stacks of one environment have two."""
    usual, second = section(), section("Environment=development", "SecretName=stigg/development-2")

    assert (usual.secret, usual.webhook_secret) == ("stigg/staging", "stigg/staging/webhook")
    assert (second.environment, second.secret, second.webhook_secret) == (
        "development",
        "stigg/development-2",
        "stigg/development-2/webhook",
    )


def test_a_release(tmp_path: Path) -> None:
    """A release has another name when a file, its place or a parameter is another one, and else the same."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.py").write_text("1")
    names = [release_of(tmp_path, {"LogLevel": "INFO"}) for _ in range(2)]
    names.append(release_of(tmp_path, {"LogLevel": "ERROR"}))
    (tmp_path / "a" / "one.py").write_text("2")
    names.append(release_of(tmp_path, {"LogLevel": "INFO"}))
    (tmp_path / "a" / "one.py").rename(tmp_path / "a" / "two.py")
    names.append(release_of(tmp_path, {"LogLevel": "INFO"}))

    assert names[0] == names[1]
    assert len(set(names)) == 4
    assert all(len(name) == 16 for name in some(names))


def test_snapshots_name_their_release() -> None:
    """With SnapStart the release goes along with all the section's parameters, which the command line replaces."""
    both = section("SnapStart=on", "AllowedSalesforceOrgIds=00D5g000004HvZlEAK, 00D5g000004HvZmEAK")
    command = deploy_command(both, TARGET, [])
    overrides = command[command.index("--parameter-overrides") + 1 :]

    assert overrides[0].startswith('Release="')
    assert 'SnapStart="on"' in overrides
    assert 'AllowedSalesforceOrgIds="00D5g000004HvZlEAK, 00D5g000004HvZmEAK"' in overrides
    assert 'Environment="staging"' in overrides


def test_a_roomy_account() -> None:
    """The account's limit is told beside what batches take of it."""
    (line,) = look(section(), Account())

    assert "may run 1000 functions of this account at once" in line
    assert "Batches take up to 22 (BatchWidth=10), webhooks 2" in line


@pytest.mark.parametrize(
    ("room", "width", "warned"), [(10, 10, True), (10, 1, True), (47, 10, True), (48, 10, False), (12, 1, False)]
)
def test_a_small_account(room: int, width: int, warned: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An account that batches could fill to more than a half is warned of, with the ways out."""
    printed = list(look(section(f"BatchWidth={width}"), Account(room)))

    assert f"(BatchWidth={width})" in printed[0]
    assert [line.startswith("WARNING: This leaves less than half") for line in printed[1:]] == [True] * warned
    assert not warned or "BatchWidth" in printed[1]


def test_what_may_not_be_read() -> None:
    """A look that AWS refuses is told, and holds up nothing."""
    printed = list(look(section(), Account(aws_error("AccessDeniedException"))))

    assert printed == ["Not checked (AccessDeniedException): The number of functions that the account may run at once."]


def test_api_gateway_without_a_role() -> None:
    """Where API Gateway has no role for its logs, a deployment that makes none would fail, and is refused."""
    with pytest.raises(NotConfiguredError, match="Give ApiGatewayLogRole=create in the section staging"):
        list(look(section(), Account(role=None)))

    assert len(list(look(section("ApiGatewayLogRole=create"), Account(role=None)))) == 1


@pytest.mark.parametrize(("owner", "warned"), [("other", True), ("stigg-actions-staging", False)])
def test_the_role_of_others(owner: str, warned: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Who would replace the role that others have set for the whole account is warned; the stack's own is no matter."""
    printed = list(look(section("ApiGatewayLogRole=create"), Account(role=ROLE.format(owner))))

    assert [line for line in printed if "replaces it for the whole account" in line] == printed[1:]
    assert len(printed) == 1 + warned


@pytest.mark.parametrize(
    ("shared", "own", "fits"),
    [
        (None, None, True),
        ('{"apiKey": "server-1"}', None, True),
        ("no JSON", "[]", True),
        ('{"webhookSecret": "w"}', '{"webhookSecret": "w"}', True),
        ('{"webhookSecret": "w"}', None, False),
        ('{"webhookSecret": "w"}', '{"environment": "staging"}', False),
    ],
)
def test_webhooks_that_would_be_refused(shared: str | None, own: str | None, fits: bool) -> None:  # noqa: FBT001
    """A deployment after which nobody would look where the webhooks' secret is is refused, with the way to move it."""
    held = {"stigg/staging": shared, "stigg/staging/webhook": own}
    account = Account(secrets={name: content for name, content in held.items() if content is not None})
    if fits:
        assert len(list(look(section(), account))) == 1
        return
    with pytest.raises(NotConfiguredError, match="run scripts/stigg-actions secret move-webhook-secret --env staging"):
        list(look(section(), account))

    assert len(list(look(section("WebhookSecretFallback=yes"), account))) == 1


def test_secrets_that_may_not_be_read() -> None:
    """Somebody who may deploy and not read the secret deploys all the same."""
    printed = list(look(section(), Account(secrets={"stigg/staging": aws_error("AccessDeniedException")})))

    assert [line.partition(": ")[0] for line in printed[1:]] == ["Not checked (AccessDeniedException)"] * 2
    assert "Whether the webhook secret is where" in printed[2]


@pytest.mark.parametrize("name", ["stigg/staging", "stigg/staging/webhook"])
def test_a_name_that_another_stack_has(name: str) -> None:
    """A second stack of an environment is refused before anything is sent, with the parameter that it needs."""
    secrets = {name: '{"environment": "staging"}'}
    with pytest.raises(NotConfiguredError, match=f"The secret {name} already exists.*SecretName=stigg/stigg-actions"):
        list(look(section(), Account(secrets=secrets, own=False)))

    assert len(list(look(section(), Account(secrets=secrets)))) == 1
    assert len(list(look(section("SecretName=stigg/second"), Account(secrets=secrets, own=False)))) == 1
