"""A scripted OpenAI-compatible server: real HTTP, chosen behaviour, chosen speed.

    python -m tests.fakes.openai_server --port 9009 --rate 50

or in a test, `with scripted_server(Script(text="…")) as base_url:` (it runs in a thread).
The model's name chooses what happens; an argument follows a colon:

ok[:tokens a second]   tokens, then usage and finish_reason stop      length   finish_reason length
think                  <think>…</think> in the content, tags cut      noopen   only the closing </think>
reasoning              reasoning_content deltas                       empty    finishes without a word
slow[:seconds]         a late first token                             hang     never answers
stall[:tokens]         some tokens, then silence                      endless  tokens for ever
cut[:plain|early]      closes mid-stream: chunked, plain, or before the first token
html  badjson  json    200 with a page; a broken frame; one JSON object though a stream was asked for
refuse:STATUS          401 403 404 413 429 (Retry-After) 500 …        context  400 context_length_exceeded
error                  an error object as a frame after some tokens   redirect 307 to another host
old                    400 when stream_options is sent                strict   400 on max_tokens
noswitch               400 when a switch for thinking is sent         onlythought  thinks and says nothing
nostop                 400 when stop is sent                          asked        its parameters, as JSON
cite                   a sentence of the sources with its [n]         inject   obeys orders in the documents
echo                   the last user message

Every fault also works on /v1/embeddings and /v1/rerank where it makes sense there.
`GET /stats` (and `stats(base_url)`) tells open, served and aborted requests.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from tests.fakes import openai_replies as replies
from tests.fakes.http11 import Counts, Request, Responder, serve
from tests.fakes.openai_faults import fault, problem

MODELS = tuple(
    "ok think noopen reasoning slow hang stall cut html badjson json empty refuse context error redirect old "
    "strict noswitch nostop asked onlythought endless cite inject length echo".split()
)


@dataclass(frozen=True, slots=True)
class Script:
    """`rate` is tokens a second (0: as fast as they can be written); `aliases` lets a product-like
    model name stand for a behaviour; `dimension` is that of the embeddings; `replies`: what is said to a
    request whose first message holds a certain text, whatever the model."""

    text: str = replies.DEFAULT_TEXT
    rate: float = 0.0
    first_token_s: float = 0.0
    dimension: int = 64
    aliases: dict[str, str] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stats:
    open: int
    served: int
    aborted: int
    connections: int


class ScriptedModel:
    """Answers requests by its script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.counts = Counts()

    async def handle(self, request: Request, out: Responder) -> None:
        path = request.path.removeprefix("/v1")
        if path == "/stats":
            return self._stats(out)
        if path == "/models":
            names = [*MODELS, *self.script.aliases]
            return out.whole(200, replies.models_body(names))
        body = request.json()
        name = str(body.get("model", "ok"))
        behaviour, _, argument = self.script.aliases.get(name, name).partition(":")
        if await fault(behaviour, argument, body, out):
            return None
        if path == "/embeddings":
            return self._embeddings(body, out)
        if path == "/rerank":
            return self._rerank(body, out)
        if path == "/chat/completions":
            return await self._chat(name, behaviour, argument, body, out)
        return problem(out, 404, "unknown path", "not_found")

    def _stats(self, out: Responder) -> None:
        counts = self.counts
        values = {
            "open": counts.open - 1,
            "served": counts.served,
            "aborted": counts.aborted,
            "connections": counts.connections,
        }
        counts.served -= 1  # this look is not one of them
        out.whole(200, orjson.dumps(values))

    def _embeddings(self, body: dict[str, object], out: Responder) -> None:
        out.whole(200, replies.embeddings_body(body, default_dimension=self.script.dimension))

    def _rerank(self, body: dict[str, object], out: Responder) -> None:
        out.whole(200, replies.rerank_body(body))

    async def _chat(
        self, model: str, behaviour: str, argument: str, body: dict[str, object], out: Responder
    ) -> None:
        pieces = self._pieces(behaviour, body)
        if not body.get("stream") or behaviour == "json":
            return self._at_once(model, behaviour, pieces, body, out)
        if behaviour == "cut" and argument == "early":
            return out.cut()
        out.begin(headers={"cache-control": "no-cache"}, chunked=argument != "plain")
        out.send(replies.chunk_frame(model, {"role": "assistant", "content": ""}))
        late = float(argument or "1") if behaviour == "slow" else self.script.first_token_s
        if late:
            await asyncio.sleep(late)
        rate = float(argument or "0") if behaviour == "ok" and argument else self.script.rate
        sent = await self._tokens(model, behaviour, argument, pieces, rate, out)
        if out.ended:
            return None
        if behaviour == "badjson":
            out.send(b'data: {"choices": [{"delta": {"content": \n\n')
            return out.end()
        out.send(replies.chunk_frame(model, {}, finish="length" if behaviour == "length" else "stop"))
        options = body.get("stream_options")
        if isinstance(options, dict) and options.get("include_usage"):
            out.send(
                replies.usage_frame(model, len(replies.tokens_of(replies.last_user_message(body))), sent)
            )
        out.send(b"data: [DONE]\n\n")
        out.end()
        return None

    async def _tokens(
        self,
        model: str,
        behaviour: str,
        argument: str,
        pieces: list[dict[str, str]],
        rate: float,
        out: Responder,
    ) -> int:
        """Write the deltas at `rate`; returns how many."""
        loop = asyncio.get_running_loop()
        start, sent = loop.time(), 0
        stop_at = {
            "cut": len(pieces) // 2,
            "error": len(pieces) // 2,
            "stall": int(argument or "3") if behaviour == "stall" else 0,
        }.get(behaviour)
        while behaviour == "endless" or sent < len(pieces):
            if stop_at is not None and sent >= stop_at:
                await self._break_off(behaviour, out)
                break
            if rate:
                await asyncio.sleep(max(0.0, start + sent / rate - loop.time()))
            elif sent % 64 == 63 or behaviour == "endless":
                await asyncio.sleep(0)
            await out.drained()
            out.send(replies.chunk_frame(model, pieces[sent % len(pieces)]))
            sent += 1
        return sent

    async def _break_off(self, behaviour: str, out: Responder) -> None:
        if behaviour == "stall":
            await asyncio.sleep(3600)
        elif behaviour == "error":
            out.send(b'data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n')
            out.end()
        else:
            out.cut()

    def _pieces(self, behaviour: str, body: dict[str, object]) -> list[dict[str, str]]:
        text = self.script.text
        prompt = replies.last_user_message(body)
        for sign, said in self.script.replies.items():
            if sign in replies.first_message(body):
                return [{"content": piece} for piece in replies.tokens_of(said)]
        if behaviour == "onlythought":
            return [{"reasoning_content": piece} for piece in ("先看", "资料。")]
        if behaviour == "empty":
            return []
        if behaviour == "think":
            return [{"content": piece} for piece in replies.think_pieces(text)]
        if behaviour == "noopen":
            return [{"content": piece} for piece in list(replies.think_pieces(text))[3:]]
        if behaviour == "reasoning":
            return [{"reasoning_content": piece} for piece in ("先看", "资料。")] + [
                {"content": piece} for piece in replies.tokens_of(text)
            ]
        chosen: dict[str, Callable[[str], str]] = {
            "cite": replies.cite_answer,
            "inject": replies.inject_answer,
            "echo": str,
        }
        if behaviour == "asked":
            text = replies.parameters_of(body)
        if behaviour in chosen:
            text = chosen[behaviour](prompt)
        return [{"content": piece} for piece in replies.tokens_of(text)]

    def _at_once(
        self,
        model: str,
        behaviour: str,
        pieces: list[dict[str, str]],
        body: dict[str, object],
        out: Responder,
    ) -> None:
        finish = "length" if behaviour == "length" else "stop"
        out.whole(200, replies.completion_body(model, pieces, body, finish=finish))


