"""check-connection on the deployed stack: the function's own role lets it look at everything."""

from local.stack import LocalStack
from tests.support.calls import call_api
from tests.support.logs import stack_lines

BODY = '{"correlationId": "after-deployment"}'


def test_the_deployment_is_healthy(fresh_stack: LocalStack) -> None:
    """Called as Salesforce calls, the deployed function finds nothing amiss, and writes the one line of the call."""
    answer = call_api(fresh_stack, "check-connection", BODY).json()
    lines = [line for line in stack_lines(fresh_stack) if '"after-deployment"' in line and '"message":"call"' in line]

    assert (answer["outcome"], answer["failedChecks"]) == ("healthy", 0), answer
    assert len(lines) == 1
