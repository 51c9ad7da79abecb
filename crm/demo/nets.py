"""From which networks forms were sent, for as long as that is known; all are for examples."""

import numpy as np

from crm.demo.crowd import NULL

KNOWN_FOR = 30 * 86400  # seconds
BLOCKS = ["192.0.2", "198.51.100", "203.0.113"]
RUSH = "198.51.100.254"  # from where many came at once, and nobody else


class Nets:
    def __init__(self, *, end: int, rng: np.random.Generator) -> None:
        self.since, self.rng = end - KNOWN_FOR, rng
        older = [f"{block}.{host}" for block in BLOCKS for host in range(1, 254)]
        newer = [f"2001:db8:{house:x}:{2 * house:x}::" for house in range(1, 30_000)]
        # Few share an address of IPv6; many share one of IPv4.
        self.known = older * 26 + newer

    def of(self, at: np.ndarray) -> list[str]:
        """Return a network for each of these moments, or nothing where it was forgotten since."""
        drawn = self.rng.integers(len(self.known), size=len(at)).tolist()
        is_known = (at >= self.since).tolist()
        pairs = zip(drawn, is_known, strict=True)
        return [self.known[place] if is_kept else NULL for place, is_kept in pairs]
