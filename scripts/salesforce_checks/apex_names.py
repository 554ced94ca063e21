"""Return the names that properties of an API have in Apex and so in Flows.

Source: Salesforce Help, "Apex Reserved Keywords" (External Services): `z0` before a reserved word, and `x` with its
hexadecimal code for each character that Apex does not allow in a name.
"""

import re

RESERVED = frozenset(
    """
    abstract activate and any array as asc autonomous begin bigdecimal blob boolean break bulk by byte case cast catch
    char class collect commit const continue currency date datetime decimal default delete desc do double else end enum
    exception exit export extends false final finally float for from global goto group having hint if implements import
    in inner insert instanceof int integer interface into join like limit list long loop map merge new not null nulls
    number object of on or outer override package parallel pragma private protected public retrieve return rollback
    select set short sobject sort static string super switch synchronized system testmethod then this throw time
    transaction trigger true try type undelete update upsert using virtual void webservice when where while
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a list of strings
)


def apex_name(name: str) -> str:
    """Return the name of a property or schema in Apex: `type` is `z0type`, `postal_code` is `postalx5fcode`."""
    if name.lower() in RESERVED:
        return f"z0{name}"
    encoded = re.sub(r"[^A-Za-z0-9]", lambda found: "".join(f"x{byte:02x}" for byte in found[0].encode()), name)
    return f"x{ord(encoded[0]):02x}{encoded[1:]}" if encoded[0].isdigit() else encoded
