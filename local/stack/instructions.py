"""The instructions that `make run` prints for a running stack."""

from local.events import Event, events
from local.events import event as event_of
from local.stack.endpoints import ENDPOINTS_FILE, Endpoints
from local.stack.template import ROOT

EXAMPLE_ACTION = "create-customer"
API_EVENT = event_of("create_customer/api.with-email")


def instructions(endpoints: Endpoints) -> str:
    """Return the addresses, and one command to paste for each kind of caller."""
    event = _example_event()
    return f"""
  API    {endpoints.api}
  AWS    {endpoints.aws}
  Stigg  {endpoints.stigg}
  Address for webhooks from Stigg: {endpoints.webhooks}
  Addresses and keys: {ENDPOINTS_FILE.relative_to(ROOT)}

Call an action as Salesforce does, signed, through the API (needs curl 7.75 or later):

  curl --silent --show-error --aws-sigv4 aws:amz:{endpoints.region}:execute-api \\
    --user {endpoints.access_key_id}:{endpoints.secret_access_key} \\
    --header 'content-type: application/json' --data @{event} \\
    {endpoints.api}/{EXAMPLE_ACTION}

Call it as another AWS service does, by invoking the function (needs version 2 of the AWS CLI):

  AWS_ACCESS_KEY_ID={endpoints.root_access_key_id} AWS_SECRET_ACCESS_KEY={endpoints.root_secret_access_key} \\
  aws --endpoint-url {endpoints.aws} --region {endpoints.region} lambda invoke \\
    --function-name {endpoints.functions[EXAMPLE_ACTION]} --payload fileb://{event} answer.json >&2 && cat answer.json

Call it in either way without the AWS CLI, with any file under events/ (of an API Gateway event, the body is sent):

  scripts/call {API_EVENT.action} {_path(API_EVENT)}
  scripts/call --direct {EXAMPLE_ACTION} {event}

Show the log lines and operations of a correlationId, record, customer, subscription or operationKey:

  make logs ID=...

To make Stigg fail on purpose, see docs/local.md.

Actions: {", ".join(endpoints.functions)}
Ctrl-C stops everything."""


def _example_event() -> str:
    """Return the first direct event of the example action that succeeds."""
    accepted = (event for event in events("direct") if event.action == EXAMPLE_ACTION and not event.is_refused)
    return _path(next(accepted))


def _path(event: Event) -> str:
    return str(event.path.relative_to(ROOT))
