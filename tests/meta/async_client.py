"""Makes ``lookalike/client/asynchronous`` of ``lookalike/client/blocking``; run it after a change of the latter.

python -m tests.meta.async_client
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "lookalike" / "client"
BLOCKING, ASYNCHRONOUS = CLIENT / "blocking", CLIENT / "asynchronous"
NOTICE = "# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.\n\n"

STAY = ("__init__", "url", "id", "total", "why_empty", "_result")
"""Methods that ask nobody."""
AWAITED = (
    r"self\._(?:ask|read|send|fetch|save)\(|self\._sender\._ask\(|self\._http\.request\(|self\._http\.close\(|self\.close\("
    r"|self\.refresh\(|self\.get_run\(|self\.to_list\(|self\.list_(?:points|suspects|reviews|review_log)\("
    r"|fetch\((?=0)|response\.read\(|time\.sleep\("
)
WORDS = (
    (r"lookalike\.client\.blocking", "lookalike.client.asynchronous"),
    (r"\bhttpx\.Client\b", "httpx.AsyncClient"),
    (r"\bClient\(", "AsyncClient("),
    (r"\bListing\b", "AsyncListing"),
    (r"\bRun\b(?=[\[(])", "AsyncRun"),
    (r"import Progress, Run\b", "import Progress, AsyncRun"),
    (r"\bCallable\[\[int, int\], Page\[M\]\]", "Callable[[int, int], Awaitable[Page[M]]]"),
    (r"import Callable, Iterator$", "import AsyncIterator, Callable"),
    (r"import Iterator$", "import AsyncIterator"),
    (r"with self\._http\.stream\(", "async with self._http.stream("),
    (r"for line in response\.iter_lines\(", "async for line in response.aiter_lines("),
    (r"for chunk in response\.iter_bytes\(", "async for chunk in response.aiter_bytes("),
    (r"\bresponse\.read\(", "response.aread("),
    (r"for (info|line) in (self\.(?:_listen|_sender\._lines)\()", r"async for \1 in \2"),
    (r"import Callable, Iterator, Sequence", "import AsyncIterator, Awaitable, Callable, Sequence"),
    (r"\bIterator\[", "AsyncIterator["),
    (r"\b__iter__\b", "__aiter__"),
    (r"\b__enter__\b", "__aenter__"),
    (r"\b__exit__\b", "__aexit__"),
    (r"\b_http\.close\(", "_http.aclose("),
    (r"\btime\.sleep\(", "asyncio.sleep("),
    (r"^import time$", "import asyncio\nimport time"),
    (r"for row in self\]", "async for row in self]"),
    (r">>> for (\w+) in client\.(suspects|points|reviews|review_log|watch_run)\(",
     r">>> async for \1 in await client.\2("),
    (r">>> for info in run\.events\(", ">>> async for info in run.events("),
    (r"\bin client\.", "in await client."),
    (r">>> (\w+ = |)(client|run)\.(?!info)", r">>> \1await \2."),
    (r">>> with lookalike\.connect\(\)", ">>> async with lookalike.connect_async()"),
    (r"\.\.\.     suspects = client\.suspects\(limit=50\)\.to_list\(\)",
     "...     listing = await client.suspects(limit=50)\n        ...     suspects = await listing.to_list()"),
    (r">>> await run\.wait\(\)(\S+)", r">>> (await run.wait())\1"),
    (r"``lookalike\.connect`` makes it", "``lookalike.connect_async`` makes it"),
    (r"The client that waits for answers\. .*?\"\"\"", 'The client whose answers are awaited."""'),
    (r" - the asynchronous client is made of this", " - made of the blocking client"),
    (r"  # noqa: (?:UP028|C416) - made of the blocking client", ""),
)  # fmt: skip


def main() -> None:
    """Write the folder anew."""
    for name, text in make_all().items():
        (ASYNCHRONOUS / name).write_text(text, encoding="utf-8")


def make_all() -> dict[str, str]:
    """Name of a file -> its text."""
    return {path.name: make_asynchronous(path.read_text(encoding="utf-8")) for path in sorted(BLOCKING.glob("*.py"))}


def make_asynchronous(text: str) -> str:
    """The asynchronous twin of a module."""
    text = re.sub(rf"(?<!await )({AWAITED})", r"await \1", text)
    text = re.sub(r"^( {4,8})def (\w+)\(", _make_coroutine, text, flags=re.MULTILINE)
    text = re.sub(r"\(await (self\.refresh\(\))\)", r"await \1", text)
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return _run_ruff("format", _run_ruff("check", NOTICE + text, "--select", "I", "--fix-only", "--quiet"))


def _run_ruff(command: str, text: str, *options: str) -> str:
    arguments = [
        sys.executable,
        "-m",
        "ruff",
        command,
        *options,
        "--stdin-filename",
        str(ASYNCHRONOUS / "module.py"),
        "-",
    ]
    return subprocess.run(arguments, input=text, capture_output=True, text=True, check=True, cwd=CLIENT).stdout


def _make_coroutine(found: re.Match[str]) -> str:
    return found[0] if found[2] in STAY else f"{found[1]}async def {found[2]}("


if __name__ == "__main__":
    main()
