"""The routes of an administrator's program: credentials, queries, assignments, settings, and Flows that it starts.

Sources: Connect REST API Developer Guide ("Credential Input"), REST API Developer Guide, Actions Developer Guide.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from local.salesforce_org.administration import soql
from local.salesforce_org.administration.state import FIELDS_OF_SETTINGS, ORG_ID, Administration
from local.salesforce_org.interviews import Fault
from local.salesforce_org.rest.answers import Answer, Request, RestError, not_found
from local.salesforce_org.rest.routing import DATA, Route
from local.salesforce_org.schema import SaveRefused
from scripts.salesforce_checks.metadata import text

CREDENTIAL = f"{DATA}/named-credentials/credential"
PRINCIPAL = {"externalCredential": "Stigg_Actions", "principalName": "Service", "principalType": "NamedPrincipal"}
_ENCRYPTED = {"awsAccessKeyId": False, "awsSecretAccessKey": True, "awsRoleArn": False}
_ASSIGNMENT = {"AssigneeId", "PermissionSetId"}


def routes(administration: Administration) -> list[Route]:
    """Return the routes."""
    return [
        Route(method, template, partial(answer, administration))
        for method, template, answer in (
            ("GET", CREDENTIAL, _credential),
            ("POST", CREDENTIAL, _create_credential),
            ("PUT", CREDENTIAL, _replace_credential),
            ("GET", f"{DATA}/query", _query),
            ("POST", f"{DATA}/sobjects/PermissionSetAssignment", _assign),
            ("POST", f"{DATA}/sobjects/{FIELDS_OF_SETTINGS}", _create_settings),
            ("PATCH", f"{DATA}/sobjects/{FIELDS_OF_SETTINGS}/{{id}}", _update_settings),
            ("POST", f"{DATA}/actions/custom/flow/{{name}}", _run_flow),
        )
    ]


def _credential(administration: Administration, request: Request) -> Answer:
    _require_principal(administration, request.query)
    shown = {
        name: {"encrypted": held["encrypted"]}
        | ({"value": held["value"]} if administration.shows_key_id and not held["encrypted"] else {})
        for name, held in administration.credential.items()
    }
    status = "Configured" if shown else "Unknown"
    return Answer(200, {**PRINCIPAL, "authenticationStatus": status, "credentials": shown})


def _create_credential(administration: Administration, request: Request) -> Answer:
    if administration.credential:
        raise RestError(400, "INVALID_INPUT", "The credential exists already.")
    return _store(administration, request, 201)


def _replace_credential(administration: Administration, request: Request) -> Answer:
    if not administration.credential:
        raise RestError(404, "NOT_FOUND", "The credential does not exist.")
    return _store(administration, request, 200)


def _store(administration: Administration, request: Request, status: int) -> Answer:
    body = request.json()
    _require_principal(administration, body)
    unknown = body.keys() - {*PRINCIPAL, "authenticationProtocol", "authenticationProtocolVariant", "credentials"}
    if unknown:
        raise RestError(400, "JSON_PARSER_ERROR", f'Unrecognized field "{min(unknown)}"')
    if body.get("authenticationProtocol") != "AwsSv4":
        raise RestError(400, "INVALID_INPUT", "The authentication protocol is not that of the external credential.")
    for name, held in body["credentials"].items():
        if held.keys() != {"value", "encrypted"} or held["encrypted"] is not _ENCRYPTED.get(name):
            raise RestError(400, "INVALID_INPUT", f"The credential {name} is not allowed, or not with this encryption.")
    administration.credential = body["credentials"]
    administration.changes.append("credential")
    return Answer(status, {**PRINCIPAL, "authenticationStatus": "Configured"})


def _require_principal(administration: Administration, given: Mapping[str, Any]) -> None:
    if not administration.is_deployed or any(given.get(name) != value for name, value in PRINCIPAL.items()):
        raise RestError(404, "NOT_FOUND", "The external credential or principal does not exist.")


def _query(administration: Administration, request: Request) -> Answer:
    query = soql.read(request.query.get("q", ""))
    return Answer(200, query.answer(_rows(administration, query.record)))


def _rows(administration: Administration, record: str) -> list[Mapping[str, Any]]:
    match record:
        case "User":
            return [{"Id": key, "Username": name, "IsActive": True} for name, key in administration.users.items()]
        case "PermissionSet":
            return [{"Id": key, "Name": name} for name, key in administration.permission_sets.items()]
        case "PermissionSetAssignment":
            return [{"AssigneeId": user, "PermissionSetId": key} for user, key in sorted(administration.assignments)]
        case "RecordType":
            types = administration.record_types
            return [{"SobjectType": record, "Name": name, "IsActive": True} for record, name in types]
        case "FlowDefinitionView":
            return [{"ApiName": name, "IsActive": name not in administration.inactive} for name in administration.flows]
        case _ if record == FIELDS_OF_SETTINGS and administration.is_deployed:
            return [administration.settings] if administration.settings else []
    raise RestError(400, "INVALID_TYPE", f"sObject type '{record}' is not supported.")


def _assign(administration: Administration, request: Request) -> Answer:
    body = request.json()
    if body.keys() != _ASSIGNMENT:
        raise RestError(
            400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {sorted(_ASSIGNMENT - body.keys())}"
        )
    pair = (body["AssigneeId"], body["PermissionSetId"])
    if pair[0] not in administration.users.values() or pair in administration.assignments:
        raise RestError(400, "DUPLICATE_VALUE", "duplicate value found: PermissionSetId, AssigneeId")
    administration.assignments.add(pair)
    administration.changes.append("assignment")
    return Answer(201, {"id": f"0Pa{len(administration.assignments):012d}AAA", "success": True, "errors": []})


def _create_settings(administration: Administration, request: Request) -> Answer:
    body = request.json()
    if administration.settings or body.get("SetupOwnerId") != ORG_ID:
        raise RestError(400, "DUPLICATE_VALUE", "duplicate value found: SetupOwnerId duplicates value on record")
    fields = administration.org.schema.fields[FIELDS_OF_SETTINGS]
    empty = {name: False if field.type == "Checkbox" else None for name, field in fields.items()}
    made = {"Id": "a00000000000001AAA", "SetupOwnerId": ORG_ID, **empty}
    _set(administration, made, {name: value for name, value in body.items() if name != "SetupOwnerId"})
    return Answer(201, {"id": made["Id"], "success": True, "errors": []})


def _update_settings(administration: Administration, request: Request) -> Answer:
    if administration.settings.get("Id") != request.values["id"]:
        raise not_found()
    _set(administration, administration.settings, request.json())
    return Answer(204)


def _set(administration: Administration, before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    try:
        administration.org.schema.check(FIELDS_OF_SETTINGS, dict(values), None)
    except SaveRefused as refusal:
        code, _, message = str(refusal).partition(": ")
        raise RestError(400, code, message) from refusal
    administration.settings = {**before, **values}
    administration.org.settings |= values
    administration.changes.append("settings")


def _run_flow(administration: Administration, request: Request) -> Answer:
    name = request.values["name"]
    flows = {
        flow.name: flow for flow in administration.org.project.program_flows if text(flow.root, "status") == "Active"
    }
    if name not in administration.flows or name in administration.inactive or name not in flows:
        raise not_found()
    if request.json() != {"inputs": [{}]}:
        raise RestError(400, "INVALID_INPUT", "The flow has no such inputs.")
    answer: dict[str, Any] = {"actionName": name, "errors": None, "isSuccess": True, "outputValues": None, "version": 1}
    try:
        outputs = administration.org.call(flows[name], administration.org.user)
        answer["outputValues"] = {**outputs, "Flow__InterviewStatus": "Finished"}
    except Fault as fault:
        error = {"statusCode": "UNKNOWN_EXCEPTION", "message": str(fault), "fields": []}
        return Answer(400, [{**answer, "errors": [error], "isSuccess": False}])
    return Answer(200, [answer])
