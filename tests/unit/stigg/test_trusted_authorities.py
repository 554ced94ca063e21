"""Whom the client trusts: the authorities of a directory, or all of certifi's."""

from pathlib import Path

import certifi

from stigg_actions.stigg.transport import trust_in


def test_no_directory(tmp_path: Path) -> None:
    """Without a directory, or with one that is not there, all of certifi's authorities are trusted."""
    trusted = [len(trust_in(folder).get_ca_certs()) for folder in (None, str(tmp_path / "nowhere"))]

    assert trusted == [Path(certifi.where()).read_text().count("BEGIN CERTIFICATE")] * 2


def test_a_directory(tmp_path: Path) -> None:
    """With a directory none of certifi's is trusted, and no authority is read before it is needed."""
    assert trust_in(str(tmp_path)).get_ca_certs() == []
