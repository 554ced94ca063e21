"""A second stack of the same environment beside the first, from a release's bundle, with what changes a deployment."""

import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.stack import LocalStack, LocalStackError
from local.stack.deployment import ARTIFACTS, SALESFORCE_ORG_ID, SECRETS
from local.stack.sam import deploy, machine_architecture
from local.stack.template import functions
from scripts.bundle.contents import assemble

STACK = "stigg-second"
SNAPSHOTS = ("preview-subscription", "provision-opportunity")
PARAMETERS = {
    "Environment": "development",
    "SecretName": "stigg/development-2",
    "SalesforceOrgId": SALESFORCE_ORG_ID,
    "Architecture": machine_architecture(),
    "BatchWidth": "1",
    "LogRetentionDays": "90",
    "SnapStart": "on",
    "Release": "release-1",
}


@pytest.fixture(scope="module")
def bundle(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a release, built for this machine's processor."""
    folder = tmp_path_factory.mktemp("stigg-actions-1.0.0")
    assemble({machine_architecture(): stack.built_template}, folder, "1.0.0")
    return folder


@pytest.fixture(scope="module")
def outputs(stack: LocalStack, bundle: Path) -> dict[str, str]:
    """What the second stack offers, its key stored."""
    parameters = PARAMETERS | {"StiggApiUrl": stack.endpoints.stigg}
    template = bundle / machine_architecture() / "template.yaml"
    deploy(stack.ministack, template, stack_name=STACK, bucket=ARTIFACTS, parameters=parameters)
    cloudformation = boto3.client("cloudformation", **stack.ministack.client_settings())
    (made,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    found = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
    secrets = boto3.client("secretsmanager", **stack.ministack.client_settings())
    for output, content in SECRETS.items():
        secrets.put_secret_value(SecretId=found[output], SecretString=json.dumps(content))
    return found


def test_the_bundle_is_whole(bundle: Path) -> None:
    """A bundle has a build, the Salesforce project, licences and bill of materials, and a checksum of every file."""
    lines = [line.split("  ") for line in (bundle / "SHA256SUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in lines}
    files = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
    libraries = {component["name"] for component in json.loads(files["sbom.cdx.json"].read_text())["components"]}

    assert files.keys() - sums.keys() == {"SHA256SUMS"}
    assert {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in sums} == sums
    assert {"boto3", "httpx", "pydantic", "aws_lambda_powertools"} <= libraries
    assert len({name.split("/")[1] for name in files if name.startswith("licences/")}) == len(libraries)
    assert {"INSTALL.md", "LICENSE", "salesforce/sfdx-project.json", "openapi.json"} <= files.keys()


def _lambda(stack: LocalStack) -> Any:  # noqa: ANN401 - a boto3 client
    return boto3.client("lambda", **stack.ministack.client_settings())


def test_both_stand(stack: LocalStack, outputs: dict[str, str]) -> None:
    """The second stack has everything under names of its own, the secrets among them."""
    first = stack.deployment.outputs
    shared = {name for name in outputs if outputs[name] == first.get(name)}

    assert shared == {"Region"}
    assert ":secret:stigg/development-2-" in outputs["StiggSecretArn"]
    assert ":secret:stigg/development-2/webhook-" in outputs["WebhookSecretArn"]


def test_snapshots(stack: LocalStack, outputs: dict[str, str]) -> None:
    """The two actions have a version with its alias, and their routes lead there; the others have none."""
    client = _lambda(stack)
    aliases = {
        action: [one["Name"] for one in client.list_aliases(FunctionName=f"{STACK}-{action}")["Aliases"]]
        for action in functions()
    }
    gateway = boto3.client("apigateway", **stack.ministack.client_settings())
    routes = {
        resource["path"].removeprefix("/"): gateway.get_integration(
            restApiId=outputs["ApiId"], resourceId=resource["id"], httpMethod="POST"
        )["uri"]
        for resource in gateway.get_resources(restApiId=outputs["ApiId"], limit=500)["items"]
        if "POST" in resource.get("resourceMethods", {})
    }

    assert {action for action, names in aliases.items() if names} == set(SNAPSHOTS)
    assert {action for action, uri in routes.items() if f"-{action}:snapshot/invocations" in uri} == set(SNAPSHOTS)
    for action in SNAPSHOTS:
        snapshot = client.get_function_configuration(FunctionName=f"{STACK}-{action}", Qualifier="snapshot")
        assert snapshot["SnapStart"]["ApplyOn"] == "PublishedVersions"
        assert snapshot["Environment"]["Variables"]["RELEASE"] == "release-1"


def test_narrow_batches(stack: LocalStack, outputs: dict[str, str]) -> None:
    """The worker of batches takes as many messages at once as the stack says."""
    (source,) = _lambda(stack).list_event_source_mappings(FunctionName=f"{STACK}-run-batch")["EventSourceMappings"]

    assert source["BatchSize"] == 1
    assert outputs["BatchQueueArn"] == source["EventSourceArn"]


def test_it_works(stack: LocalStack, outputs: dict[str, str]) -> None:
    """The second stack passes its own check: secret, key, tables and rights are its own."""
    assert outputs
    answer = _lambda(stack).invoke(FunctionName=f"{STACK}-check-connection", Payload=b"{}")
    checked = json.loads(answer["Payload"].read())

    assert checked["outcome"] == "healthy", checked


def test_snapshots_need_a_release(stack: LocalStack) -> None:
    """A deployment with snapshots and without the name of a release is refused before anything is made."""
    changed = {"SecretName": "stigg/development-3", "StiggApiUrl": stack.endpoints.stigg}
    parameters = {name: value for name, value in (PARAMETERS | changed).items() if name != "Release"}
    with pytest.raises(LocalStackError, match="SnapStart needs a Release"):
        deploy(stack.ministack, stack.built_template, stack_name="stigg-third", bucket=ARTIFACTS, parameters=parameters)
