"""A handler, imported as Lambda's runtime client does, and called with every line of input:  counted.py HANDLER PATH...

It runs in a bare interpreter, and so imports nothing that is not asked for.
"""

import json
import sys
from types import SimpleNamespace


def main(handler: str, path: list[str]) -> None:
    """Import the handler, and call it with each event of the input; a failure ends the program."""
    sys.path[:0] = path
    from awslambdaric.bootstrap import _get_handler  # noqa: PLC0415 - found on the path given

    function = _get_handler(handler)
    context = SimpleNamespace(
        aws_request_id="benchmark",
        function_name="benchmark",
        memory_limit_in_mb="1024",
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:benchmark",
        get_remaining_time_in_millis=lambda: 28_000,
    )
    for line in sys.stdin:
        answer = function(json.loads(line), context)
        if answer["success"] is not True:
            sys.exit(f"failed: {answer}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
