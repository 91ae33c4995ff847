"""Start ``modlint`` by fork: what it imports is imported once, and not for each test again.

Run as a script, this is one of two programs that no test needs to know of. ``serve`` imports the
modules that it is given, and then forks a process for each start that it is asked for. ``start``
asks for one, lends it its own standard streams, passes signals on, and ends as it ends.
A process started so is one of its own with the folder, environment and arguments that it is
given; the only thing that it does not do again is to import.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def forking(*modules: str) -> Iterator[list[str]]:
    """A command that starts ``modlint`` with ``modules`` imported; arguments are to be added."""
    # A short path: that of a socket has 108 bytes.
    with tempfile.TemporaryDirectory(prefix="fork") as folder:
        address = f"{folder}/socket"
        server = subprocess.Popen(
            [sys.executable, "-P", __file__, "serve", address, *modules],
            env={**os.environ, "PYTHONPATH": str(_ROOT / "src")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield [sys.executable, "-I", "-S", __file__, "start", address]
        finally:
            server.kill()
            server.wait()


# --- the process that forks -------------------------------------------------------------------


def _serve(address: str, modules: Sequence[str]) -> Callable[[], object]:
    """Fork for ever; in each process that is to be ``modlint``, what to do there."""
    import gc
    from importlib import import_module

    for name in modules:
        import_module(name)
    gc.freeze()  # no look at what is there already, which would copy its memory
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            _reap()
            with connection:
                if not os.fork():
                    listening.close()
                    return _started(connection)


def _reap() -> None:
    """Let go of the processes that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _started(connection: socket.socket) -> Callable[[], object]:
    """Fork once more: this process waits for the other one, and passes signals on."""
    size = int.from_bytes(_exactly(connection, 8))
    # The streams come with the first byte of what follows.
    first, streams, _, _ = socket.recv_fds(connection, 1, 3)
    order = json.loads(first + _exactly(connection, size - 1))
    child = os.fork()
    if not child:
        connection.close()
        return _become(order, streams)
    for stream in (0, 1, 2, *streams):
        os.close(stream)

    def pass_on() -> None:
        while number := connection.recv(1):
            os.kill(child, number[0])
        os.kill(child, signal.SIGKILL)  # whoever asked for it is gone

    threading.Thread(target=pass_on, daemon=True).start()
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(order: dict[str, object], streams: Sequence[int]) -> Callable[[], object]:
    folder, environment, arguments = order["folder"], order["environment"], order["arguments"]
    assert isinstance(folder, str)
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = ["modlint", *arguments]
    sys.path.insert(0, folder)  # as `python -m` has it
    from modlint.__main__ import run

    return run


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += connection.recv(size - len(received))
    return received


# --- the process that asks --------------------------------------------------------------------


def _start(address: str, arguments: Sequence[str]) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        for number in _PASSED_ON:
            signal.signal(number, lambda number, _: connection.sendall(bytes([number])))
        order = json.dumps(
            {"folder": os.getcwd(), "environment": dict(os.environ), "arguments": arguments}
        ).encode()
        connection.sendall(len(order).to_bytes(8))
        socket.send_fds(connection, [order[:1]], [0, 1, 2])
        connection.sendall(order[1:])
        for stream in (0, 1, 2):  # which are the other's alone from here
            os.close(stream)
        with connection.makefile() as answers:
            status = int(answers.readline())
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    _, what, where, *rest = sys.argv
    if what == "start":
        _start(where, rest)
    else:
        _serve(where, rest)()
