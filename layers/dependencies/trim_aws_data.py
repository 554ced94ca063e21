"""Cut botocore's data down to the services that the functions call:  trim_aws_data.py PACKAGES SERVICE... .

To make a client, botocore looks through all services, reads the endpoints of all of AWS and the description of the
service with its documentation. A service that is named here behaves as before, in every region.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any


def main(packages: Path, services: Collection[str]) -> None:
    """Trim the botocore that is installed in ``packages``."""
    data = packages / "botocore" / "data"
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)
    for example in data.glob("*/*/examples-1.json"):
        example.unlink()
    for description in data.glob("*/*/service-2.json.gz"):
        described = json.loads(gzip.decompress(description.read_bytes()), object_hook=_without_prose)
        _write(description.with_suffix(""), described)
        description.unlink()
    endpoints = json.loads((data / "endpoints.json").read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: endpoint for name, endpoint in partition["services"].items() if name in services}
    _write(data / "endpoints.json", endpoints)


def _without_prose(part: dict[str, Any]) -> dict[str, Any]:
    """Leave out the texts that only people read; a member that happens to have such a name is a map, and stays."""
    prose = {"documentation", "documentationUrl"}
    return {name: value for name, value in part.items() if not (name in prose and isinstance(value, str))}


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
