# SPDX-License-Identifier: MIT
"""What the page asks for: its files, the events, pictures, details of requests, the archive, and commands."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from dock_tool.har import har
from dock_tool.simulator.guard import Guard
from dock_tool.simulator.pictures import Pictures
from dock_tool.simulator.rows import show_details
from dock_tool.simulator.session import Session

_PAGE = Path(__file__).with_name("page")
_FILES = {"": "index.html"} | {path.name: path.name for path in _PAGE.iterdir() if path.is_file()}
_BATCH_S = 0.1  # events are gathered for so long
_ALIVE_S = 10  # a page that has heard nothing for longer knows that the simulator is gone
_MOST_BODY = 1 << 20


class Server:
    """The ASGI application is `app`."""

    def __init__(self, session: Session, token: str, port: int) -> None:
        self._session = session
        self._pictures = Pictures(session.history.say)
        self.closing = asyncio.Event()
        self._commands = {
            "restart": session.restart,
            "stop": session.stop,
            "setting": session.change_setting,
            "network": session.change_network,
            "clock": session.change_clock,
            "step": session.step,
            "devices": session.change_devices,
            "press": session.press,
            "message": session.send_message,
            "clear": session.clear_requests,
        }
        routes = [
            Route("/events", self._events),
            Route("/drawings/{number:int}.png", self._drawing),
            Route("/requests/{key}/{hop:int}", self._details),
            Route("/requests.har", self._archive),
            Route("/do/{command}", self._do, methods=["POST"]),
            Route("/{name:path}", self._file),
        ]
        self.app = Guard(Starlette(routes=routes), token, port)

    async def _file(self, request: Request) -> Response:
        # Only names of this list: no path of a request reaches the file system.
        name = _FILES.get(request.path_params["name"])
        if name is None:
            raise HTTPException(404)
        return FileResponse(_PAGE / name)

    # Events

    async def _events(self, request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        history = self._session.history
        changed = history.watch()
        seen = {"revision": -1, "line": 0, "drawing": 0, "cleared": -1}
        try:
            while not self.closing.is_set():
                changed.clear()
                yield f"data: {json.dumps(self._news(seen))}\n\n"
                await asyncio.sleep(_BATCH_S)
                while not self.closing.is_set():
                    try:
                        await asyncio.wait_for(changed.wait(), _ALIVE_S)
                        break
                    except TimeoutError:
                        yield "event: alive\ndata:\n\n"
        finally:
            history.unwatch(changed)

    def _news(self, seen: dict) -> dict:
        history = self._session.history
        history.flush_log_if_over()
        first = seen["cleared"] != history.cleared  # what the page has is not to be kept
        news = {
            "first": first,
            "app": self._session.show(),
            "requests": list(history.rows(-1 if first else seen["revision"])),
            "log": [
                [line.number, line.at, line.stream, line.text]
                for line in history.log
                if line.number > seen["line"]
            ],
            "drawings": [
                [shown.number, shown.at, shown.drawing.width, shown.drawing.height]
                for shown in history.drawings
                if shown.number > seen["drawing"]
            ],
            "left_out": history.left_out,
        }
        seen["revision"], seen["cleared"] = history.revision, history.cleared
        seen["line"] = history.log[-1].number if history.log else 0
        seen["drawing"] = history.drawings[-1].number if history.drawings else 0
        return news

    # What is large is asked for

    async def _drawing(self, request: Request) -> Response:
        number = request.path_params["number"]
        shown = next((it for it in self._session.history.drawings if it.number == number), None)
        if shown is None:
            raise HTTPException(404, "this drawing is no longer kept")
        try:
            data = await self._pictures.get(shown, small="small" in request.query_params)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return Response(data, media_type="image/png")

    async def _details(self, request: Request) -> Response:
        run, _, number = request.path_params["key"].partition("-")
        hop = request.path_params["hop"]
        key = (int(run), int(number)) if run.isdecimal() and number.isdecimal() else None
        entry = self._session.history.entries.get(key)
        if entry is None or hop >= max(1, len(entry.request.hops)):
            raise HTTPException(404, "this request is no longer kept")
        return JSONResponse(show_details(entry, hop, secrets="secrets" in request.query_params))

    async def _archive(self, request: Request) -> Response:
        logs = [
            har(trace, secrets="secrets" in request.query_params)["log"]
            for trace in self._session.history.traces
        ]
        if not logs:
            raise HTTPException(404, "there are no requests yet")
        archive = {"log": logs[-1] | {"entries": [entry for log in logs for entry in log["entries"]]}}
        archive["log"]["entries"].sort(key=lambda entry: entry["startedDateTime"])
        name = f"{self._session.command.app.stem}.har"
        return Response(
            json.dumps(archive, indent=1),
            media_type="application/json",
            headers={"content-disposition": f"attachment; filename*=UTF-8''{_quoted(name)}"},
        )

    # Commands

    async def _do(self, request: Request) -> Response:
        command = self._commands.get(request.path_params["command"])
        if command is None:
            raise HTTPException(404, "there is no such command")
        data = b""
        async for chunk in request.stream():
            data += chunk
            if len(data) > _MOST_BODY:
                raise HTTPException(413)
        try:
            values = json.loads(data or b"{}")
            if not isinstance(values, dict):
                raise ValueError("an object is needed")
            inspect.signature(command).bind(**values)
            await command(**values)
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except TimeoutError:
            return JSONResponse({"error": "the app computes: its clock did not come to a wait"}, 409)
        return JSONResponse({})


def _quoted(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in name)
