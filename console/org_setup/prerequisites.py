"""What must be there before anything is changed; each lack has its remedy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from console.errors import RefusedError
from console.org_setup.found import Found, State
from console.org_setup.org import Org
from console.org_setup.salesforce_cli import SalesforceCli
from console.org_setup.setup import Setup, Wishes
from console.salesforce_access import Access, of_stack
from console.stack import Stack, aws_errors


@contextmanager
def prepared(stack: Stack, cli: SalesforceCli, wishes: Wishes) -> Iterator[tuple[Setup, list[Found]]]:
    """Connect to the stack and the org; give the set-up, and what was found.

    Raises:
        UnreachableError: the CLI is missing, too old or not logged in; AWS or the org does not answer.
        RefusedError: the stack does not exist, the org has no My Domain, or the stack serves another org.
    """
    version = cli.version()
    login = cli.login()
    access = _access(stack)
    _require_served(stack, login.org_id)
    with Org(login) as org:
        yield (
            Setup(stack, access, cli, org, wishes),
            [
                Found(State.THERE, f"Salesforce CLI {version}, logged in to {cli.alias} ({login.org_id})"),
                Found(State.THERE, f"{stack.name} at {access.url}, region {access.region}"),
            ],
        )


def _access(stack: Stack) -> Access:
    try:
        with aws_errors():
            return of_stack(stack.client("cloudformation"), stack.name)
    except (RefusedError, KeyError) as error:
        reason = error if isinstance(error, RefusedError) else "It is no stack of this project."
        raise RefusedError(
            f"{stack.name} cannot be read in {stack.place}: {reason} Correct --env or --stack, or its --region."
        ) from None


def _require_served(stack: Stack, org_id: str) -> None:
    """Refuse an org that the stack's parameters do not name: every call would be refused."""
    with aws_errors():
        (found,) = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    parameters: dict[str, Any] = {
        one["ParameterKey"]: one.get("ParameterValue", "") for one in found.get("Parameters", ())
    }
    served = f"{parameters.get('SalesforceOrgId', '')},{parameters.get('AllowedSalesforceOrgIds', '')}"
    if org_id not in served.replace(" ", "").split(","):
        raise RefusedError(
            f"{stack.name} does not serve the org {org_id}. Set SalesforceOrgId or AllowedSalesforceOrgIds in "
            "samconfig.toml, and deploy the stack (docs/deploy.md)."
        )
