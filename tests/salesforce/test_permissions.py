"""The permission set for admins is what the program writes from the one for users."""

from pathlib import Path

from scripts.salesforce_checks.rules_permissions import ADMIN, USER
from scripts.salesforce_permissions import of_admins, path

_TAKEN = "<object>UserExternalCredential<"


def test_up_to_date() -> None:
    """The committed permission set is what `make salesforce` writes."""
    assert path(ADMIN).read_text() == of_admins(path(USER))


def test_rights_of_users_do_not_take_those_of_admins_away(tmp_path: Path) -> None:
    """If users may read an object that admins edit, admins edit it still, and the object is there once."""
    users = tmp_path / path(USER).name
    users.write_text(path(USER).read_text().replace(_TAKEN, "<object>Account<"))

    written = of_admins(users)

    assert written.count("<object>Account<") == 1
    assert (
        "<allowEdit>true</allowEdit>" in written.partition("<object>Account<")[0].rpartition("<objectPermissions>")[2]
    )
