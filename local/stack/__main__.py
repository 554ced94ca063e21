"""Run the local stack until Ctrl-C:  python -m local.stack --port 4566 [--seed demo]."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from local.demo.chapters import STORY
from local.demo.playing import play
from local.demo.stage import stage_of
from local.demo.transcript import Transcript
from local.stack import Endpoints, LocalStack, LocalStackError, local_stack
from local.stack.endpoints import ENDPOINTS_FILE
from local.stack.instructions import instructions


def main() -> int:
    """Run until a signal; return 1 if the stack cannot run."""
    parser = argparse.ArgumentParser(prog="python -m local.stack", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="port of AWS; Stigg uses the next one (default: 4566)")
    parser.add_argument("--seed", choices=["demo"], help="play the story of the demo first, so that the stack has data")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    print("Building and deploying the development stack (about 15 s) ...", flush=True)
    try:
        with local_stack(port=arguments.port) as stack:
            if arguments.seed:
                _play(stack)
            with _announced(stack.endpoints):
                signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.")
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _play(stack: LocalStack) -> None:
    """Play the story of the demo, with a Salesforce org that lasts as long as the story."""
    with stage_of(stack) as stage:
        if not play(STORY, stage, Transcript()):
            print("The story stopped there. The stack runs on, with what it has.")


@contextmanager
def _announced(endpoints: Endpoints) -> Iterator[None]:
    """Publish the addresses of the stack while it runs: print them and write them to a file."""
    endpoints.write()
    try:
        print(instructions(endpoints), flush=True)
        yield
    finally:
        ENDPOINTS_FILE.unlink(missing_ok=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
