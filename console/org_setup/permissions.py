"""The permission sets of users."""

from collections.abc import Iterator

from console.errors import BadInputError, RefusedError
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup


def assign(setup: Setup) -> Iterator[Found]:
    """Assign the permission sets to you and the users that are named. Raises BadInputError if one is unknown."""
    users = _user_ids(setup)
    if setup.dry_run and not setup.is_deployed:
        yield Found(State.CREATED, f"assigned to {len(users)} users")
        return
    for name in setup.wishes.permission_sets:
        permission_set = _permission_set_id(setup, name)
        missing = users.keys() - _assignees(setup, permission_set)
        for user in sorted(missing):
            if not setup.dry_run:
                body = {"AssigneeId": user, "PermissionSetId": permission_set}
                setup.org.send("POST", "/sobjects/PermissionSetAssignment", body)
        state = State.CREATED if missing else State.THERE
        yield Found(state, f"{name}: {len(missing)} of {len(users)} users added")


def _user_ids(setup: Setup) -> dict[str, str]:
    """Return the ids of the users with their names."""
    names = (setup.org.username, *setup.wishes.users)
    found = setup.org.find("User", "Id", "Username", IsActive=True, Username=names)
    known = {user["Username"].lower() for user in found}
    unknown = [number for number, name in enumerate(setup.wishes.users, 1) if name.lower() not in known]
    if unknown:
        numbers = ", ".join(map(str, unknown))
        raise BadInputError(f"The org has no active user with the username of --user number {numbers}. Correct it.")
    return {user["Id"]: user["Username"] for user in found}


def _permission_set_id(setup: Setup, name: str) -> str:
    found = setup.org.find("PermissionSet", "Id", Name=name)
    if not found:
        raise RefusedError(f"The org has no permission set {name}. Run the command without --no-deploy.")
    return str(found[0]["Id"])


def _assignees(setup: Setup, permission_set: str) -> set[str]:
    found = setup.org.find("PermissionSetAssignment", "AssigneeId", PermissionSetId=permission_set)
    return {str(assignment["AssigneeId"]) for assignment in found}
