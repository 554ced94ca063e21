"""Write certifi's authorities as a directory that OpenSSL looks them up in:  hash_authorities.py PACKAGES FOLDER .

From one file OpenSSL reads them all, at every cold start; from such a directory only the one that it needs. A file is
named by the hash of the subject's canonical form (X509_NAME_hash), as `openssl rehash` names it.
"""

import hashlib
import re
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

TEXT = {12: "utf-8", 19: "ascii", 20: "latin-1", 22: "ascii", 26: "ascii", 28: "utf-32-be", 30: "utf-16-be"}
"""The encoding of each kind of text, by its ASN.1 tag."""
UTF8, SEQUENCE, SET, VERSION = 12, 0x30, 0x31, 0xA0


def main(packages: Path, folder: Path) -> None:
    """Write each authority of the certifi that is installed in ``packages`` to a file of its own in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle = (packages / "certifi" / "cacert.pem").read_text(encoding="utf-8")
    for certificate in re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", bundle, re.DOTALL):
        _free_name(folder, subject_hash(ssl.PEM_cert_to_DER_cert(certificate))).write_text(certificate)


def _free_name(folder: Path, name: str) -> Path:
    taken = len(list(folder.glob(f"{name}.*")))  # authorities of one subject are numbered
    return folder / f"{name}.{taken}"


def subject_hash(certificate: bytes) -> str:
    """Return the hash of a certificate's subject, eight hexadecimal digits, from DER (OpenSSL: X509_NAME_hash)."""
    canonical = b"".join(_encoded(SET, _canonical_set(names)) for _, names in _values(_subject(certificate)))
    return hashlib.sha1(canonical, usedforsecurity=False).digest()[3::-1].hex()


def _subject(certificate: bytes) -> bytes:
    ((_, signed),) = _values(certificate)
    (_, body), *_ = _values(signed)
    _serial, _algorithm, _issuer, _validity, subject, *_ = (part for tag, part in _values(body) if tag != VERSION)
    return subject


def _canonical_set(names: bytes) -> bytes:
    return b"".join(sorted(_encoded(SEQUENCE, _canonical_name(name)) for _, name in _values(names)))


def _canonical_name(name: bytes) -> bytes:
    """Bring a text into the form that compares: UTF-8, single spaces, small ASCII letters; leave all else as it is."""
    (kind, identifier), (tag, value) = _values(name)
    if tag in TEXT:
        text = " ".join(re.split(r"[ \t\n\v\f\r]+", value.decode(TEXT[tag]).strip(" \t\n\v\f\r"))).encode()
        tag, value = UTF8, text.lower()  # bytes: other alphabets are left alone
    return _encoded(kind, identifier) + _encoded(tag, value)


def _values(encoded: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each DER value."""
    at = 0
    while at < len(encoded):
        tag, length, start = encoded[at], encoded[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(encoded[at + 2 : start])
        at = start + length
        yield tag, encoded[start:at]


def _encoded(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(digits)]) + digits + content


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
