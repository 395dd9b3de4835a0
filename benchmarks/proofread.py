"""How long POST /api/v1/proofread takes on a running server: percentiles of one caller after another.

python -m benchmarks.proofread --url http://127.0.0.1:8080 --key ask_… --text texts.txt [--characters 2000] [--calls 100]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
import urllib.request
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--key", required=True)
    parser.add_argument("--text", type=Path, required=True, help="UTF-8; each call sends another part of it")
    parser.add_argument("--characters", type=int, default=2000)
    parser.add_argument("--calls", type=int, default=100)
    chosen = parser.parse_args()
    text = chosen.text.read_text("utf-8")
    pick = random.Random(1)
    _ask(chosen.url, chosen.key, text[: chosen.characters])  # the first call opens the model
    taken = []
    for _number in range(chosen.calls):
        start = pick.randrange(max(1, len(text) - chosen.characters))
        begun = time.perf_counter()
        _ask(chosen.url, chosen.key, text[start : start + chosen.characters])
        taken.append(1000 * (time.perf_counter() - begun))
    cuts = statistics.quantiles(taken, n=100)
    print(
        f"{chosen.calls} calls of {chosen.characters} characters: median {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms"
    )


def _ask(url: str, key: str, text: str) -> None:
    body = json.dumps({"text": text, "engines": ["rules", "dictionary", "statistics", "facts"]}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/proofread", data=body, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the address is the caller's
        answer.read()


if __name__ == "__main__":
    main()
