"""From what Stigg answered to the error that the caller gets."""

from stigg_actions.errors import (
    ActionError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StiggReply,
    StiggUnavailable,
)
from stigg_actions.stigg import error_codes
from stigg_actions.stigg.request import StiggRequest

RATE_LIMIT_WINDOW_SECONDS = 60


def refusal(reply: StiggReply, *, environment: str, subject: str) -> ActionError:
    """Return the error for a definite refusal: key trouble, something that does not exist, or a business rule.

    ``subject`` names what the request was about, such as ``subscription sub-1``, for the message.
    """
    code = error_codes.normalise(reply.code or "")
    if code in error_codes.KEY_LACKS_PERMISSION or reply.status == 403:
        return key_lacks_permission(reply, environment=environment)
    said = reply.message or f"HTTP {reply.status}"
    if code in error_codes.NOT_FOUND:
        told = f"Not found in Stigg's {environment} environment, asked for {subject}: {said}"
        return NotFound(error_codes.NOT_FOUND[code], told, stigg=reply)
    if reply.status == 404:
        return NotFound(
            "NOT_FOUND_IN_STIGG", f"Not found in Stigg's {environment} environment: {subject}.", stigg=reply
        )
    return Refused("REFUSED_BY_STIGG", f"Stigg refused {subject}: {said}", stigg=reply)


def key_rejected(reply: StiggReply, *, environment: str) -> Misconfigured:
    """Return the error for a key that Stigg does not accept, even after the secret was read again."""
    return Misconfigured(
        "STIGG_KEY_REJECTED",
        f"Stigg rejected the API key of the {environment} environment: it is unknown, revoked or expired. "
        f"Store a valid server key as apiKey in the secret of the {environment} environment.",
        stigg=reply,
    )


def key_lacks_permission(reply: StiggReply, *, environment: str) -> Misconfigured:
    """Return the error for a key that is valid but may not do this."""
    return Misconfigured(
        "STIGG_KEY_LACKS_PERMISSION",
        f"The API key of the {environment} environment lacks permission for this operation. "
        f"Store a full-access server key as apiKey in the secret of the {environment} environment.",
        stigg=reply,
    )


def rate_limited(reply: StiggReply, *, retry_after: float | None) -> RateLimited:
    """Return the error for a request that Stigg turned away until the retries were spent."""
    seconds = _whole(retry_after) or RATE_LIMIT_WINDOW_SECONDS
    return RateLimited(
        "RATE_LIMITED",
        f"Stigg's rate limit was reached; nothing was changed. Try again in {seconds} seconds.",
        stigg=reply,
        retry_after_seconds=seconds,
    )


def no_answer(
    request: StiggRequest, reply: StiggReply, *, may_have_acted: bool, retry_after: float | None = None
) -> ActionError:
    """Return the error for a request without a usable answer: unknown if Stigg may have acted, unavailable if not.

    ``retry_after``: the seconds that Stigg asks to wait, if it does.
    """
    seconds = _whole(retry_after)
    if may_have_acted and not request.reads:
        return OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            "Stigg gave no usable answer and may or may not have acted. Send the same request again to find out.",
            stigg=reply,
            retry_after_seconds=seconds,
        )
    return StiggUnavailable(
        "STIGG_UNAVAILABLE", "Stigg did not answer; nothing was changed.", stigg=reply, retry_after_seconds=seconds
    )


def failed_after_loss(failure: ActionError) -> OutcomeUnknown:
    """Return the error for a write of which one try was lost, and the next one failed: the lost one may have acted."""
    unknown = OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        "One answer of Stigg was lost, and the next try failed. Stigg may or may not have acted. "
        f"Send the same request again to find out. {failure.message}",
        stigg=failure.stigg,
        retry_after_seconds=failure.retry_after_seconds,
    )
    unknown.refused_since = isinstance(failure, NotFound | Refused)
    return unknown


def workflow_failed(trigger_id: str) -> OutcomeUnknown:
    """Return the error for a workflow that Stigg ran, but not to its end: what it did until then is done."""
    return OutcomeUnknown(
        "WORKFLOW_FAILED",
        f"Stigg ran workflow {trigger_id}, but not to its end; some of its steps may have taken effect. "
        "Look at the run in Stigg before you trigger it again.",
        stigg=StiggReply(status=200),
        retryable=False,
    )


def _whole(seconds: float | None) -> int | None:
    """Return a wait in whole seconds, one at least; None if no wait was asked for."""
    return max(1, round(seconds)) if seconds else None
