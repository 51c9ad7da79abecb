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


class Countdown:
    """How much is done and how long the rest will take, told now and then on the line of a step."""

    def __init__(self, total: int, out: TextIO = sys.stderr, *, every: float = 5.0) -> None:
        self.total, self.out, self.every, self.done = total, out, every, 0
        self.began = self.told = time.monotonic()

    def add(self, number: int) -> None:
        self.done += number
        now = time.monotonic()
        if now - self.told >= self.every and self.done:
            left = (now - self.began) * (self.total - self.done) / self.done
            self.out.write(f" {100 * self.done // self.total} %, {left:.0f} s left …")
            self.out.flush()
            self.told = now
