"""The settings of a deployment, read from environment variables on first use."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from stigg_actions.errors import Misconfigured, Refused
from stigg_actions.salesforce_ids import organization_id

UTC_NAME = "UTC"


class Settings(NamedTuple):
    """The deployment's settings: the Stigg environment, its tables, queue and secret, the Salesforce orgs."""

    environment: str
    stigg_api_url: str
    secret_id: str
    mappings_table: str
    operations_table: str
    batches_table: str
    batch_queue_url: str
    batch_writes_per_minute: int
    default_org_id: str
    allowed_org_ids: frozenset[str]
    grace_plan_id: str | None = None
    time_zone: str = UTC_NAME

    def organization(self, given: str | None) -> str:
        """Return the Salesforce org of a request: the one that it names, or the deployment's own.

        Raises:
            Refused: this environment does not serve the org.
        """
        org_id = given or self.default_org_id
        if org_id not in self.allowed_org_ids:
            raise Refused(
                "ORG_NOT_ALLOWED",
                f"The {self.environment} environment does not serve the Salesforce org {org_id}. "
                "Call the stack of the right environment, or add the org to AllowedSalesforceOrgIds.",
            )
        return org_id


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables, as the template sets them.

    Raises:
        Misconfigured: a variable is missing or has an invalid value.
    """
    default_org_id = _org_id(required(environment, "DEFAULT_SALESFORCE_ORG_ID"), "DEFAULT_SALESFORCE_ORG_ID")
    allowed = environment.get("ALLOWED_SALESFORCE_ORG_IDS", "").split(",")
    return Settings(
        environment=required(environment, "STIGG_ENVIRONMENT"),
        stigg_api_url=required(environment, "STIGG_API_URL"),
        secret_id=required(environment, "STIGG_SECRET_ID"),
        mappings_table=required(environment, "MAPPINGS_TABLE"),
        operations_table=required(environment, "OPERATIONS_TABLE"),
        batches_table=required(environment, "BATCHES_TABLE"),
        batch_queue_url=required(environment, "BATCH_QUEUE_URL"),
        batch_writes_per_minute=_number(environment, "BATCH_WRITES_PER_MINUTE"),
        default_org_id=default_org_id,
        allowed_org_ids=frozenset(
            {default_org_id, *(_org_id(org, "ALLOWED_SALESFORCE_ORG_IDS") for org in allowed if org.strip())}
        ),
        grace_plan_id=environment.get("GRACE_PLAN_ID", "").strip() or None,
        time_zone=environment.get("TIME_ZONE", "").strip() or UTC_NAME,
    )


def required(environment: Mapping[str, str], name: str) -> str:
    """Read one environment variable.

    Raises:
        Misconfigured: the variable is missing.
    """
    value = environment.get(name, "").strip()
    if not value:
        raise Misconfigured("NOT_CONFIGURED", f"The environment variable {name} is not set; deploy the stack again.")
    return value


def _number(environment: Mapping[str, str], name: str) -> int:
    text = required(environment, name)
    if not (text.isascii() and text.isdigit() and int(text)):
        raise Misconfigured("NOT_CONFIGURED", f"The environment variable {name} is not a whole number above 0.")
    return int(text)


def _org_id(text: str, variable: str) -> str:
    try:
        return organization_id(text.strip())
    except ValueError as error:
        raise Misconfigured("NOT_CONFIGURED", f"{variable} {error}.") from None
