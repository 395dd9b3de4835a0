"""How well a folder of real files is parsed: `python benchmarks/samples_parse.py FOLDER [--timings]`.

The folder holds files and a manifest.json: rows with file, expect (text, ocr, empty, error:password,
error:corrupt) and must_contain, must_not_contain, must_appear_in_order. Every file goes through the
parser child, as an upload does. Texts are compared after NFKC, without white space; table cells are
parted by | here and by commas or semicolons in some rows of the manifest, so those are left out too
for CSV files. Recognised text (expect: ocr) may differ from a sentence in a few characters.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import unicodedata
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from apps.rag.errors import ParseError  # noqa: E402
from apps.rag.parsing.sniff import EXTENSIONS, HEAD_BYTES, media_type_for  # noqa: E402
from apps.rag.sandbox import ParserPool, Prepared  # noqa: E402
from apps.rag.types import SourceFile  # noqa: E402

_NEAR = 93.0
_CODES = {"empty": "empty", "error:password": "password", "error:corrupt": "corrupt"}


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: str  # ok, wrong, later
    said: str
    seconds: float = 0.0
    elements: int = 0
    chunks: int = 0


def plain(text: str, *, csv: bool) -> str:
    text = "".join(unicodedata.normalize("NFKC", text).split())
    return text.translate(dict.fromkeys(map(ord, "|,;"))) if csv else text


def holds(text: str, sentence: str, *, near: float) -> bool:
    """Whether the sentence stands in the text, by at least `near` per cent of its characters."""
    return sentence in text or (near < 100 and fuzz.partial_ratio(sentence, text) >= near)


def judge(row: dict[str, Any], prepared: Prepared) -> str:
    """An empty string, or what is wrong with the text of the chunks."""
    csv = row["format"] == "csv"
    spaced = "\n".join(f"{' '.join(chunk.headings)}\n{chunk.text}" for chunk in prepared.chunks)
    elements = "\n".join(element.text for element in prepared.document.elements)
    for text, name in ((plain(spaced, csv=csv), "chunks"), (plain(elements, csv=csv), "elements")):
        near = _NEAR if row["expect"] == "ocr" else 100.0
        missing = [
            item for item in row.get("must_contain", ()) if not holds(text, plain(item, csv=csv), near=near)
        ]
        if missing:
            return f"missing in {name}: {missing[0][:40]}"
        present = [item for item in row.get("must_not_contain", ()) if plain(item, csv=csv) in text]
        if present:
            return f"should not be there: {present[0][:40]}"
        places = [text.find(plain(item, csv=csv)) for item in row.get("must_appear_in_order", ())]
        if places != sorted(places) or -1 in places:
            return f"order: {places}"
    return ""


def run(row: dict[str, Any], folder: Path, pool: ParserPool, workdir: Path) -> Outcome:
    path = folder / row["file"]
    if path.suffix.lower().lstrip(".") not in EXTENSIONS:
        return Outcome("later", "format not taken yet")
    started = time.perf_counter()
    try:
        media_type = media_type_for(path.name, path.read_bytes()[:HEAD_BYTES])
        source = SourceFile(uuid.uuid4(), 1, uuid.uuid4(), uuid.uuid4(), path.stem, path, media_type)
        prepared = pool.prepare(source, workdir=workdir)
    except ParseError as error:
        right = _CODES.get(row["expect"]) == error.code
        return Outcome("ok" if right else "wrong", error.code, time.perf_counter() - started)
    seconds = time.perf_counter() - started
    wrong = judge(row, prepared) if row["expect"] in ("text", "ocr") else f"expected {row['expect']}"
    return Outcome(
        "wrong" if wrong else "ok",
        wrong or "text",
        seconds,
        len(prepared.document.elements),
        len(prepared.chunks),
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("names", nargs="*", help="only these files")
    given = arguments.parse_args()
    folder = given.folder
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))
    rows = [row for row in rows if not given.names or row["file"] in given.names]
    verdicts: Counter[str] = Counter()
    pool = ParserPool(size=1)
    try:
        with tempfile.TemporaryDirectory() as workdir:
            for row in rows:
                outcome = run(row, folder, pool, Path(workdir))
                verdicts[outcome.verdict] += 1
                print(
                    f"{outcome.verdict:6} {row['file']:32} {row['expect']:15} {outcome.said:40.40} "
                    f"{outcome.seconds:6.2f} s {outcome.elements:5} elements {outcome.chunks:4} chunks"
                )
    finally:
        pool.close()
    judged = verdicts["ok"] + verdicts["wrong"]
    print(
        f"\n{verdicts['ok']} of {judged} as expected ({verdicts['ok'] / max(1, judged):.1%}); {verdicts['later']} formats not taken yet"
    )
    return 1 if verdicts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
