"""The actions' own functions, called through the Lambda API: each acts under its own role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions import decimal_json

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Functions:
    """The functions of one deployment."""

    def __init__(self, client: LambdaClient, name_prefix: str) -> None:
        self._client = client
        self._name_prefix = name_prefix

    def call(self, action: str, payload: str) -> dict[str, Any] | None:
        """Return an action's answer, be it a refusal or a failure; None if it gave none."""
        try:
            answer = self._client.invoke(FunctionName=f"{self._name_prefix}{action}", Payload=payload)
            body = decimal_json.loads(answer["Payload"].read().decode())
            return _envelope(body.get("errorMessage", "")) if "FunctionError" in answer else dict(body)
        except (BotoCoreError, ClientError):
            return None


def _envelope(message: str) -> dict[str, Any] | None:
    """Return the failure that a function raised; None for a crash, of which Lambda itself tells."""
    try:
        raised = json.loads(message)
    except ValueError:
        return None
    return raised if isinstance(raised, dict) and "errorCode" in raised else None
