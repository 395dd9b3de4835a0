"""Small real files of each kind, made in memory."""

from __future__ import annotations

import io
import zipfile

WORDS = "Travel above 3,000 yuan needs the signature of the head of department."
CHINESE = "差旅费报销应当在出差结束后三十日内提交，逾期须经分管领导批准。"


def docx(*paragraphs: str) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("Travel rules", 1)
    for paragraph in paragraphs or (WORDS,):
        document.add_paragraph(paragraph)
    return _saved(document)


def pdf(*pages: str, password: str = "") -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption(password) if password else None, invariant=True)
    for page in pages or (WORDS,):
        canvas.drawString(72, 720, page)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def csv() -> bytes:
    return b"city,limit\nBeijing,650\nShanghai,600\n"


def gb18030() -> bytes:
    return (CHINESE + "\n\n" + "本办法由财务处负责解释，自印发之日起施行。").encode("gb18030")


def zip_bomb_docx(*, megabytes: int = 20) -> bytes:
    """A document part that unpacks to far more than it holds."""
    stream = io.BytesIO(docx())
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/extra.xml", b" " * (megabytes * 1024 * 1024))
    return stream.getvalue()


def broken_docx() -> bytes:
    """The right first bytes, cut in the middle."""
    whole = docx()
    return whole[: len(whole) // 2]


def broken_pdf() -> bytes:
    return b"%PDF-1.7\n" + b"this is not the inside of a PDF file\n" * 20


def exe() -> bytes:
    return b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00\x01\x02" * 500


def _saved(document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
