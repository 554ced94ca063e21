"""The set-up program over an org in memory, a Salesforce CLI that answers for it, and an AWS in memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError
from typer.testing import CliRunner

from console.program import app
from console.stack import Stack, Target
from local.salesforce_org.administration.cli import PATH, TOKEN, Cli
from local.salesforce_org.administration.interface import routes
from local.salesforce_org.administration.state import ORG_ID, Administration, Service, Signed
from local.salesforce_org.org import Org
from local.salesforce_org.rest.answers import Answer, Request
from local.salesforce_org.rest.interface import RestInterface
from local.salesforce_org.rest.server import serving
from local.salesforce_org.selling import PROJECT
from tests.support.fake_iam import FakeIam
from tests.support.program import Ran

URL, REGION, POLICY = "https://abc.execute-api.eu-central-1.amazonaws.com/v1", "eu-central-1", "arn:aws:iam::1:policy/c"
STACK = "stigg-actions-development"
HEALTHY = {
    "success": True,
    "outcome": "healthy",
    "correlationId": "c",
    "replayed": False,
    "environment": "development",
    "salesforceOrgId": ORG_ID,
    "failedChecks": 0,
    "summary": "All 16 checks have passed.",
    "checks": [],
}
SCRIPT = """#!{python} -IS
import json, os, socket, sys

asked = json.dumps({{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}).encode()
with socket.create_connection(("127.0.0.1", {port})) as connection, connection.makefile("rb") as answered:
    connection.sendall(b"POST {path} HTTP/1.0\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(asked) + asked)
    head, _, body = answered.read().partition(b"\\r\\n\\r\\n")
if b" 200 " not in head.partition(b"\\n")[0]:
    sys.exit("the answer is lost")
replied = json.loads(body)
print(json.dumps(replied["document"]))
sys.exit(replied["code"])
"""
"""The program `sf`, without a library that takes long to load."""


class Interrupting(RestInterface):
    """The interface of an org whose answer to one change is lost."""

    lost_after: int | None = None
    """The number of changes after which the next answer is lost, and nothing more is heard until it is None."""
    changes: list[str]

    def answer(self, request: Request) -> Answer:
        """Answer a request, unless the program's run is over."""
        answer = super().answer(request)
        is_over = self.lost_after is not None and len(self.changes) >= self.lost_after
        return Answer(503, [{"errorCode": "LOST", "message": "the answer is lost"}]) if is_over else answer


@dataclass
class OrgToSetUp:
    """An org, the CLI and AWS, and the program that sets the org up."""

    administration: Administration
    rest: Interrupting
    cli: Cli
    iam: FakeIam
    stacks: dict[str, dict[str, Any]]
    pauses: list[float] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    """Secrets that were made, which nothing may print."""

    @property
    def changes(self) -> list[str]:
        """What was changed in the org and in AWS so far."""
        return self.administration.changes

    def run(self, *options: str, stack: str = STACK) -> Ran:
        """Run the program; what it prints must have no secret."""
        arguments = ["salesforce", "setup", "--org", self.cli.alias, "--stack", stack, *options]
        result = CliRunner().invoke(app, arguments, obj=self._connect, catch_exceptions=False)
        secrets = [key["SecretAccessKey"] for user in self.iam.users.values() for key in user.keys.values()]
        assert not [secret for secret in (*secrets, TOKEN) if secret in result.output]
        return Ran(result.exit_code, result.stdout, result.stderr)

    def interrupt_after(self, changes: int | None) -> None:
        """Lose the run after so many changes; None lets every run end."""
        self.rest.lost_after = changes

    def changed(self, what: str) -> None:
        """Take note of a change in AWS; the program is stopped there if its run is to be lost."""
        self.changes.append(what)
        if self.rest.lost_after is not None and len(self.changes) >= self.rest.lost_after:
            raise KeyboardInterrupt

    def _connect(self, target: Target) -> Stack:
        clients = {"iam": self.iam, "cloudformation": self}
        return Stack(str(target.stack), "AWS account 1", clients.__getitem__, self.pauses.append)

    @property
    def meta(self) -> Any:  # noqa: ANN401 - of boto3
        """What a client of CloudFormation knows."""
        return SimpleNamespace(region_name=REGION)

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        """Describe a stack."""
        if StackName not in self.stacks:
            error = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")  # type: ignore[typeddict-item]
        return {"Stacks": [self.stacks[StackName]]}


def stack_description(**parameters: str) -> dict[str, Any]:
    """A deployed stack, as CloudFormation describes it."""
    outputs = {"ApiUrl": URL, "SalesforceCallerPolicyArn": POLICY}
    return {
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }


@contextmanager
def org_to_set_up(folder: Path, service: Service | None = None) -> Iterator[OrgToSetUp]:
    """Give an org without the project, and install a program `sf` in a folder, which must be on the PATH.

    Its calls go to `service`; without one to the AWS in memory, which checks the signature.
    """
    world: OrgToSetUp

    def changed(what: str) -> None:
        world.changed(what)

    def aws(signed: Signed, _action: str, _body: str) -> tuple[int, dict[str, Any]]:
        problem = world.iam.use(signed.key_id, signed.secret, POLICY)
        if (signed.url, signed.region) != (URL, REGION):
            problem = "INVALID_SIGNATURE: the region or address is wrong"
        return (403, {"errorMessage": problem}) if problem else (200, dict(HEALTHY))

    org = Org(PROJECT, lambda *_: (500, {}), datetime(2026, 1, 1, tzinfo=UTC))
    administration = Administration(org, service or aws)
    rest = Interrupting(administration.org, {})
    rest.changes = administration.changes
    rest.tokens.valid.add(TOKEN)
    with serving(rest) as url:
        cli = Cli(administration, url)
        rest.routes.add(*routes(administration), cli.route())
        install(folder, url)
        iam = FakeIam(changed)
        world = OrgToSetUp(administration, rest, cli, iam, {STACK: stack_description(SalesforceOrgId=ORG_ID)})
        yield world


def install(folder: Path, url: str) -> None:
    """Install a program `sf` that asks an org in memory for its answers."""
    script = folder / "sf"
    script.write_text(SCRIPT.format(python=sys.executable, port=urlsplit(url).port, path=PATH))
    script.chmod(0o755)