def _run(script: Script, *, host: str, port: int, ready: Callable[[int, Callable[[], None]], None]) -> None:
    import uvloop

    async def main() -> None:
        model, stop, loop = ScriptedModel(script), asyncio.Event(), asyncio.get_running_loop()
        await serve(
            model.handle,
            model.counts,
            host=host,
            port=port,
            stop=stop,
            ready=lambda real: ready(real, lambda: loop.call_soon_threadsafe(stop.set)),
        )

    uvloop.run(main())


@contextmanager
def scripted_server(script: Script | None = None) -> Iterator[str]:
    """Run the server in a thread; yields its base URL, `http://127.0.0.1:PORT/v1`."""
    started = threading.Event()
    told: list[tuple[int, Callable[[], None]]] = []

    def ready(port: int, stop: Callable[[], None]) -> None:
        told.append((port, stop))
        started.set()

    thread = threading.Thread(
        target=_run,
        args=(script or Script(),),
        kwargs={"host": "127.0.0.1", "port": 0, "ready": ready},
        daemon=True,
    )
    thread.start()
    if not started.wait(10):
        raise RuntimeError("the scripted server did not start")
    port, stop = told[0]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        stop()
        thread.join(5)


def stats(base_url: str) -> Stats:
    """What the server counted so far, this look left out."""
    with urllib.request.urlopen(f"{base_url}/stats", timeout=5) as response:
        return Stats(**orjson.loads(response.read()))


def main() -> None:
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9009)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="tokens a second of each stream; 0 is as fast as possible"
    )
    parser.add_argument("--first-token", type=float, default=0.0, help="seconds before the first token")
    parser.add_argument(
        "--tokens", type=int, default=0, help="length of the answer; 0 keeps the default text"
    )
    given = parser.parse_args()
    text = "".join(f" w{i}" for i in range(given.tokens)) or replies.DEFAULT_TEXT
    script = Script(text=text, rate=given.rate, first_token_s=given.first_token)
    _run(
        script,
        host=given.host,
        port=given.port,
        ready=lambda port, _stop: print(f"http://{given.host}:{port}/v1", flush=True),
    )


if __name__ == "__main__":
    main()
