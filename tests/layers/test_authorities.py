"""Whom functions trust: certifi's authorities as a directory, in which OpenSSL looks up the one that it needs."""

import re
import ssl
from pathlib import Path

import certifi
import pytest
import trustme

from layers.dependencies import hash_authorities
from local.stack.sam import machine_architecture
from local.stack.template import template
from stigg_actions.stigg.transport import trust_in
from tests.support.builds import Builds

NAMES = [
    "Plain",
    "  Spaces   within\tand around ",
    "Kleine und GROSSE Buchstaben",
    "Ünïcode Ötzi ÄÖÜ",
    "株式会社 Example",
]


def _directory(folder: Path, *authorities: trustme.CA) -> Path:
    """A folder made of a bundle of these authorities, as the build makes it of certifi's."""
    (folder / "certifi").mkdir()
    bundle = b"# An authority\n".join(authority.cert_pem.bytes() for authority in authorities)
    (folder / "certifi" / "cacert.pem").write_bytes(bundle)
    hash_authorities.main(folder, folder / "authorities")
    return folder / "authorities"


def _shake_hands(authority: trustme.CA, trusted: Path) -> None:
    """A TLS handshake in memory, of a server with a certificate of the authority. Raises ssl.SSLError."""
    at_server, context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trust_in(str(trusted))
    authority.issue_cert("api.example.com").configure_cert(at_server)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(back, there, server_hostname="api.example.com")
    server = at_server.wrap_bio(there, back, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", NAMES)
def test_an_authority_is_found(tmp_path: Path, name: str) -> None:
    """OpenSSL finds an authority in the directory, whatever its name, beside others of nearly the same name."""
    authority = trustme.CA(organization_name=name)
    others = [trustme.CA(organization_name=f"{name}."), trustme.CA(organization_name=name)]

    _shake_hands(authority, _directory(tmp_path, others[0], authority, others[1]))


def test_a_stranger_is_not_trusted(tmp_path: Path) -> None:
    """A server whose authority is not in the directory is refused."""
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer certificate"):
        _shake_hands(trustme.CA(), _directory(tmp_path, trustme.CA()))


def test_authorities_of_one_name(tmp_path: Path) -> None:
    """Authorities of the same subject are kept beside each other, and both are found."""
    authority = trustme.CA(organization_name="Same")
    directory = _directory(tmp_path, authority, authority)

    assert sorted(path.suffix for path in directory.iterdir()) == [".0", ".1"]


def test_all_of_certifi_are_shipped(builds: Builds) -> None:
    """The layer holds every authority of certifi, where functions are told to look, named as OpenSSL looks for them."""
    layer = builds.layer("DependenciesLayer", machine_architecture())
    message = template()["Globals"]["Function"]["Environment"]["Variables"]["SSL_CERT_DIR"]
    shipped = {path.name: path.read_text() for path in (layer / Path(message).relative_to("/opt")).iterdir()}
    bundle = Path(certifi.where()).read_text()

    assert sorted(shipped.values()) == sorted(re.findall("-----BEGIN.+?END CERTIFICATE-----\n", bundle, re.DOTALL))
    assert [name for name in shipped if not re.fullmatch(r"[0-9a-f]{8}\.\d", name)] == []
    assert "ce5e74ef.0" in shipped  # Amazon Root CA 1, as `openssl x509 -subject_hash` names it
