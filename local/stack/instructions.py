"""What a person needs to know of a running stack."""

from local.events import events
from local.stack.endpoints import ENDPOINTS_FILE, Endpoints
from local.stack.template import ROOT

EXAMPLE_ACTION = "create-customer"


def instructions(endpoints: Endpoints) -> str:
    """Addresses, and one command for each kind of caller, ready to be pasted."""
    event = _example_event()
    return f"""
  API    {endpoints.api}
  AWS    {endpoints.aws}
  Stigg  {endpoints.stigg}
  Webhooks, should Stigg send them: {endpoints.webhooks}
  Addresses and keys: {ENDPOINTS_FILE.relative_to(ROOT)}

As Salesforce does, signed and through the API:

  curl --silent --show-error --aws-sigv4 aws:amz:{endpoints.region}:execute-api \\
    --user {endpoints.access_key_id}:{endpoints.secret_access_key} \\
    --header 'content-type: application/json' --data @{event} \\
    {endpoints.api}/{EXAMPLE_ACTION}

As another AWS service does, invoking the function:

  AWS_ACCESS_KEY_ID={endpoints.root_access_key_id} AWS_SECRET_ACCESS_KEY={endpoints.root_secret_access_key} \\
  aws --endpoint-url {endpoints.aws} --region {endpoints.region} lambda invoke \\
    --function-name {endpoints.functions[EXAMPLE_ACTION]} --payload fileb://{event} /dev/stdout

Actions: {", ".join(endpoints.functions)}
Ctrl-C stops everything."""


def _example_event() -> str:
    """The first direct event of the example action that is meant to succeed."""
    good = (event for event in events("direct") if event.action == EXAMPLE_ACTION and not event.is_refused)
    return str(next(good).path.relative_to(ROOT))
