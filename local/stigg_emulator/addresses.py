"""Addresses of pages at a billing provider: as long as real ones, which is more than many a field holds."""

import hashlib

SHORTEST, LONGEST = 260, 400


def provider_address(path: str, identity: str) -> str:
    """Return the address of a page, of 260 to 400 characters, always the same for the same thing."""
    start = f"https://billing.stigg.example/{path}/{identity}#"
    wanted = SHORTEST + int(_digest(identity), 16) % (LONGEST - SHORTEST + 1)
    filler = "".join(_digest(f"{identity}{part}") for part in range(wanted // 64 + 1))
    return (start + filler)[: max(wanted, len(start))]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
