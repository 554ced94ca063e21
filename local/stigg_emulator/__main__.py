"""Run the emulator: `python -m local.stigg_emulator --port 4567 [--catalog FILE]`, until Ctrl-C."""

import argparse
import signal
from pathlib import Path

from local.stigg_emulator.catalog import DEFAULT_PATH, load
from local.stigg_emulator.server import EmulatorServer


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="stigg_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="the port to listen on; 0 chooses a free one")
    parser.add_argument("--catalog", type=Path, default=DEFAULT_PATH, help="the catalog's JSON file")
    arguments = parser.parse_args()
    server = EmulatorServer(load(arguments.catalog), arguments.port)
    print(f"Stigg emulator (not Stigg) on {server.url}; see {server.url}/_emulator", flush=True)
    # A terminated emulator stops as tidily as an interrupted one.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        server.close()


if __name__ == "__main__":
    main()
