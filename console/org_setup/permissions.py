"""The permission sets of users."""

from collections.abc import Iterator

from console.errors import BadInputError, RefusedError
from console.org_setup import project
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup


def assign(setup: Setup) -> Iterator[Found]:
    """Assign the permission sets to you and the users that are named. Raises BadInputError if one is unknown."""
    ids = _user_ids(setup)
    names = project.permission_sets()
    you = {ids[setup.org.username.lower()]}
    others = {ids[name.lower()] for name in setup.wishes.users} - you
    for name in names:
        wanted = you if name in project.sets_of_administrators(names) else set()
        wanted |= others if name in project.sets_of_users(names) else set()
        if wanted:
            yield _assigned(setup, name, wanted)


def _assigned(setup: Setup, name: str, users: set[str]) -> Found:
    """Assign a permission set to the users who lack it."""
    if setup.dry_run and not setup.is_deployed:
        return Found(State.CREATED, f"{name}: {len(users)} users")
    permission_set = _permission_set_id(setup, name)
    missing = users - _assignees(setup, permission_set)
    for user in sorted(missing if not setup.dry_run else ()):
        body = {"AssigneeId": user, "PermissionSetId": permission_set}
        setup.org.send("POST", "/sobjects/PermissionSetAssignment", body)
    return Found(State.CREATED if missing else State.THERE, f"{name}: {len(missing)} of {len(users)} users added")


def _user_ids(setup: Setup) -> dict[str, str]:
    """Return the ids of the users by username in lower case."""
    names = (setup.org.username, *setup.wishes.users)
    found = setup.org.find("User", "Id", "Username", IsActive=True, Username=names)
    known = {str(user["Username"]).lower(): str(user["Id"]) for user in found}
    unknown = [number for number, name in enumerate(setup.wishes.users, 1) if name.lower() not in known]
    if unknown:
        numbers = ", ".join(map(str, unknown))
        raise BadInputError(f"The org has no active user with the username of --user number {numbers}. Correct it.")
    return known


def _permission_set_id(setup: Setup, name: str) -> str:
    found = setup.org.find("PermissionSet", "Id", Name=name)
    if not found:
        raise RefusedError(f"The org has no permission set {name}. Run the command without --no-deploy.")
    return str(found[0]["Id"])


def _assignees(setup: Setup, permission_set: str) -> set[str]:
    found = setup.org.find("PermissionSetAssignment", "AssigneeId", PermissionSetId=permission_set)
    return {str(assignment["AssigneeId"]) for assignment in found}
