"""The secret of a Stigg environment."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from stigg_actions.errors import Misconfigured, StiggUnavailable
from stigg_actions.secrets import StiggSecret
from tests.support.fakes import KEY, ROTATED_KEY, FakeClock, FakeSecretsManager, aws_error, secret_text, secrets_of


def test_content(clock: FakeClock) -> None:
    """The secret holds the key, the slug for links, and the id of Stigg's Salesforce integration."""
    text = secret_text(environmentSlug="dev-1", salesforceIntegrationId="integration-1", webhookSecret="w")
    secret = secrets_of(FakeSecretsManager(text), clock).current()

    assert (
        secret.api_key,
        secret.environment_slug,
        secret.salesforce_integration_id,
    ) == (KEY, "dev-1", "integration-1")


@pytest.mark.parametrize("value", [None, "", 5])
def test_optional_content(clock: FakeClock, value: object) -> None:
    """What is optional may be missing, blank or nonsense: it is as if it were not there."""
    text = secret_text(environmentSlug=value, salesforceIntegrationId=value)
    secret = secrets_of(FakeSecretsManager(text), clock).current()

    assert (secret.environment_slug, secret.salesforce_integration_id) == (None, None)


def test_no_representation(clock: FakeClock) -> None:
    """The key is in no representation, so it cannot get into a log by accident."""
    secret = secrets_of(FakeSecretsManager(secret_text()), clock).current()

    assert KEY not in f"{secret!r} {secret}"


def test_kept_for_five_minutes(clock: FakeClock) -> None:
    """The secret is read once, and again when five minutes have passed."""
    manager = FakeSecretsManager(secret_text(), secret_text(apiKey=ROTATED_KEY))
    secrets = secrets_of(manager, clock)
    first = secrets.current()
    clock.wait(300)
    kept = secrets.current()
    clock.wait(1)
    renewed = secrets.current()

    assert [first.api_key, kept.api_key, renewed.api_key] == [KEY, KEY, ROTATED_KEY]
    assert manager.reads == ["stigg/development"] * 2


def test_read_again(clock: FakeClock) -> None:
    """A rejected key is read again whatever its age, and the new one is kept."""
    secrets = secrets_of(FakeSecretsManager(secret_text(), secret_text(apiKey=ROTATED_KEY)), clock)
    secrets.current()

    assert secrets.read_again() is secrets.current()
    assert secrets.current().api_key == ROTATED_KEY


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("no json", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ({"SecretBinary": b"x"}, "is binary"),
        (secret_text(environment=None), 'is not marked "environment": "development"'),
        (secret_text(environment="production"), 'is not marked "environment": "development"'),
        (secret_text(apiKey=None), "has no apiKey"),
        (secret_text(apiKey="  "), "has no apiKey"),
        (secret_text(apiKey=5), "has no apiKey"),
        (secret_text(apiKey="client-x"), r"contains a publishable key \(client-"),
        (secret_text(apiKey="pasted"), "contains an apiKey that is not a server API key"),
        (secret_text(apiKey="server-x\n"), "contains an apiKey that is not a server API key"),
        (secret_text(apiKey="server-ü"), "contains an apiKey that is not a server API key"),
    ],
)
def test_unusable(clock: FakeClock, content: str | Mapping[str, Any], problem: str) -> None:
    """A secret that cannot be used names its environment and what to mend."""
    with pytest.raises(Misconfigured, match=f"The secret of the Stigg environment development {problem}") as error:
        secrets_of(FakeSecretsManager(content), clock).current()

    assert error.value.code == "NOT_CONFIGURED"


@pytest.mark.parametrize("key", ["client-a1b2", "pasted-a1b2", "server-a1b2\n"])
def test_message_without_key(clock: FakeClock, key: str) -> None:
    """What is wrong with a key is told without the key."""
    with pytest.raises(Misconfigured) as error:
        secrets_of(FakeSecretsManager(secret_text(apiKey=key)), clock).current()

    assert "a1b2" not in error.value.message


@pytest.mark.parametrize(
    "code", ["ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure", "InvalidRequestException"]
)
def test_unreadable(clock: FakeClock, code: str) -> None:
    """A secret that is missing or may not be read is for the operator to mend."""
    with pytest.raises(Misconfigured, match="cannot be read: create it, and allow this function to read it"):
        secrets_of(FakeSecretsManager(aws_error(code)), clock).current()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (aws_error("ThrottlingException"), "ThrottlingException"),
        (ConnectTimeoutError(endpoint_url="https://aws"), "ConnectTimeoutError"),
    ],
)
def test_no_answer(clock: FakeClock, error: Exception, reason: str) -> None:
    """A Secrets Manager that does not answer is worth another try, and no request was sent to Stigg."""
    with pytest.raises(StiggUnavailable, match=rf"SECRETS_UNAVAILABLE: .+ \({reason}\)") as unavailable:
        secrets_of(FakeSecretsManager(error), clock).current()

    assert unavailable.value.may_retry


def test_first_read_is_tried_twice(clock: FakeClock) -> None:
    """A moment without Secrets Manager does not fail a cold start."""
    secrets = secrets_of(FakeSecretsManager(aws_error("ThrottlingException"), secret_text()), clock)

    assert secrets.current().api_key == KEY


def test_kept_while_unavailable(clock: FakeClock) -> None:
    """A secret that cannot be refreshed stays in use, and is asked for again only half a minute later."""
    silence = ConnectTimeoutError(endpoint_url="https://aws")
    manager = FakeSecretsManager(secret_text(), silence, secret_text(apiKey=ROTATED_KEY))
    secrets = secrets_of(manager, clock)
    secrets.current()
    clock.wait(301)
    stale = [secrets.current().api_key for _ in range(2)]
    clock.wait(31)

    assert (stale, secrets.current().api_key) == ([KEY, KEY], ROTATED_KEY)
    assert len(manager.reads) == 3


def test_refresh_of_a_broken_secret(clock: FakeClock) -> None:
    """A secret that was broken since it was kept is told, not overlooked."""
    secrets = secrets_of(FakeSecretsManager(secret_text(), "no json"), clock)
    secrets.current()
    clock.wait(301)
    with pytest.raises(Misconfigured, match="is not JSON"):
        secrets.current()


def test_read_again_while_unavailable(clock: FakeClock) -> None:
    """When the key was rejected, the kept one is no way out."""
    secrets = secrets_of(FakeSecretsManager(secret_text(), aws_error("ThrottlingException")), clock)
    secrets.current()
    with pytest.raises(StiggUnavailable, match="SECRETS_UNAVAILABLE"):
        secrets.read_again()


def test_failure_is_not_kept(clock: FakeClock) -> None:
    """A secret that has been mended is used with the next request."""
    secrets = secrets_of(FakeSecretsManager("no json", secret_text()), clock)
    with pytest.raises(Misconfigured):
        secrets.current()

    assert secrets.current().api_key == KEY


def test_customer_url_without_a_slug() -> None:
    """Without the environment's slug, no address of a customer in the Stigg app is known."""
    assert StiggSecret("server-x", None, None).customer_url("cust-acme") is None
