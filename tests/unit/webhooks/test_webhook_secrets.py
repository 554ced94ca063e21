"""The secret of an environment's webhooks, and the one where older stacks keep it."""

import pytest

from stigg_actions.errors import Misconfigured, StiggUnavailable
from tests.support.fakes import FakeClock, SecretsByName, aws_error, secret_text, webhook_secrets_of

OWN, OLD = secret_text(apiKey=None, webhookSecret="whsec-own"), secret_text(webhookSecret="whsec-old")
EMPTY = secret_text(apiKey=None)
ABSENT = aws_error("ResourceNotFoundException")


def test_its_own_secret_counts(clock: FakeClock) -> None:
    """Where the webhooks' own secret holds one, no other secret is read."""
    secrets = webhook_secrets_of(SecretsByName(webhook=OWN, old=ABSENT), clock, "old")

    assert secrets.current().accepted(clock.now()) == ["whsec-own"]


def test_the_secret_of_an_older_stack_counts_until_it_has_moved(clock: FakeClock) -> None:
    """As long as the webhooks' own secret holds none, the one beside the server key lets webhooks in."""
    secrets = webhook_secrets_of(SecretsByName(webhook=EMPTY, old=OLD), clock, "old")

    assert secrets.current().accepted(clock.now()) == ["whsec-old"]


def test_no_other_secret_is_read_where_none_is_named(clock: FakeClock) -> None:
    """Without a second secret an empty one means that no webhook gets in."""
    secrets = webhook_secrets_of(SecretsByName(webhook=EMPTY, old=OLD), clock)

    assert secrets.current().accepted(clock.now()) == []


@pytest.mark.parametrize(
    ("old", "error"),
    [
        (secret_text(environment="production", webhookSecret="whsec-old"), Misconfigured),
        (ABSENT, Misconfigured),
        (aws_error("InternalServiceError"), StiggUnavailable),
    ],
)
def test_an_older_secret_that_cannot_be_used(clock: FakeClock, old: str | Exception, error: type[Exception]) -> None:
    """The second secret is held to the same rules as the first: its environment's, and readable."""
    secrets = webhook_secrets_of(SecretsByName(webhook=EMPTY, old=old), clock, "old")
    with pytest.raises(error):
        secrets.current()


def test_errors_name_the_webhook_secret(clock: FakeClock) -> None:
    """Who has to act is sent to the webhooks' secret, not to the one of the server key."""
    secrets = webhook_secrets_of(SecretsByName(webhook=ABSENT), clock)
    with pytest.raises(Misconfigured, match="The webhook secret of the Stigg environment development cannot be read"):
        secrets.current()


def test_no_representation(clock: FakeClock) -> None:
    """What webhooks bear is in no representation, so it cannot get into a log by accident."""
    kept = webhook_secrets_of(SecretsByName(webhook=OWN), clock).current()

    assert "whsec-own" not in f"{kept!r} {kept}"
