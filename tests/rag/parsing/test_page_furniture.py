"""Running headers and page numbers: dropped as a rule, kept where somebody asked for them."""

from __future__ import annotations

from pathlib import Path

from apps.rag.parsing.parser import AutoParser
from apps.rag.parsing.ways import Ways, WaysParser, keeps_furniture
from tests.rag.parsing.files import Pdf, source, texts


def book(path: Path) -> Path:
    pdf = Pdf(path)
    for number in (1, 2, 3):
        pdf.line("Company handbook", y=40, font="Helvetica")
        pdf.line(
            f"Sentence {'one two three'.split()[number - 1]} of the body stands here.",
            y=300,
            font="Helvetica",
        )
        pdf.line(f"Page {number}", y=815, font="Helvetica")
        pdf.page()
    pdf.save()
    return path


def test_what_repeats_at_the_edges_is_dropped_unless_kept(tmp_path: Path) -> None:
    file = source(book(tmp_path / "book.pdf"))
    assert "Company handbook" not in "".join(texts(AutoParser().parse(file)))
    kept = "\n".join(texts(WaysParser(Ways(whole_pages=True)).parse(file)))
    assert kept.count("Company handbook") == 3 and "Page 2" in kept and "Sentence two" in kept


def test_the_wish_ends_with_its_file(tmp_path: Path) -> None:
    WaysParser(Ways(whole_pages=True)).parse(source(book(tmp_path / "book.pdf")))
    assert not keeps_furniture()


def test_the_footer_of_a_slide_is_kept_on_request(tmp_path: Path) -> None:
    from pptx import Presentation

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Leave"
    for shape in list(slide.slide_layout.placeholders):
        if shape.placeholder_format.type.name == "FOOTER":
            slide.shapes._spTree.append(shape._element)
            slide.placeholders[shape.placeholder_format.idx].text = "Internal use only"
    deck.save(str(tmp_path / "deck.pptx"))
    file = source(tmp_path / "deck.pptx")
    assert "Internal use only" not in texts(AutoParser().parse(file))
    assert "Internal use only" in texts(WaysParser(Ways(whole_pages=True)).parse(file))
