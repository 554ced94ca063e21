"""The dashboard of the deployed stack."""

import json

import boto3

from local.stack import LocalStack


def test_the_deployed_dashboard(stack: LocalStack) -> None:
    """What a deployment fills in leaves a valid document, about this stack, with the words of its name for searches."""
    name = stack.deployment.outputs["DashboardName"]
    client = boto3.client("cloudwatch", **stack.ministack.client_settings())
    text = client.get_dashboard(DashboardName=name)["DashboardBody"]
    stack_name = name.rsplit("-", 3)[0]

    assert json.loads(text)["widgets"][0]["type"] == "alarm"
    assert "${" not in text
    assert f'service=\\"{stack_name}\\"' in text
    assert f'MetricName=\\"Throttles\\" {stack_name.replace("-", " ")}\'' in text
