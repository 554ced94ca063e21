"""Write the authorities that certify AWS's endpoints as a bundle for botocore:  amazon_authorities.py PACKAGES FILE .

botocore reads its bundle whole for each client's first connection, and takes no directory. Amazon recommends to whoever
keeps a list of authorities of his own to have these five: https://www.amazontrust.com/repository/
"""

import re
import sys
from pathlib import Path

AMAZON = {
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
}
"""By their labels in certifi."""

_LABELLED = re.compile(
    r'# Label: "(?P<label>[^"\n]+)"\n(?:#.*\n)*(?P<text>-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)'
)


def main(packages: Path, file: Path) -> None:
    """Write Amazon's authorities, out of the certifi that is installed in ``packages``.

    Raises:
        LookupError: certifi does not have one of them.
    """
    bundle = (packages / "certifi" / "cacert.pem").read_text(encoding="utf-8")
    found = {one["label"]: one["text"] for one in _LABELLED.finditer(bundle) if one["label"] in AMAZON}
    if missing := AMAZON - found.keys():
        raise LookupError(f"certifi has no {', '.join(sorted(missing))}")
    file.write_text("".join(found.values()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
