"""The policy of operators, checked on the expanded template: what the console calls, and no more."""

import re

from local.stack.template import ROOT, functions
from tests.support.expanded import expanded, properties

CALL = re.compile(r'\bcall(?:_patiently)?\(\s*"([a-z-]+)"')


def test_operators_may_call_what_the_console_calls() -> None:
    """The policy allows to invoke each function that a module of the console names, and nothing else."""
    called = {action for path in (ROOT / "console").rglob("*.py") for action in CALL.findall(path.read_text())}
    (statement,) = properties("OperatorPolicy")["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Action"]) == ("Allow", "lambda:InvokeFunction")
    assert {arn["Fn::GetAtt"][0]: arn["Fn::GetAtt"][1] for arn in statement["Resource"]} == {
        functions()[action]: "Arn" for action in called
    }
    assert len(called) == 8


def test_the_policy_is_an_output() -> None:
    """The stack names the policy, so that an administrator can attach it."""
    assert expanded()["Outputs"]["OperatorPolicyArn"]["Value"] == {"Ref": "OperatorPolicy"}
