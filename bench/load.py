"""A bounded load on loopback: so many connections, so many seconds, then it stops by itself."""

import http.client
import multiprocessing
import time
from multiprocessing.synchronize import Barrier

_PROCESSES = 2


def requests_per_second(*, port: int, path: str, cookie: str, seconds: float) -> float:
    """Answers per second of 127.0.0.1:`port``path` over 2 client processes with 2 connections each."""
    spawn = multiprocessing.get_context("fork")
    ready, counts = spawn.Barrier(_PROCESSES * 2 + 1), spawn.Queue()
    clients = [
        spawn.Process(target=_client, args=(port, path, cookie, seconds, ready, counts)) for _ in range(_PROCESSES * 2)
    ]
    for client in clients:
        client.start()
    ready.wait(timeout=30)
    total = sum(counts.get(timeout=seconds + 30) for _ in clients)
    for client in clients:
        client.join()
    return float(total / seconds)


def _client(
    port: int, path: str, cookie: str, seconds: float, ready: Barrier, counts: "multiprocessing.Queue[int]"
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Cookie": cookie, "Host": "127.0.0.1"}
    ready.wait(timeout=30)
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        done += 1
    counts.put(done)
