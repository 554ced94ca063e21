"""Whom the clients for AWS trust: the authorities that certify AWS's endpoints, and no others."""

import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import certifi
import pytest
import trustme

from layers.dependencies import amazon_authorities
from local.stack.sam import machine_architecture
from local.stack.template import ROOT, template
from tests.support.builds import Builds

LABELS = sorted(amazon_authorities.AMAZON)
PROBE = """
import sys, boto3
from botocore.exceptions import SSLError
from stigg_actions.deps import AWS
client = boto3.client("dynamodb", endpoint_url=sys.argv[1], region_name="us-east-1", config=AWS,
                      aws_access_key_id="made-up", aws_secret_access_key="made-up")
try:
    print(client.list_tables()["TableNames"])
except SSLError:
    print("refused")
"""


class NoTables(BaseHTTPRequestHandler):
    """DynamoDB, as far as it is asked here."""

    def do_POST(self) -> None:
        """Answer that there are no tables."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "17")
        self.end_headers()
        self.wfile.write(b'{"TableNames":[]}')

    def log_message(self, *_: object) -> None:
        """Say nothing of it."""


@contextmanager
def served(authority: trustme.CA) -> Iterator[str]:
    """A server on this machine, certified by an authority; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), NoTables) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def packages(folder: Path, authorities: dict[str, trustme.CA]) -> Path:
    """Packages with a certifi that holds authorities under their labels, in its own format."""
    entries = (
        f'\n# Issuer: CN={label}\n# Label: "{label}"\n# Serial: 1\n{authority.cert_pem.bytes().decode()}'
        for label, authority in authorities.items()
    )
    (folder / "certifi").mkdir()
    (folder / "certifi" / "cacert.pem").write_text("".join(entries))
    return folder


def asked(address: str, bundle: Path) -> str:
    """What a client as functions make it gets, if it is told to trust a bundle."""
    environment = {"AWS_CA_BUNDLE": str(bundle), "PYTHONPATH": str(ROOT / "layers" / "shared")}
    command = [sys.executable, "-c", PROBE, address]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - ours


@pytest.mark.parametrize("label", [LABELS[0], LABELS[-1]])
def test_amazon_is_trusted(tmp_path: Path, label: str) -> None:
    """A client speaks to a server that is certified by one of Amazon's authorities."""
    authorities = {name: trustme.CA() for name in LABELS}
    amazon_authorities.main(packages(tmp_path, authorities), tmp_path / "bundle.pem")

    with served(authorities[label]) as address:
        assert asked(address, tmp_path / "bundle.pem") == "[]"


def test_others_are_not_trusted(tmp_path: Path) -> None:
    """A server that another authority of certifi's certifies is refused."""
    authorities = {name: trustme.CA() for name in [*LABELS, "Another Root"]}
    amazon_authorities.main(packages(tmp_path, authorities), tmp_path / "bundle.pem")

    with served(authorities["Another Root"]) as address:
        assert asked(address, tmp_path / "bundle.pem") == "refused"


def test_one_is_missing(tmp_path: Path) -> None:
    """A certifi without one of Amazon's authorities ends the build, and is told which."""
    some = {label: trustme.CA() for label in LABELS[1:]}

    with pytest.raises(LookupError, match=f"certifi has no {LABELS[0]}$"):
        amazon_authorities.main(packages(tmp_path, some), tmp_path / "bundle.pem")


def test_what_is_shipped(builds: Builds) -> None:
    """The layer has the bundle where clients are told to look: five of certifi's own, of Amazon and Starfield."""
    layer = builds.layer("DependenciesLayer", machine_architecture())
    _, in_china, elsewhere = template()["Globals"]["Function"]["Environment"]["Variables"]["AWS_CA_BUNDLE"]["Fn::If"]
    bundle = layer / Path(elsewhere).relative_to("/opt")
    trusted = ssl.create_default_context(cafile=bundle).get_ca_certs()
    subjects = [str(authority["subject"]) for authority in trusted]

    of_amazon = [one for one in subjects if "'Amazon'" in one]
    of_starfield = [one for one in subjects if "'Starfield Technologies, Inc.'" in one]

    assert (len(of_amazon), len(of_starfield), len(subjects)) == (4, 1, 5)
    assert set(re.findall("-----BEGIN.+?END", bundle.read_text(), re.DOTALL)) < set(
        re.findall("-----BEGIN.+?END", Path(certifi.where()).read_text(), re.DOTALL)
    )
    assert (layer / Path(in_china).relative_to("/opt")).read_text() == Path(certifi.where()).read_text()
