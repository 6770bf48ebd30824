"""`/runs/RUN/events`: the address of a run's stream. Plain ASGI: five hundred of these are open at
once, and each costs a task and a place in a list."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from golive.console.acting import member
from golive.console.days import Day
from golive.console.stream import BEAT, BEAT_SECONDS, Channel
from golive.console.web import means, visit

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"x-accel-buffering", b"no"),
    ],
}


class Events:
    """The ASGI endpoint. SignIn where nobody is signed in; BadInput, or Missing, where there is no
    such run for them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        seen = _last_seen(request)
        day = await run_in_threadpool(_admitted, request)
        channel = means(request).hub.channel(day)
        await send(dict(_START))
        place = channel.join()
        gone = asyncio.create_task(_gone(receive))
        try:
            await _feed(request, channel, seen, place, send, gone)
        finally:
            channel.leave()
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone


async def _feed(
    request: Request,
    channel: Channel,
    seen: int,
    place: int,
    send: Send,
    gone: asyncio.Task[None],
) -> None:
    data: bytes | None = channel.standing(seen)
    seen = channel.last()
    await _send(send, data or b"")
    while not channel.end:
        news = channel.news()
        data, place = channel.since(place)
        if data is None:  # too slow for the list of pieces: as if it had just come back
            data = channel.standing(seen)
        if data:
            seen = channel.last()
            await _send(send, data)
            continue
        waiting = asyncio.create_task(news.wait())
        done, _ = await asyncio.wait(
            (waiting, gone), timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if waiting not in done:
            waiting.cancel()
        if gone in done:
            return
        if not done:
            visit(request)  # a session that was revoked meanwhile ends its streams
            await _send(send, BEAT)
    await send({"type": "http.response.body", "body": b""})


async def _send(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Ends when the other side does."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _admitted(request: Request) -> Day:
    who, tools = visit(request), means(request)
    day = tools.days.get(str(request.path_params["run"]))
    member(tools, who, day)
    day.refresh()
    return day


def _last_seen(request: Request) -> int:
    """The number of the last event that the page has: by its own header, or by the address."""
    given = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    return int(given) if given.isdigit() and len(given) < 12 else 0
