"""Write docs/openapi.json, from the models, the template and the files in events/:  make openapi."""

import json
import tomllib
from typing import Any

from openapi_schema_validator import OAS30Validator

from local.events import Event, events
from local.stack.template import ROOT, gateway_responses, routed, template
from scripts.action_models import Schema, models, purpose
from scripts.openapi import agents
from scripts.openapi.failure import Failure
from scripts.openapi.schemas import reference, schemas
from stigg_actions.errors import ActionError

DOCUMENT = ROOT / "docs" / "openapi.json"
_JSON = "application/json"
_CRASHED = 502
"""The status that API Gateway returns if a function ends without an answer. The template does not name it."""

_FAILURES = {
    400: "The request is malformed: details names each field.",
    403: "The AWS signature or its user is not accepted, or the Salesforce organization is not served here.",
    404: "Something that the request names does not exist in this environment.",
    409: "An unpaid invoice or a pending payment blocks the request, the key was used before, or another write runs.",
    413: "The request is too large.",
    422: "Stigg refused the request by a business rule.",
    429: "Too many calls; nothing was done.",
    500: "The deployment needs an operator: errorMessage names the secret or setting to correct.",
    502: "The action gave no answer and may have run.",
    503: "Stigg or a service behind the action did not answer; nothing was changed.",
    504: "Stigg may have acted. Send the same request again to find out (trigger-workflow: only with idempotencyKey).",
}


def main() -> None:
    """Update the document."""
    DOCUMENT.write_text(written())


def written() -> str:
    """Return the text of the document."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """Return the document: one operation for each action that has a route."""
    known = agents.published(schemas(models(action) for action in routed()))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Stigg actions for Salesforce",
            "description": "Create, change and show customers, subscriptions and credit grants in Stigg. Every action "
            "answers success with status 200; every other status has one and the same body.",
            "version": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
            "license": {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0.html"},
        },
        "paths": {f"/{action}": _path(action, known) for action in routed()},
        "components": {"schemas": known},
        **agents.of_document(),
    }


def statuses() -> set[int]:
    """Return every status other than 200 of the actions' errors and of API Gateway's."""
    own = {
        status for error in ActionError.__subclasses__() for status in (error.status, *error.statuses_by_code.values())
    }
    gateway = {response["StatusCode"] for response in gateway_responses().values() if "StatusCode" in response}
    return own | gateway | {_CRASHED}


def examples(action: str, known: Schema) -> dict[str, Schema]:
    """Return the requests in events/ that succeed and have the published shape."""
    request, _ = models(action)
    schema = {**reference(request), "components": {"schemas": known}}
    validator = OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER)
    bodies = {_case(event): json.loads(event.body) for event in events("api") if _succeeds(event, action)}
    return {case: {"value": body} for case, body in bodies.items() if validator.is_valid(body)}


def _succeeds(event: Event, action: str) -> bool:
    return event.action == action and not event.is_refused


def _case(event: Event) -> str:
    return event.path.name.split(".")[1]


def _path(action: str, known: Schema) -> Schema:
    """Return a path; Salesforce's rules for agent actions ask for a description of it."""
    operation = _operation(action, known)
    return {**({"description": operation["summary"]} if agents.of_operation(action) else {}), "post": operation}


def _operation(action: str, known: Schema) -> Schema:
    request, answer = models(action)
    function = template()["Resources"][routed()[action]]["Properties"]
    return {
        "operationId": _operation_id(action),
        "summary": function["Description"],
        "description": _description(action, function),
        "requestBody": {
            "description": known[request.__name__]["description"],
            "required": True,
            "content": {_JSON: {"schema": reference(request), "examples": examples(action, known)}},
        },
        "responses": {
            "200": _response(known[answer.__name__]["properties"]["outcome"]["description"], reference(answer)),
            **{str(status): _response(_FAILURES[status], reference(Failure)) for status in sorted(statuses())},
        },
        **agents.of_operation(action),
    }


def _operation_id(action: str) -> str:
    first, *others = action.split("-")
    return first + "".join(word.capitalize() for word in others)


def _description(action: str, function: Schema) -> str:
    """Return the description of an action, with the longest time until its answer."""
    seconds = {**template()["Globals"]["Function"], **function}["Timeout"]
    return f"{' '.join(purpose(action).split())} Answers within {seconds} seconds."


def _response(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {_JSON: {"schema": schema}}}


if __name__ == "__main__":
    main()
