"""How is an address shown to somebody who may not read it? Enough to recognise, not enough to use."""

_DOTS = "•••"


def masked(address: str) -> str:
    """`ana.garcia@example.org` → `a•••@e•••.org`; `+34600123412` → `+34•••12`; empty stays empty."""
    name, at, domain = address.rpartition("@")
    if not at:
        return f"{address[:3]}{_DOTS}{address[-2:]}" if len(address) > 6 else _DOTS if address else ""
    host, dot, end = domain.rpartition(".")
    return f"{name[:1]}{_DOTS}@{(host or end)[:1]}{_DOTS}{dot + end if dot and host else ''}"
