"""samconfig.toml: one complete section per Stigg environment, because SAM's sections inherit nothing."""

import tomllib

import pytest

from local.stack.template import ROOT, template

CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text())
ENVIRONMENTS = sorted(set(CONFIG) - {"version", "default"})


def test_environments() -> None:
    """There is a section for each of the three usual environments; others are added in the same form."""
    assert ENVIRONMENTS == ["development", "production", "staging"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_section_is_complete(environment: str) -> None:
    """A section deploys its environment as its own stack, with the parameters that have no default."""
    section = CONFIG[environment]["deploy"]["parameters"]
    parameters = dict(parameter.split("=", 1) for parameter in section["parameter_overrides"])

    assert section["stack_name"] == f"stigg-actions-{environment}"
    assert section["capabilities"] == ["CAPABILITY_IAM"]
    assert section["resolve_s3"] is True
    assert section["confirm_changeset"] is (environment != "development")
    assert section["fail_on_empty_changeset"] is False
    assert (section["s3_prefix"], f"environment={environment}" in section["tags"]) == (section["stack_name"], True)
    assert set(parameters) <= set(template()["Parameters"])
    assert (parameters["Environment"], len(parameters["SalesforceOrgId"])) == (environment, 18)
    assert parameters["WebhookSecretFallback"] == "no"  # a new stack keeps its webhooks' secret apart from the start


def test_every_parameter_is_shown() -> None:
    """The first section shows every parameter that an environment may set; a release is named by `make deploy`."""
    text = (ROOT / "samconfig.toml").read_text()

    assert [name for name in template()["Parameters"] if f'"{name}=' not in text] == ["StiggApiUrl", "Release"]
