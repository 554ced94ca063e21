"""The actions' own functions, called through the Lambda API: each acts under its own role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions import decimal_json
from stigg_actions.errors import Misconfigured, RateLimited, Refused

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from stigg_actions.errors import ActionError


class ActionInvoker:
    """The functions of one deployment."""

    def __init__(self, client: LambdaClient, name_prefix: str) -> None:
        self._client = client
        self._name_prefix = name_prefix

    def call(self, action: str, payload: str) -> dict[str, Any] | None:
        """Return an action's answer, be it a refusal or a failure; None if it gave none, and may have acted.

        Raises:
            Refused, RateLimited, Misconfigured: Lambda has surely not run it.
        """
        name = f"{self._name_prefix}{action}"
        try:
            answer = self._client.invoke(FunctionName=name, Payload=payload)
            body = decimal_json.loads(answer["Payload"].read().decode())
            return _envelope(body.get("errorMessage", "")) if "FunctionError" in answer else dict(body)
        except ClientError as error:
            if (refusal := _refusal(error.response["Error"]["Code"], name)) is not None:
                raise refusal from None
            return None
        except BotoCoreError:
            return None


def _refusal(code: str, name: str) -> ActionError | None:
    """Return what it means that Lambda itself refused a call; None if the function may have been run."""
    match code:
        case "RequestTooLargeException" | "RequestEntityTooLargeException":
            told = "The request is larger than Lambda accepts (6 MB). Nothing was done; send it in smaller parts."
            return Refused("REQUEST_TOO_LARGE", told)
        case "TooManyRequestsException":
            told = "Too many functions of the AWS account run at once. Nothing was done; it is tried again."
            return RateLimited("RATE_LIMITED", told)
        case "AccessDeniedException" | "ResourceNotFoundException" | "InvalidRequestContentException":
            told = f"Lambda does not run the function {name} ({code}). Nothing was done; deploy the stack again."
            return Misconfigured("NOT_CONFIGURED", told)
    return None


def _envelope(message: str) -> dict[str, Any] | None:
    """Return the failure that a function raised; None for a crash, of which Lambda itself tells."""
    try:
        raised = json.loads(message)
    except ValueError:
        return None
    return raised if isinstance(raised, dict) and "errorCode" in raised else None
