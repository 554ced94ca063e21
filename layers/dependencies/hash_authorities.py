"""Write certifi's authorities as a directory that OpenSSL looks them up in:  hash_authorities.py PACKAGES FOLDER .

From one file OpenSSL reads them all, at every cold start; from such a directory only the one that it needs. A file is
named by the hash of the subject, as `openssl rehash` names it.
"""

import re
import sys
from pathlib import Path

from OpenSSL.crypto import FILETYPE_PEM, load_certificate


def main(packages: Path, folder: Path) -> None:
    """Write each authority of the certifi that is installed in ``packages`` to a file of its own in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle = (packages / "certifi" / "cacert.pem").read_text(encoding="utf-8")
    for certificate in re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", bundle, re.DOTALL):
        name = f"{load_certificate(FILETYPE_PEM, certificate.encode()).subject_name_hash():08x}"
        taken = len(list(folder.glob(f"{name}.*")))  # authorities of one subject are numbered
        (folder / f"{name}.{taken}").write_text(certificate)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
