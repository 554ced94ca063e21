"""Play the story on the local stack, on free ports, and check every step:  python -m local.demo."""

import signal
import sys
import time
from types import FrameType

from local.demo.chapters import STORY
from local.demo.playing import play
from local.demo.stage import running_stage
from local.demo.transcript import Transcript
from local.stack import LocalStackError


def main() -> int:
    """Play the story; return 1 if a step had an unexpected result."""
    transcript, began = Transcript(), time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)
    transcript.note("Building and deploying the development stack on free ports (about 15 s) ...")
    try:
        with running_stage() as stage:
            succeeded = play(STORY, stage, transcript)
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 1
    if succeeded:
        transcript.note(f"\nEvery step had the expected result, in {time.monotonic() - began:.0f} s.")
    return 0 if succeeded else 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
