"""Builds the demo cabinet's office files, PDFs, mail and GB18030 text from `sources/`.

    python -m apps.cabinets.demo.build [--without-pdf] [--target FOLDER]

Files in Markdown, HTML, CSV and UTF-8 text have no source: they lie in `files/` as written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from apps.cabinets.demo import FILES, HERE
from apps.cabinets.demo.builders.mail import write_eml
from apps.cabinets.demo.builders.pdf import convert_to_pdf
from apps.cabinets.demo.builders.sheets import write_xlsx
from apps.cabinets.demo.builders.slides import write_pptx
from apps.cabinets.demo.builders.source import Source, read_source
from apps.cabinets.demo.builders.word import write_docx

SOURCES = HERE / "sources"
WRITERS: dict[str, Callable[[Source, Path], None]] = {
    "docx": write_docx,
    "xlsx": write_xlsx,
    "pptx": write_pptx,
    "eml": write_eml,
}
# As an older Windows program saves a text: no UTF-8, lines ended by CR LF.
GB18030_TEXT = Path("行政/档案保管期限说明.txt")


def build(target: Path, *, pdf: bool = True) -> list[Path]:
    """Write every built file below `target` and return the paths, PDFs last."""
    sources = [read_source(path) for path in sorted(SOURCES.rglob("*.md"))]
    written = [_write(source, target) for source in sources if source.meta["output"] != "pdf"]
    written.append(_write_gb18030(target))
    if pdf:
        written += _write_pdfs([source for source in sources if source.meta["output"] == "pdf"], target)
    return written


def _write(source: Source, target: Path) -> Path:
    kind = source.meta["output"]
    path = _place(source, target).with_suffix(f".{kind}")
    WRITERS[kind](source, path)
    return path


def _write_gb18030(target: Path) -> Path:
    path = target / GB18030_TEXT
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (SOURCES / GB18030_TEXT).read_text(encoding="utf-8")
    path.write_text(text, encoding="gb18030", newline="\r\n")
    return path


def _write_pdfs(sources: list[Source], target: Path) -> list[Path]:
    with TemporaryDirectory() as folder:
        drafts = [Path(folder) / f"{source.path.stem}.docx" for source in sources]
        for source, draft in zip(sources, drafts, strict=True):
            write_docx(source, draft)
        convert_to_pdf(drafts, Path(folder))
        paths = [_place(source, target).with_suffix(".pdf") for source in sources]
        for draft, path in zip(drafts, paths, strict=True):
            path.write_bytes(draft.with_suffix(".pdf").read_bytes())
    return paths


def _place(source: Source, target: Path) -> Path:
    path = target / source.path.relative_to(SOURCES)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the files of the demo cabinet.")
    parser.add_argument("--target", type=Path, default=FILES, help="folder to write to")
    parser.add_argument("--without-pdf", action="store_true", help="leave the PDFs as they are")
    options = parser.parse_args()
    for path in build(options.target, pdf=not options.without_pdf):
        sys.stdout.write(f"{path.relative_to(options.target)} {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
