"""Cut botocore's data down to the services that the functions call:  trim_aws_data.py PACKAGES SERVICE... .

To make a client, botocore looks through all services, reads the endpoints of all of AWS and the description of the
service with its documentation. What it does with a service that is named here stays the same, in every region.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROSE = {"documentation", "documentationUrl"}


def main(packages: Path, services: Iterable[str]) -> None:
    """Trim the botocore that is installed in ``packages``, for these services by boto3's names."""
    data, kept = packages / "botocore" / "data", set(services)
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder)
    for example in data.glob("*/*/examples-1.json"):
        example.unlink()
    for description in data.glob("*/*/service-2.json.gz"):
        _write(description.with_suffix(""), _without_prose(json.loads(gzip.decompress(description.read_bytes()))))
        description.unlink()
    endpoints = json.loads((data / "endpoints.json").read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: told for name, told in partition["services"].items() if name in kept}
    _write(data / "endpoints.json", endpoints)


def _without_prose(described: Any) -> Any:  # noqa: ANN401 - any JSON
    """Leave out what is written for people; a member that happens to have such a name is a map, and stays."""
    if isinstance(described, list):
        return [_without_prose(one) for one in described]
    if not isinstance(described, dict):
        return described
    return {
        name: _without_prose(value)
        for name, value in described.items()
        if not (name in PROSE and isinstance(value, str))
    }


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
