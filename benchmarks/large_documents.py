"""Long files, scans and a full queue: memory, speed, errors of recognition, waiting time.

    python -m benchmarks.large_documents [memory|xlsx|speed|ocr|queue …] [--pages 5000] [--megabytes 195]

memory  a PDF of a tenth and of all the pages, over REST: the largest unique memory of the server and of the child
xlsx    a workbook of a tenth of the size and of the size: memory of the child, and of whoever reads the passages back
speed   pages a second of the parser child against pypdfium2's bare text extraction of the same file, in one run
ocr     seconds a page and character error rate on drawn Chinese pages
queue   seconds until a small file is found while 500 others and second looks wait
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.large_files import chinese_picture, english_pdf, large_xlsx, long_pdf
from benchmarks.product import running
from benchmarks.texts import markdown

FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
WAITING = 500


class Peaks:
    """The largest unique memory (MB) of the server and of any child of a parser's fork server, five times a second."""

    def __init__(self, root: psutil.Process) -> None:
        self._root = root
        self.server = self.child = 0.0
        self.before = self._root.memory_full_info().uss / 2**20
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.server = max(self.server, self._unique(self._root))
            for process in self._root.children(recursive=True):
                try:
                    if "forkserver" in " ".join(process.parent().cmdline()):
                        self.child = max(self.child, self._unique(process))
                except (psutil.Error, AttributeError):
                    continue

    def _unique(self, process: psutil.Process) -> float:
        try:
            return process.memory_full_info().uss / 2**20
        except psutil.Error:
            return 0.0

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def ingest_one(path: Path) -> None:
    """Upload to a fresh product and wait until it is ready."""
    with running(PARSER_SECONDS="7200") as product, product.client as client:
        cabinet = client.post("/api/v1/cabinets", json={"name": "bench"}).json()["id"]
        warm = client.post(
            "/api/v1/documents", data={"cabinet_id": cabinet}, files={"file": ("w.md", markdown(1).encode())}
        )
        warm.raise_for_status()
        product.wait_until_idle()
        peaks, started = Peaks(psutil.Process(product.process.pid)), time.perf_counter()
        with path.open("rb") as file:
            answer = client.post(
                "/api/v1/documents", data={"cabinet_id": cabinet}, files={"file": (path.name, file)}
            )
        answer.raise_for_status()
        key = answer.json()["items"][0]["id"]
        while (row := client.get(f"/api/v1/documents/{key}").json())["status"] in ("queued", "processing"):
            time.sleep(0.5)
        seconds = time.perf_counter() - started
        peaks.stop()
        size = path.stat().st_size / 1e6
        print(
            f"{path.name} {size:6.1f} MB  {row['status']} {row['error'] or ''} {row['page_count'] or ''} pages"
            f"  {row['chunk_count']} chunks  {seconds:7.1f} s  {row['timings_ms']}  server {peaks.before:.0f} → "
            f"{peaks.server:.0f} MB  child {peaks.child:.0f} MB",
            flush=True,
        )


