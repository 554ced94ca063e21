"""Publishing a platform event: its object is read from the project, as a deployed one would be."""

from datetime import datetime
from uuid import uuid4

from local.salesforce_org.org import Org
from local.salesforce_org.rest.answers import Answer, Request, RestError, not_found
from local.salesforce_org.rest.routing import DATA, Route
from local.salesforce_org.schema import Field, SaveRefused

_JSON: dict[str, type | tuple[type, ...]] = {"Checkbox": bool, "Number": (int, float)}
"""What JSON holds for a field of a type; all others are text."""


def route(org: Org) -> Route:
    """Return the route that publishes platform events of an org."""
    return Route("POST", f"{DATA}/sobjects/{{object}}", lambda request: _publish(org, request))


def _publish(org: Org, request: Request) -> Answer:
    name = request.values["object"]
    if name not in org.schema.fields or not name.endswith("__e"):
        raise not_found()
    known = org.schema.fields[name]
    values = {field: _read(name, known, field, value) for field, value in request.json().items()}
    try:
        event = org.publish(name, values)
    except SaveRefused as refusal:
        code, _, message = str(refusal).partition(": ")
        place, _, rest = message.partition(": ")
        raise RestError(400, code, rest or message, [place.rpartition(".")[2]] if rest else []) from refusal
    queued = {"statusCode": "OPERATION_ENQUEUED", "message": str(uuid4()), "fields": []}
    return Answer(201, {"id": event, "success": True, "errors": [queued]})


def _read(name: str, known: dict[str, Field], field: str, value: object) -> object:
    if field not in known:
        raise RestError(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {name}")
    kind = known[field].type
    if value is None or (value == "" and kind in {"Picklist", "Text"}):
        return None
    if not isinstance(value, _JSON.get(kind, str)) or (kind == "Number" and isinstance(value, bool)):
        raise _wrong(kind, value)
    return _moment(str(value)) if kind == "DateTime" else value


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise _wrong("datetime", value) from error


def _wrong(kind: str, value: object) -> RestError:
    return RestError(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {kind.lower()} from value {value}")
