"""Find where Flows use the schemas of a document: as inputs, as outputs, or as variables of an Apex class."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.openapi.reading import Document, Operation, name_of, reached, schema_of
from scripts.salesforce_checks.apex_names import apex_name

SERVICE = "StiggActions"


@dataclass(frozen=True)
class Use:
    """The use of a schema in a Flow, which fills it, reads it, or both."""

    element: str
    is_filled: bool
    is_read: bool

    @property
    def verb(self) -> str:
        """What a Flow does with the fields, in words."""
        return " or ".join(verb for verb, done in (("fills", self.is_filled), ("reads", self.is_read)) if done)


def action_name(operation: Operation) -> str:
    """Return the name of an operation in Flow Builder."""
    return f"Flow action {SERVICE}.{operation.id}"


def output_name(status: str) -> str:
    """Return the name of the output that holds the body of a response."""
    return status if status.startswith("2") else f"{status}Exc"


def uses(document: Document) -> Mapping[str, Use]:
    """Return the use of each named schema that Flows can use."""
    filled = reached(document, (operation.request for operation in document.operations))
    read = reached(document, (answer for operation in document.operations for answer in operation.answers))
    return {
        name: Use(_element(document, name), name in filled, name in read)
        for name in document.named
        if name in filled | read
    }


def _element(document: Document, name: str) -> str:
    """Name the inputs or outputs that have a schema as body, or else the class of a Flow variable."""
    met = [
        (operation.id, place)
        for operation in document.operations
        for place, schema in _bodies(operation).items()
        if name_of(schema) == name
    ]
    if not met:
        return f"Flow variable of class ExternalService__{SERVICE}_{apex_name(name)}"
    actions = [f"{SERVICE}.{action}" for action in dict.fromkeys(action for action, _ in met)]
    called = (
        "every Flow action" if len(actions) == len(document.operations) > 1 else f"Flow action {', '.join(actions)}"
    )
    return f"{called}: {', '.join(dict.fromkeys(place for _, place in met))}"


def _bodies(operation: Operation) -> Mapping[str, Mapping[str, object]]:
    answers = {f"output {output_name(status)}": schema_of(body) for status, body in operation.responses.items()}
    return {"input body": operation.request, **answers}