def memory(folder: Path, options: argparse.Namespace) -> None:
    for pages in (options.pages // 10, options.pages):
        path = folder / f"pages-{pages}.pdf"
        long_pdf(path, pages)
        ingest_one(path)


def xlsx(folder: Path, options: argparse.Namespace) -> None:
    """Without a store, whose index in memory grows with what it holds whoever writes it (see `memory`)."""
    from apps.rag import indexing
    from apps.rag.sandbox import Limits, ParserPool
    from apps.rag.sparse import BigramEncoder

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    encoder, pool = BigramEncoder(), ParserPool(size=1)
    for megabytes in (options.megabytes // 10, options.megabytes):
        path = folder / f"rows-{megabytes}.xlsx"
        rows = large_xlsx(path, megabytes)
        peaks, started = Peaks(psutil.Process()), time.perf_counter()
        prepared = pool.prepare(_source(path, media_type), workdir=folder, limits=Limits(wall_max=7200))
        parsed = time.perf_counter()
        for number, batch in enumerate(indexing.batches(prepared.each_chunk())):
            if number % 10 == 0:  # a tenth is encoded: it costs the same for each batch
                encoder.encode_documents([chunk.embedding_text for chunk in batch])
        peaks.stop()
        print(
            f"{path.stat().st_size / 1e6:.1f} MB  {rows:,} rows  {prepared.chunk_count} chunks  parse {parsed - started:.0f} s"
            f"  read back {time.perf_counter() - parsed:.0f} s  worker {peaks.before:.0f} → {peaks.server:.0f} MB"
            f"  child {peaks.child:.0f} MB",
            flush=True,
        )
        path.unlink()
        shutil.rmtree(prepared.folder)
    pool.close()


def speed(folder: Path, options: argparse.Namespace) -> None:
    from apps.rag.sandbox import ParserPool

    pages = min(400, options.pages)
    pool = ParserPool(size=1)
    pool.warm()
    for name, make in (("english", english_pdf), ("chinese", long_pdf)):
        path = folder / f"{name}.pdf"
        make(path, pages)
        floor, ours = [], []
        for _ in range(3):
            started = time.perf_counter()
            _bare(path)
            floor.append(time.perf_counter() - started)
            prepared = pool.prepare(_source(path, "application/pdf"), workdir=folder)
            ours.append(prepared.timings_ms["parse"] / 1000)
        bare, full = pages / statistics.median(floor), pages / statistics.median(ours)
        print(
            f"{name}: bare pypdfium2 {bare:.0f} pages/s   parser child {full:.0f} pages/s   {bare / full:.1f} times"
        )
    pool.close()


def _bare(path: Path) -> int:
    """Characters that pdfium alone finds."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return sum(len(page.get_textpage().get_text_range()) for page in document)
    finally:
        document.close()


def ocr(folder: Path, options: argparse.Namespace) -> None:
    from rapidfuzz.distance import Levenshtein

    from apps.rag.sandbox import ParserPool

    pool, wrong, letters, seconds = ParserPool(size=1), 0, 0, []
    for number, points in enumerate((16, 12, 10.5, 9)):
        path = folder / f"{points}.png"
        text = chinese_picture(path, points=points, seed=number, font=options.font)
        started = time.perf_counter()
        prepared = pool.prepare(_source(path, "image/png"), workdir=folder)
        seconds.append(time.perf_counter() - started)
        found = "".join("".join(element.text.split()) for element in prepared.elements())
        errors = Levenshtein.distance(text, found)
        wrong, letters = wrong + errors, letters + len(text)
        print(f"{points:5} pt  {len(text)} characters  {errors} wrong  {seconds[-1]:.1f} s", flush=True)
    pool.close()
    print(
        f"{100 * wrong / letters:.2f} % of {letters} characters wrong, {statistics.median(seconds):.1f} s a page"
    )


def queue(folder: Path, options: argparse.Namespace) -> None:
    with running() as product, product.client as client:
        crowd, mine = (
            client.post("/api/v1/cabinets", json={"name": name}).json()["id"] for name in ("crowd", "mine")
        )
        client.post(
            "/api/v1/documents", data={"cabinet_id": crowd}, files={"file": ("w.md", markdown(1).encode())}
        )
        product.wait_until_idle()
        for number in range(WAITING):
            body = markdown(number + 2, size=20_000).encode()
            client.post(
                "/api/v1/documents", data={"cabinet_id": crowd}, files={"file": (f"{number}.md", body)}
            ).raise_for_status()
        waiting = client.get("/api/v1/documents", params={"status": "queued", "limit": 200}).json()["items"]
        words = f"The heron of {uuid.uuid4().hex[:8]} nests"
        started = time.perf_counter()
        client.post(
            "/api/v1/documents",
            data={"cabinet_id": mine},
            files={"file": ("mine.md", f"# A\n\n{words}.".encode())},
        )
        while not _finds(client, words, mine):
            time.sleep(0.1)
        print(f"found after {time.perf_counter() - started:.1f} s while {len(waiting)}+ of {WAITING} waited")


def _finds(client, words: str, cabinet: str) -> bool:
    body = {"query": words, "cabinet_ids": [cabinet], "top_k": 1}
    return bool(client.post("/api/v1/search", json=body).json()["passages"])


def _source(path: Path, media_type: str):
    from apps.rag.types import SourceFile

    return SourceFile(uuid.uuid4(), 1, uuid.uuid4(), uuid.uuid4(), path.stem, path, media_type)


PARTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "speed": speed,
    "ocr": ocr,
    "queue": queue,
    "memory": memory,
    "xlsx": xlsx,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--megabytes", type=int, default=195)
    parser.add_argument("--font", default=FONT, help="a font with ideographs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="askive-bench-") as folder:
        for name in options.parts or PARTS:
            print(f"— {name}", flush=True)
            PARTS[name](Path(folder), options)


if __name__ == "__main__":
    main()
