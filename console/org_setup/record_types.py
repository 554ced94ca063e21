"""The record types of the objects that have Stigg's fields: only a person can say which values each one offers."""

from collections.abc import Iterator

from console.org_setup import project
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup


def name_record_types(setup: Setup) -> Iterator[Found]:
    """Name the record types, to which a deployment adds no picklist values."""
    records = sorted({field.record for field in project.fields() if field.kind == "Picklist"})
    found = setup.org.find("RecordType", "SobjectType", "Name", IsActive=True, SobjectType=records)
    if not found:
        yield Found(State.THERE, "the org has none, so all values are offered")
        return
    names = sorted(f"{one['SobjectType']} {one['Name']}" for one in found)
    yield Found(State.LEFT, f"add the values of Stigg's picklists to: {', '.join(names)} (Setup, Object Manager)")
