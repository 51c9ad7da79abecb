"""A load generator light enough not to be what is measured: kept sockets, ready-made bytes."""

import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 10.0  # seconds to wait for an answer


@dataclass(frozen=True)
class Load:
    """What a round gave: requests per second, how many failed, and the slowest percent in ms."""

    per_second: float
    failed: int
    p99: float


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of a POST over a kept connection."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def run(
    port: int, make: Callable[[], bytes], *, good: bytes, seconds: float, connections: int
) -> Load:
    """Send what `make` gives over `connections` sockets at once for `seconds`.

    An answer is good when its first line contains `good` (such as b" 302 ").
    """
    tally = Tally(port, make, good, time.monotonic() + seconds)
    threads = [threading.Thread(target=tally.converse) for _ in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = len(tally.took) - tally.refused
    took = tally.took if len(tally.took) > 1 else [PATIENCE, PATIENCE]  # nothing was answered
    p99 = statistics.quantiles(took, n=100)[98] * 1000
    return Load(answered / (time.monotonic() - began), tally.refused + tally.unanswered, p99)


def once(port: int, message: bytes) -> bytes:
    """Send one thing over a connection of its own; return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as link:
        link.sendall(message)
        return read_answer(link)


class Tally:
    """What the clients of a round have seen, each of them a thread."""

    def __init__(self, port: int, make: Callable[[], bytes], good: bytes, end: float) -> None:
        self.port, self.make, self.good, self.end = port, make, good, end
        self.took: list[float] = []
        self.refused = self.unanswered = 0

    def converse(self) -> None:
        while time.monotonic() < self.end:
            try:
                self.talk()
            except OSError:  # the server closed the connection, or did not answer in time
                self.unanswered += 1

    def talk(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as link:
            while time.monotonic() < self.end:
                message, began = self.make(), time.perf_counter()
                link.sendall(message)
                status = read_answer(link)
                self.took.append(time.perf_counter() - began)
                if self.good not in status:
                    self.refused += 1


def read_answer(link: socket.socket) -> bytes:
    """Read one answer whole; return its first line."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(link)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += received(link)
    return head.split(b"\r\n", 1)[0] + b" "


def received(link: socket.socket) -> bytes:
    data = link.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def take_turns(
    ours: Callable[[], Load], theirs: Callable[[], Load], *, rounds: int = 5
) -> tuple[Load, Load]:
    """Measure both sides alternately, and return each one's median round."""
    ours(), theirs()  # warm up
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])


def median(loads: list[Load]) -> Load:
    return sorted(loads, key=lambda load: load.per_second)[len(loads) // 2]
