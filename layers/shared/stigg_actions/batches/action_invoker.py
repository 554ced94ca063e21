"""Invoke the functions of the actions through the Lambda API, each under its own role."""

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
    """Invokes the functions of one deployment."""

    def __init__(self, client: LambdaClient, name_prefix: str) -> None:
        self._client = client
        self._name_prefix = name_prefix

    def call(self, action: str, payload: str) -> dict[str, Any] | None:
        """Return an action's result, refusal or failure; None if it gave no answer and may have acted.

        Raises:
            Refused, RateLimited, Misconfigured: Lambda has not run the function.
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
    """Return the error for a call that Lambda refused; None if the function may have run."""
    match code:
        case "RequestTooLargeException" | "RequestEntityTooLargeException":
            message = "The request is larger than Lambda accepts (6 MB). Nothing was done; send it in smaller parts."
            return Refused("REQUEST_TOO_LARGE", message)
        case "TooManyRequestsException":
            message = "Too many functions of the AWS account run at once. Nothing was done. The request is tried again."
            return RateLimited("RATE_LIMITED", message)
        case "AccessDeniedException" | "ResourceNotFoundException" | "InvalidRequestContentException":
            message = f"Lambda cannot run the function {name} ({code}). Nothing was done. Deploy the stack again."
            return Misconfigured("NOT_CONFIGURED", message)
    return None


def _envelope(message: str) -> dict[str, Any] | None:
    """Return the failure that a function raised; None for a crash, which Lambda reports itself."""
    try:
        raised = json.loads(message)
    except ValueError:
        return None
    return raised if isinstance(raised, dict) and "errorCode" in raised else None
