"""Read Stigg's answers leniently, so that a success does not count as lost because of a minor fault in it."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from stigg_actions.decimal_json import MAX_DIGITS
from stigg_actions.errors import StiggReply
from stigg_actions.stigg.error_codes import KEY_REJECTED, TRANSIENT, TURNED_AWAY, means_nothing_was_done, normalise
from stigg_actions.stigg.retry import Fate

DEEPEST = 64
"""Levels of nesting. A value that lies deeper is returned as JSON text."""


def read(text: str) -> Any:
    """Return the value of JSON text, with exact numbers; None if it is not JSON.

    Where JSON is faulty, the last of two equal names counts, NaN becomes None, half a surrogate pair becomes a question
    mark, and a number with too many digits becomes text.
    """
    try:
        return _tidied(json.loads(text, parse_float=_number(Decimal), parse_int=_number(int), parse_constant=_nothing))
    except (ValueError, RecursionError):
        return None


def _number(kind: type[int] | type[Decimal]) -> Callable[[str], Any]:
    def number(digits: str) -> Any:
        try:
            magnitude = Decimal(digits)
        except ArithmeticError:  # an exponent that no Decimal can hold
            return digits
        fits = len(digits) <= MAX_DIGITS and abs(magnitude.adjusted()) <= MAX_DIGITS
        return kind(digits) if fits else digits

    return number


def _nothing(_name: str) -> None:
    """Stand in for NaN and the infinities."""


def _tidied(value: Any, depth: int = 0) -> Any:
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case dict() | list() if depth == DEEPEST:
            return json.dumps(value, default=str)
        case dict():
            return {_tidied(name): _tidied(item, depth + 1) for name, item in value.items()}
        case list():
            return [_tidied(item, depth + 1) for item in value]
        case _:
            return value


_TRACE_HEADERS = ("x-trace-id", "x-request-id", "traceparent")


_MAX_RETRY_AFTER_SECONDS = 60.0


_MESSAGE_LENGTH = 500


_EMAIL = re.compile(r"[^\s@<>()\"',;:]+@[^\s@<>()\"',;:]+")


class Reply(NamedTuple):
    """An HTTP answer: status, headers with lower-case names, body as text."""

    status: int
    headers: Mapping[str, str]
    text: str


class Verdict(NamedTuple):
    """What a reply means: its fate, the data of a success, or Stigg's error."""

    fate: Fate
    data: Any = None
    error: StiggReply | None = None
    key_rejected: bool = False
    retry_after: float | None = None


def classify(reply: Reply) -> Verdict:
    """Classify a reply in any of its forms: ``{"data"}``, a bare object, ``{"message","code"}``, ``{"error"}``,
    GraphQL's ``{"errors"}`` on any status, an empty or an HTML body.
    """  # noqa: D205 - one sentence that lists the forms
    body = read(reply.text)
    error = _error(reply, body)
    if error is None:
        return Verdict(Fate.ANSWERED, data=_data(body)) if isinstance(body, dict) else Verdict(Fate.LOST)
    code = normalise(error.code or "")
    return Verdict(
        _fate(reply.status, code),
        error=error,
        key_rejected=reply.status == 401 or code in KEY_REJECTED,
        retry_after=_retry_after(reply.headers),
    )


def _fate(status: int, code: str) -> Fate:
    """Return the fate of a request that met an error.

    A refusal is definite by its status, or by its code under a status of success: GraphQL answers 200 even if something
    broke half-way.
    """
    if status == 429 or code in TURNED_AWAY:
        return Fate.TURNED_AWAY
    if status == 408 or status >= 500 or code in TRANSIENT:
        return Fate.LOST
    return Fate.ANSWERED if status >= 400 or means_nothing_was_done(code) else Fate.LOST


def _data(body: dict[str, Any]) -> Any:
    """Return the data of an answer. One object is wrapped in ``data`` or bare; a list keeps its pagination."""
    data = body.get("data")
    return data if isinstance(data, dict) and ("id" not in body or "id" in data) else body


def _error(reply: Reply, body: Any) -> StiggReply | None:
    described = _described(body) if isinstance(body, dict) else None
    if described is None and 200 <= reply.status < 300:
        return None
    code, message, trace = described or (None, None, None)
    return StiggReply(
        status=reply.status,
        code=_text(code),
        message=_message(message),
        trace_id=_text(trace) or next((reply.headers[name] for name in _TRACE_HEADERS if name in reply.headers), None),
    )


def _described(body: dict[str, Any]) -> tuple[Any, Any, Any] | None:
    """Find code, message and trace id in any form of error; None if the body describes no error."""
    match body:
        case {"errors": [{**first}, *_]}:
            extensions = first.get("extensions")
            known = extensions if isinstance(extensions, dict) else {}
            return known.get("code"), first.get("message"), known.get("traceId")
        case {"error": {**inner}}:
            return inner.get("code"), inner.get("message"), inner.get("traceId") or body.get("traceId")
        case {"error": str(code)}:
            return code, body.get("message"), body.get("traceId")
        case {"message": message} if "data" not in body and "id" not in body:
            return body.get("code"), message, body.get("traceId")
    return None


def _message(message: Any) -> str | None:
    """Return Stigg's message, cut to 500 characters and without e-mail addresses: logs and the ledger store it."""
    text = "; ".join(map(str, message)) if isinstance(message, list) else _text(message)
    return without_addresses(text[: 4 * _MESSAGE_LENGTH])[:_MESSAGE_LENGTH] if text else None


def without_addresses(text: str) -> str:
    """Return a text with a note in the place of each e-mail address."""
    return _EMAIL.sub("(e-mail address)", text)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    milliseconds, seconds = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    if re.fullmatch(r"\d+(\.\d+)?", milliseconds):
        return min(float(milliseconds) / 1000, _MAX_RETRY_AFTER_SECONDS)
    if re.fullmatch(r"\d+(\.\d+)?", seconds):
        return min(float(seconds), _MAX_RETRY_AFTER_SECONDS)
    return None
