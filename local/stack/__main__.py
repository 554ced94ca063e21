"""Run the local stack until Ctrl-C:  python -m local.stack --port 4566."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from local.stack import Endpoints, LocalStackError, local_stack
from local.stack.endpoints import ENDPOINTS_FILE
from local.stack.template import ROOT

EXAMPLE_ACTION = "create-customer"


def main() -> int:
    """Run until a signal; 1 when the stack cannot run."""
    parser = argparse.ArgumentParser(prog="python -m local.stack", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="AWS listens here and Stigg on the next (4566)")
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, _interrupt)
    print("Building and deploying the development stack (about 15 s) ...", flush=True)
    try:
        with local_stack(port=port) as stack, _announced(stack.endpoints):
            signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.")
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def _announced(endpoints: Endpoints) -> Iterator[None]:
    """Tell people and programs where the stack listens, for as long as it does."""
    endpoints.write()
    try:
        print(_instructions(endpoints), flush=True)
        yield
    finally:
        ENDPOINTS_FILE.unlink(missing_ok=True)


def _instructions(endpoints: Endpoints) -> str:
    event = _example_event()
    return f"""
  API    {endpoints.api}
  AWS    {endpoints.aws}
  Stigg  {endpoints.stigg}
  Addresses and keys: {ENDPOINTS_FILE.relative_to(ROOT)}

As Salesforce does, signed and through the API:

  curl --aws-sigv4 aws:amz:{endpoints.region}:execute-api \\
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
    folder = ROOT / "events" / EXAMPLE_ACTION.replace("-", "_")
    good = [path for path in sorted(folder.glob("direct.*.json")) if not path.name.startswith("direct.bad-")]
    return str(good[0].relative_to(ROOT))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


sys.exit(main())
