"""A line of progress on a terminal, for work that takes more than a moment."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def step(title: str, out: TextIO = sys.stderr) -> Iterator[None]:
    """Say what begins, and how long it took."""
    out.write(f"  {title} …")
    out.flush()
    began = time.monotonic()
    yield
    out.write(f" {time.monotonic() - began:.1f} s\n")
    out.flush()
