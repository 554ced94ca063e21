"""Cut botocore's data down to the operations that the functions call:  trim_aws_data.py PACKAGES SERVICE:OPERATION... .

To make a client, botocore looks through all services, reads the endpoints of all of AWS and the description of the
service: all operations, with documentation. How it carries out one that is named here stays the same, in every region.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PROSE = {"documentation", "documentationUrl"}


def main(packages: Path, operations: Iterable[str]) -> None:
    """Trim the botocore that is installed in ``packages``, for operations such as ``sqs:SendMessage``."""
    data, called = packages / "botocore" / "data", set(operations)
    kept = {one.partition(":")[0] for one in called}
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder)
    for example in data.glob("*/*/examples-1.json"):
        example.unlink()
    for description in data.glob("*/*/service-2.json.gz"):
        service = description.relative_to(data).parts[0]
        told = json.loads(gzip.decompress(description.read_bytes()))
        told["operations"] = {name: one for name, one in told["operations"].items() if f"{service}:{name}" in called}
        _write(description.with_suffix(""), _without_prose({**told, "shapes": _shapes_in_use(told)}))
        description.unlink()
    endpoints = json.loads((data / "endpoints.json").read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: told for name, told in partition["services"].items() if name in kept}
    _write(data / "endpoints.json", endpoints)


def _shapes_in_use(described: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the shapes that the operations lead to, directly or through other shapes."""
    in_use: set[str] = set()
    found = set(_named_shapes(described["operations"]))
    while found:
        in_use |= found
        found = set(_named_shapes([described["shapes"][name] for name in found])) - in_use
    return {name: shape for name, shape in described["shapes"].items() if name in in_use}


def _named_shapes(part: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the names by which a part refers to shapes; a member that happens to be called shape is no name."""
    if isinstance(part, dict) and isinstance(part.get("shape"), str):
        yield part["shape"]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _named_shapes(inner)


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
