"""What all steps of a set-up work with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from console.org_setup import project
from console.org_setup.found import Found
from console.org_setup.org import Org
from console.org_setup.salesforce_cli import SalesforceCli
from console.salesforce_access import Access
from console.stack import Stack

type Step = Callable[["Setup"], Iterator[Found]]


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for."""

    aws_user: str
    users: tuple[str, ...] = ()
    """Usernames in Salesforce, besides that of the login."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values of the Stigg Settings by API name."""
    deploy: bool = True
    layouts: bool = True
    replace_key: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Setup:
    """One run: the stack, the org, and what is wished."""

    stack: Stack
    access: Access
    cli: SalesforceCli
    org: Org
    wishes: Wishes

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be changed."""
        return self.wishes.dry_run

    @property
    def iam(self) -> Any:  # noqa: ANN401 - a boto3 client
        """The client of IAM."""
        return self.stack.client("iam")

    @cached_property
    def is_deployed(self) -> bool:
        """Whether the org has the project already; asked once, before or after the deployment of this run."""
        return bool(self.org.find("PermissionSet", "Id", Name=project.permission_sets()))
