"""stigg-actions secret: it stores a field, keeps the others, and never shows a key."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import boto3
import pytest
from botocore.exceptions import ClientError

from console.commands.secret import Field
from console.errors import RefusedError
from console.secrets import FIELDS, Secrets, changed, checked, read
from local.stack.ministack import Ministack
from local.stack.template import ROOT
from tests.support.fakes import FakeSecretsManager, aws_error
from tests.support.program import Program

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ID, WEBHOOKS = "stigg/staging", "stigg/staging/webhook"
OLD = {"environment": "staging", "apiKey": "server-1", "webhookSecret": "whsec-old"}
KEY = "server-0123456789"
NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
PROGRAM: list[str | Path] = [ROOT / ".venv" / "bin" / "python", "-m", "console", "secret"]


@pytest.fixture(scope="module")
def manager(ministack: Ministack) -> Iterator["SecretsManagerClient"]:
    """Secrets Manager, with the secret of an environment as its stack makes it."""
    client = boto3.client("secretsmanager", **ministack.client_settings())
    client.create_secret(Name=ID, SecretString='{"environment": "staging"}')
    yield client
    client.delete_secret(SecretId=ID, ForceDeleteWithoutRecovery=True)
    client.close()


@pytest.fixture
def environment(ministack: Ministack) -> dict[str, str]:
    """What the program needs to find Secrets Manager."""
    settings = ministack.client_settings()
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": ministack.url,
        "AWS_ACCESS_KEY_ID": str(settings["aws_access_key_id"]),
        "AWS_SECRET_ACCESS_KEY": str(settings["aws_secret_access_key"]),
        "AWS_REGION": str(settings["region_name"]),
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'shared'}",
    }


@pytest.fixture
def webhooks(manager: "SecretsManagerClient") -> Iterator["SecretsManagerClient"]:
    """Secrets Manager, with the secret of the webhooks, too, as newer stacks make it."""
    manager.create_secret(Name=WEBHOOKS, SecretString='{"environment": "staging"}')
    yield manager
    manager.delete_secret(SecretId=WEBHOOKS, ForceDeleteWithoutRecovery=True)


def stored(manager: "SecretsManagerClient", name: str = ID) -> dict[str, Any]:
    """Return what a secret holds."""
    content: dict[str, Any] = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    return content


def put(manager: "SecretsManagerClient", content: dict[str, Any], name: str = ID) -> None:
    """Let a secret hold something."""
    manager.put_secret_value(SecretId=name, SecretString=json.dumps(content))


def run(environment: dict[str, str], value: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a value on its standard input."""
    return subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, *arguments], input=value, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_first_key_and_rotation(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """The first key goes into the secret that the stack has made, and webhook secrets are rotated; none is shown."""
    said = [
        run(environment, f"{KEY}\n", "set", "api-key", "--env", "staging"),
        run(environment, "whsec-first\n", "set", "webhook-secret", "--env", "staging"),
        run(environment, "whsec-second\n", "set", "webhook-secret", "--env", "staging", "--keep-hours", "48"),
    ]
    content = stored(manager)
    until = datetime.fromisoformat(content.pop("previousWebhookSecretUntil"))

    assert [one.returncode for one in said] == [0, 0, 0], said[-1].stderr
    assert content == {
        "environment": "staging",
        "apiKey": KEY,
        "webhookSecret": "whsec-second",
        "previousWebhookSecret": "whsec-first",
    }
    assert 47 < (until - datetime.now(UTC)).total_seconds() / 3600 <= 48
    assert not [one for one in said if "0123" in one.stdout + one.stderr or "whsec-" in one.stdout + one.stderr]


def test_an_older_stack(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """Where the stack has no secret for webhooks yet, theirs is stored beside the key, and cannot be moved."""
    put(manager, OLD)
    moved = run(environment, "", "move-webhook-secret", "--env", "staging")
    rotated = run(environment, "whsec-new", "set", "webhook-secret", "--env", "staging")

    assert (moved.returncode, rotated.returncode) == (1, 0)
    assert f"The secret {WEBHOOKS} does not exist yet. Deploy this version of the stack first." in moved.stderr
    assert (stored(manager)["webhookSecret"], stored(manager)["previousWebhookSecret"]) == ("whsec-new", "whsec-old")


def test_the_move(webhooks: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """What concerns webhooks leaves the secret of the key for its own; moved once more, nothing changes."""
    put(webhooks, OLD | {"previousWebhookSecret": "whsec-older", "previousWebhookSecretUntil": "2027-01-01T00:00:00Z"})
    said = [run(environment, "", "move-webhook-secret", "--env", "staging") for _ in range(2)]

    assert [one.returncode for one in said] == [0, 0], said[0].stderr
    assert stored(webhooks) == {"environment": "staging", "apiKey": "server-1"}
    assert stored(webhooks, WEBHOOKS) == {
        "environment": "staging",
        "webhookSecret": "whsec-old",
        "previousWebhookSecret": "whsec-older",
        "previousWebhookSecretUntil": "2027-01-01T00:00:00Z",
    }
    assert not [one for one in said if "whsec-" in one.stdout + one.stderr]


def test_rotation_during_the_move(webhooks: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """A new webhook secret goes into its own; the one beside the key is the former one, and leaves there."""
    put(webhooks, OLD)
    rotated = run(environment, "whsec-new", "set", "webhook-secret", "--env", "staging")
    own = stored(webhooks, WEBHOOKS)

    assert rotated.returncode == 0, rotated.stderr
    assert (own["webhookSecret"], own["previousWebhookSecret"]) == ("whsec-new", "whsec-old")
    assert stored(webhooks) == {"environment": "staging", "apiKey": "server-1"}


def test_an_interrupted_move(webhooks: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """What stands in the webhooks' own secret is in force and stays, whatever is left beside the key."""
    put(webhooks, OLD)
    put(webhooks, {"environment": "staging", "webhookSecret": "whsec-new"}, WEBHOOKS)
    moved = run(environment, "", "move-webhook-secret", "--env", "staging")

    assert moved.returncode == 0, moved.stderr
    assert stored(webhooks, WEBHOOKS)["webhookSecret"] == "whsec-new"
    assert "webhookSecret" not in stored(webhooks)


def test_starting_over_with_webhooks(webhooks: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """An unreadable secret of webhooks is written over when that is wanted, and no other."""
    put(webhooks, OLD)
    webhooks.put_secret_value(SecretId=WEBHOOKS, SecretString="no JSON")
    refused = run(environment, "whsec-new", "set", "webhook-secret", "--env", "staging")
    mended = run(environment, "whsec-new", "set", "webhook-secret", "--env", "staging", "--start-over")

    assert (refused.returncode, mended.returncode) == (1, 0)
    assert stored(webhooks, WEBHOOKS) == {"environment": "staging", "webhookSecret": "whsec-new"}
    assert stored(webhooks) == OLD


def test_secrets_that_may_not_be_looked_at() -> None:
    """When AWS refuses to tell whether there is a secret for webhooks, nothing is stored beside the key instead."""

    class Forbidden:
        """Secrets Manager that refuses."""

        @staticmethod
        def describe_secret(*, SecretId: str) -> None:  # noqa: N803 - boto3's own name
            """Refuse."""
            raise aws_error("AccessDeniedException", SecretId=SecretId)

    with pytest.raises(ClientError, match="AccessDenied"):
        Secrets(Forbidden(), "staging", ID, WEBHOOKS).store("webhookSecret", "whsec-new")


def test_typing_is_not_shown(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """At a terminal the key is asked for, and what is typed does not appear."""
    mine, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own program
        [*PROGRAM, "set", "api-key", "--env", "staging"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=ROOT,
        start_new_session=True,
    ) as program:
        shown = os.read(mine, 1000)
        while b"not shown" not in shown:
            shown += os.read(mine, 1000)
        os.write(mine, b"server-typed\n")
        code = program.wait()
    os.close(theirs)
    shown += os.read(mine, 1000)
    os.close(mine)

    assert (code, stored(manager)["apiKey"]) == (0, "server-typed")
    assert b"server-typed" not in shown


def test_a_wrong_key(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """What is no server key is refused before anything is stored, and not repeated."""
    before = stored(manager)
    refused = run(environment, "client-0123", "set", "api-key", "--env", "staging")

    assert (refused.returncode, stored(manager)) == (1, before)
    assert "publishable client- key" in refused.stderr
    assert "0123" not in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sk_1", "starts with server-"),
        ("", "is empty"),
        (" ", "is empty"),
        ("server-a b", "not a valid apiKey"),
        ("server-\u00e9", "not a valid apiKey"),
        ("server-a\x07", "not a valid apiKey"),
    ],
)
def test_values_that_are_no_key(value: str, said: str) -> None:
    """A value of another form, with blanks, control characters or letters of other alphabets inside is refused."""
    with pytest.raises(RefusedError, match=said):
        checked("apiKey", value)


def test_blanks_around() -> None:
    """What surrounds a value is dropped."""
    assert checked("apiKey", f"  {KEY}\n") == KEY


def test_other_fields_are_kept() -> None:
    """A change leaves the other fields alone, also those that are not known here."""
    before = {"environment": "staging", "apiKey": "server-old", "environmentSlug": "staging-1", "note": "ours"}

    assert changed(before, "apiKey", KEY, now=NOW, hours=24) == before | {"apiKey": KEY}


@pytest.mark.parametrize("before", [{}, {"webhookSecret": ""}, {"webhookSecret": "whsec-new"}])
def test_nothing_to_keep(before: dict[str, Any]) -> None:
    """The first webhook secret, or the same one again, leaves no former one."""
    assert changed(before, "webhookSecret", "whsec-new", now=NOW, hours=24) == {"webhookSecret": "whsec-new"}


def test_former_webhook_secret() -> None:
    """The former webhook secret is kept until a moment that is written as ISO 8601 in UTC."""
    assert changed({"webhookSecret": "whsec-old"}, "webhookSecret", "whsec-new", now=NOW, hours=24) == {
        "webhookSecret": "whsec-new",
        "previousWebhookSecret": "whsec-old",
        "previousWebhookSecretUntil": "2026-02-01T09:30:00Z",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no JSON", "is not a JSON object"),
        ("[]", "is not a JSON object"),
        ({"SecretBinary": b""}, "is not a JSON object"),
        ('{"environment": "production"}', "secret of environment 'production'"),
        (aws_error("ResourceNotFoundException"), "Deploy its stack first"),
    ],
)
def test_another_secret(content: Any, said: str) -> None:  # noqa: ANN401 - what is there
    """A secret that is missing, unreadable or of another environment is not written over."""
    with pytest.raises(RefusedError, match=said):
        read(FakeSecretsManager(content).client, ID, "staging")


def test_starting_over(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """An unreadable secret is written over when that is wanted."""
    manager.put_secret_value(SecretId=ID, SecretString="no JSON")
    mended = run(environment, KEY, "set", "api-key", "--env", "staging", "--start-over")

    assert mended.returncode == 0
    assert stored(manager) == {"environment": "staging", "apiKey": KEY}


def test_every_field_can_be_stored() -> None:
    """The command takes the name of each field of a secret."""
    assert set(get_args(Field)) == FIELDS.keys()


@pytest.mark.parametrize("target", [(), ("--stack", "stigg-actions-staging"), ("--env", "staging", "--stack", "x")])
def test_no_environment(program: Program, target: tuple[str, ...]) -> None:
    """A secret is that of an environment, so a stack alone does not name one."""
    ran = program.run("secret", "set", "api-key", *target)

    assert (ran.code, program.targets) == (2, [])
    assert "Name the environment: --env" in ran.err


def test_for_scripts(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """With --json the names of the fields are printed, and none of the values."""
    put(manager, {"environment": "staging"})
    said = run(environment, KEY, "set", "api-key", "--env", "staging", "--json")

    assert json.loads(said.stdout) == {"success": True, "secret": ID, "fields": ["apiKey", "environment"]}


def test_an_environment_without_a_section(ministack: Ministack, environment: dict[str, str]) -> None:
    """An environment that samconfig.toml does not have is one by its name; its secret does not exist here."""
    said = run(environment, KEY, "set", "api-key", "--env", "sandbox")

    assert (said.returncode, said.stderr.splitlines()[0]) == (
        1,
        f"stigg/sandbox in AWS account 000000000000, region {ministack.client_settings()['region_name']}.",
    )
    assert "The secret stigg/sandbox does not exist" in said.stderr


def test_credentials_of_salesforce_have_a_secret_of_their_own(manager: "SecretsManagerClient") -> None:
    """They go to a secret that no function reads, and the secret of the key stays as it is."""
    own = f"{ID}/salesforce"
    manager.create_secret(Name=own, SecretString='{"environment": "staging"}')
    before = read(manager, ID, "staging")

    stored = Secrets(manager, "staging", ID, WEBHOOKS).store("salesforceClientId", "3MVG9")

    assert stored == (own, {"environment": "staging", "salesforceClientId": "3MVG9"})
    assert read(manager, ID, "staging") == before
    manager.delete_secret(SecretId=own, ForceDeleteWithoutRecovery=True)
