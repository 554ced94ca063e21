"""The access key in the org's External Credential. It goes from AWS to the org, and nowhere else.

Source: Connect REST API Developer Guide, "Credential" and "Credential Input".
"""

from collections.abc import Iterator
from typing import Any

from console.errors import RefusedError
from console.org_setup.aws_user import KEY_TAG, keys_of, make_key, retire, tag, tags_of
from console.org_setup.found import Found, State
from console.org_setup.org import Org
from console.org_setup.setup import Setup
from console.salesforce_user import AccessKey

RESOURCE = "/named-credentials/credential"
PRINCIPAL = {"externalCredential": "Stigg_Actions", "principalName": "Service", "principalType": "NamedPrincipal"}
KEY_ID, SECRET = "awsAccessKeyId", "awsSecretAccessKey"


def store_key(setup: Setup) -> Iterator[Found]:
    """Give the org a key of the user, unless it has one that is active."""
    has_entry, stored = _stored(setup)
    active = {key["AccessKeyId"] for key in keys_of(setup) if key["Status"] == "Active"}
    if stored in active and not setup.wishes.replace_key:
        yield Found(State.THERE, f"the org has {stored}, which is active")
        return
    if not setup.dry_run:
        key = make_key(setup, stored)
        _write(setup.org, key, replace=has_entry)
        tag(setup, KEY_TAG, key.access_key_id)
    before = f" in place of {stored}" if stored else ""
    yield Found(State.CHANGED if stored else State.CREATED, f"a key of {setup.wishes.aws_user} in the org{before}")


def retire_others(setup: Setup) -> Iterator[Found]:
    """Deactivate the keys of the user that the org does not have, once the org's own works."""
    _, stored = _stored(setup)
    for key in keys_of(setup):
        if key["AccessKeyId"] != stored and key["Status"] == "Active" and stored is not None:
            if not setup.dry_run:
                retire(setup, key["AccessKeyId"])
            yield Found(State.CHANGED, f"{key['AccessKeyId']}, which the org does not use, is inactive")


def _stored(setup: Setup) -> tuple[bool, str | None]:
    """Return whether the principal has an entry for a key, and the id of its key if that is known."""
    if setup.dry_run and not setup.is_deployed:
        return False, None
    entries: dict[str, dict[str, Any]] = setup.org.get(RESOURCE, PRINCIPAL).get("credentials") or {}
    entry = entries.get(KEY_ID)
    if not entry:
        return entry is not None, None
    return True, entry.get("value") or (tags_of(setup) or {}).get(KEY_TAG)


def _write(org: Org, key: AccessKey, *, replace: bool) -> None:
    body = {
        **PRINCIPAL,
        "authenticationProtocol": "AwsSv4",
        "credentials": {
            KEY_ID: {"value": key.access_key_id, "encrypted": False},
            SECRET: {"value": key.secret_access_key, "encrypted": True},
        },
    }
    try:
        org.send("PUT" if replace else "POST", RESOURCE, body)
    except RefusedError as error:
        raise RefusedError(str(error).replace(key.secret_access_key, "(the secret)")) from None
