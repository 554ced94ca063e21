"""scripts/stigg-secret: it stores what it is told, keeps the rest, and shows a key to nobody."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.stack.ministack import Ministack
from local.stack.template import ROOT, template
from scripts.stigg_secret import ENVIRONMENTS, RefusedError, changed, checked, read
from tests.support.fakes import FakeSecretsManager, aws_error

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ID = "stigg/staging"
KEY = "server-0123456789"
NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
PROGRAM: list[str | Path] = [ROOT / ".venv" / "bin" / "python", "-m", "scripts.stigg_secret"]


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
    }


def stored(manager: "SecretsManagerClient") -> dict[str, Any]:
    """Return what the secret holds."""
    content: dict[str, Any] = json.loads(manager.get_secret_value(SecretId=ID)["SecretString"])
    return content


def run(environment: dict[str, str], value: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a value on its standard input."""
    return subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, *arguments], input=value, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_first_key_and_rotation(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """The first key goes into the secret that the stack has made, and webhook secrets are rotated; none is shown."""
    said = [
        run(environment, f"{KEY}\n", "staging", "api-key"),
        run(environment, "whsec-first\n", "staging", "webhook-secret"),
        run(environment, "whsec-second\n", "staging", "webhook-secret", "--keep-hours", "48"),
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


def test_typing_is_not_shown(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """At a terminal the key is asked for, and what is typed does not appear."""
    mine, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own program
        [*PROGRAM, "staging", "api-key"],
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
    refused = run(environment, "client-0123", "staging", "api-key")

    assert (refused.returncode, stored(manager)) == (1, before)
    assert "publishable client- key" in refused.stderr
    assert "0123" not in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sk_1", "starts with server-"),
        ("", "is empty"),
        (" ", "is empty"),
        ("server-a b", "That is no apiKey"),
        ("server-\u00e9", "That is no apiKey"),
        ("server-a\x07", "That is no apiKey"),
    ],
)
def test_values_that_are_no_key(value: str, said: str) -> None:
    """A value of another form, with blanks, control characters or letters of other alphabets inside is refused."""
    with pytest.raises(RefusedError, match=said):
        checked("apiKey", value)


def test_environments() -> None:
    """The program knows the environments that the template knows."""
    assert list(ENVIRONMENTS) == template()["Parameters"]["Environment"]["AllowedValues"]


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
        ("no JSON", "holds no JSON object"),
        ("[]", "holds no JSON object"),
        ({"SecretBinary": b""}, "holds no JSON object"),
        ('{"environment": "production"}', "secret of 'production'"),
        (aws_error("ResourceNotFoundException"), "deploy its stack first"),
    ],
)
def test_another_secret(content: Any, said: str) -> None:  # noqa: ANN401 - what is there
    """A secret that is missing, unreadable or of another environment is not written over."""
    with pytest.raises(RefusedError, match=said):
        read(FakeSecretsManager(content).client, ID, "staging")


def test_starting_over(manager: "SecretsManagerClient", environment: dict[str, str]) -> None:
    """An unreadable secret is written over when that is wanted."""
    manager.put_secret_value(SecretId=ID, SecretString="no JSON")
    mended = run(environment, KEY, "staging", "api-key", "--start-over")

    assert mended.returncode == 0
    assert stored(manager) == {"environment": "staging", "apiKey": KEY}
