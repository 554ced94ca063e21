"""The deployment's settings."""

import pytest

from stigg_actions.errors import Misconfigured, Refused
from stigg_actions.settings import Settings, settings_from

ORG = "00D000000000001EAA"
OTHER_ORG = "00D000000000002EAA"
VARIABLES = {
    "STIGG_ENVIRONMENT": "development",
    "STIGG_API_URL": "https://api.stigg.io",
    "STIGG_SECRET_ID": "stigg/development",
    "MAPPINGS_TABLE": "mappings",
    "OPERATIONS_TABLE": "operations",
    "BATCHES_TABLE": "batches",
    "BATCH_QUEUE_URL": "https://sqs.example/batches.fifo",
    "BATCH_WRITES_PER_MINUTE": "240",
    "DEFAULT_SALESFORCE_ORG_ID": ORG[:15],
}


def test_settings() -> None:
    """Every setting comes from its variable; org ids are stored in their long form."""
    expected = Settings(
        environment="development",
        stigg_api_url="https://api.stigg.io",
        secret_id="stigg/development",
        mappings_table="mappings",
        operations_table="operations",
        batches_table="batches",
        batch_queue_url="https://sqs.example/batches.fifo",
        batch_writes_per_minute=240,
        default_org_id=ORG,
        allowed_org_ids=frozenset({ORG}),
    )

    assert expected == settings_from(VARIABLES)


def test_time_zone() -> None:
    """The deployment's time zone comes from its variable, and is UTC if that is missing or blank."""
    assert settings_from({**VARIABLES, "TIME_ZONE": " Europe/Berlin "}).time_zone == "Europe/Berlin"
    assert {settings_from({**VARIABLES, **blank}).time_zone for blank in ({}, {"TIME_ZONE": " "})} == {"UTC"}


@pytest.mark.parametrize("allowed", [OTHER_ORG, f" {OTHER_ORG[:15]} ,", f"{ORG},{OTHER_ORG}"])
def test_allowed_orgs(allowed: str) -> None:
    """The deployment's own org is always served; further ones stand in a list."""
    settings = settings_from({**VARIABLES, "ALLOWED_SALESFORCE_ORG_IDS": allowed})

    assert {ORG, OTHER_ORG} == settings.allowed_org_ids


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["", "  "])
def test_missing(name: str, value: str) -> None:
    """A variable that is missing or blank is named."""
    with pytest.raises(Misconfigured, match=f"NOT_CONFIGURED: The environment variable {name} is not set"):
        settings_from({**VARIABLES, name: value})


@pytest.mark.parametrize("value", ["0", "-5", "many", "2.5", "\N{SUPERSCRIPT TWO}"])
def test_no_number(value: str) -> None:
    """A variable that holds no number above 0 is named."""
    with pytest.raises(Misconfigured, match="BATCH_WRITES_PER_MINUTE is not a whole number above 0"):
        settings_from({**VARIABLES, "BATCH_WRITES_PER_MINUTE": value})


@pytest.mark.parametrize("name", ["DEFAULT_SALESFORCE_ORG_ID", "ALLOWED_SALESFORCE_ORG_IDS"])
@pytest.mark.parametrize("value", ["001000000000001", "acme"])
def test_no_org(name: str, value: str) -> None:
    """A variable that holds no org id is named."""
    with pytest.raises(Misconfigured, match=f"NOT_CONFIGURED: {name} is not a"):
        settings_from({**VARIABLES, name: value})


@pytest.mark.parametrize(("given", "expected"), [(None, ORG), (ORG, ORG), (OTHER_ORG, OTHER_ORG)])
def test_organization(given: str | None, expected: str) -> None:
    """A request comes from the org that it names, or else from the deployment's own."""
    settings = settings_from({**VARIABLES, "ALLOWED_SALESFORCE_ORG_IDS": OTHER_ORG})

    assert expected == settings.organization(given)


def test_foreign_organization() -> None:
    """An org that this environment does not serve is refused with HTTP 403."""
    with pytest.raises(
        Refused, match=f"ORG_NOT_ALLOWED: The development environment does not serve the Salesforce org {OTHER_ORG}"
    ) as refused:
        settings_from(VARIABLES).organization(OTHER_ORG)

    assert refused.value.http_status == 403
