"""What an External Service sends and receives: objects of the API, by their names in Apex here and in JSON there."""

from datetime import UTC, date, datetime
from typing import Any

from local.salesforce_org.evaluation import Value
from scripts.salesforce_checks.kinds import Kind
from scripts.salesforce_checks.service import Service


def to_json(service: Service, schema: str, held: dict[str, Value]) -> dict[str, Any]:
    """Return the JSON of an object: dates as Salesforce writes them, numbers as decimals, blanks as null."""
    names, kinds = service.wire_names(schema), service.properties(schema)
    return {names[name]: _sent(service, kinds[name], value) for name, value in held.items()}


def from_json(service: Service, schema: str, body: dict[str, Any]) -> dict[str, Value]:
    """Return the object that an answer becomes; what its class does not have is dropped, as Salesforce does."""
    names, kinds = service.wire_names(schema), service.properties(schema)
    return {name: _received(service, kinds[name], body[names[name]]) for name in kinds if names[name] in body}


def _sent(service: Service, kind: Kind, value: Value) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case list():
            return [_sent(service, kind.as_item(), item) for item in value]
        case dict():
            return to_json(service, kind.of, value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        case date():
            return value.isoformat()
    return value


def _received(service: Service, kind: Kind, value: Any) -> Value:  # noqa: ANN401 - any JSON
    if kind.many:
        return [_received(service, kind.as_item(), item) for item in value]
    match kind.base:
        case "class":
            return from_json(service, kind.of, value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "number":
            return float(value)
    return value
