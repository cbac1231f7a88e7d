# SPDX-License-Identifier: MIT
"""`dock simulate`: starts the app and the page, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path

import uvicorn
from watchfiles import awatch

from dock_tool.failure import Exit, Failure
from dock_tool.program import find_program
from dock_tool.siblings import files_of
from dock_tool.simulator.child import Command
from dock_tool.simulator.server import Server
from dock_tool.simulator.session import Session
from dock_tool.simulator.store import Store

PORT = 7450
_HOST = "127.0.0.1"
_TRIES = 50


def simulate(
    app: Path,
    args: list[str],
    *,
    store: Path | None = None,
    program: Path | None = None,
    port: int = PORT,
    browser: bool = True,
) -> int:
    """Run `dock simulate`. Gives the exit code. Raises Failure for what cannot be started."""
    if not app.exists():
        raise Failure(Exit.NO_LOCAL_FILE, f"no such app here: {app}")
    if app.is_dir() and not any((app / name).is_file() for name in ("main.py", "main.mpy")):
        raise Failure(Exit.NO_LOCAL_FILE, f"the folder {app} has no main.py or main.mpy")
    if store and not store.exists():
        raise Failure(Exit.NO_LOCAL_FILE, f"there is no store: {store}")
    binary = find_program(program)
    library = binary.resolve().parent / "simulation.so"
    with tempfile.TemporaryDirectory(prefix="dock-") as name, _listen(port) as listener:
        folder = Path(name)
        try:
            made = Store(store, folder / "store")
        except (OSError, ValueError) as error:
            raise Failure(Exit.OTHER, f"{store}: {error}") from error
        command = Command(binary, app.absolute(), args, made.path, library if library.is_file() else None)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(command, made, store, listener, port, browser))
    return 0


def _listen(port: int) -> socket.socket:
    for number in range(port, min(port + _TRIES, 65536)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, number))
            listener.listen()
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise Failure(Exit.OTHER, f"cannot listen on port {number}: {error.strerror}") from error
        else:
            return listener
    raise Failure(Exit.OTHER, f"the ports from {port} on are taken: name another one with --port")


async def _serve(
    command: Command,
    store: Store,
    source: Path | None,
    listener: socket.socket,
    wanted: int,
    browser: bool,
) -> None:
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(16)
    session = Session(command, store)
    server = Server(session, token, port)
    url = f"http://{_HOST}:{port}/{token}/"
    if wanted not in (0, port):
        print(f"simulate: port {wanted} is taken", flush=True)
    print(f"simulate: {command.app.name} is shown at {url} (Ctrl-C ends it)", flush=True)
    config = uvicorn.Config(
        server.app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2
    )
    uvicorn_server = _Uvicorn(config)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    tasks = [
        asyncio.create_task(session.supervise()),
        asyncio.create_task(uvicorn_server.serve(sockets=[listener])),
        asyncio.create_task(_watch(session, source)),
    ]
    if browser and _has_browser():
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    server.closing.set()
    session.history.touch()
    uvicorn_server.should_exit = True
    await session.stop()
    for task in (tasks[0], tasks[2], stopping):
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # noqa: ANN202 - as uvicorn has it
        """Leave the signals to this module."""
        yield


def _has_browser() -> bool:
    # Over ssh it would start on the wrong machine; without a display a text browser would take the terminal.
    if os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


async def _watch(session: Session, source: Path | None) -> None:
    # Folders are watched, not files: editors put a new file in the place of the old one.
    app = session.command.app
    folder = app if app.is_dir() else app.parent
    main = next((it for it in (app / "main.py", app / "main.mpy") if it.is_file()), app)
    stored = source.absolute() if source else None
    folders = {folder}
    if stored:
        folders |= (
            {stored, *(path for path in stored.iterdir() if path.is_dir())}
            if stored.is_dir()
            else {stored.parent}
        )

    def matters(_: object, path: str) -> bool:
        changed = Path(path)
        if stored and (changed == stored or changed.is_relative_to(stored)):
            return True
        if changed.parent != folder or changed.suffix not in (".py", ".mpy"):
            return changed == app
        # Tests and servers may be in the same folder. What a precompiled app imports is not known.
        return main.suffix == ".mpy" or changed in files_of(main)

    async for changes in awatch(*folders, watch_filter=matters, recursive=False, debounce=200, step=50):
        names = sorted({Path(path).name for _, path in changes})
        try:
            session.store.read()
        except (OSError, ValueError) as error:
            session.history.say(f"the store was not read: {error}")
            continue
        await session.restart(f"{', '.join(names[:3])} changed")
