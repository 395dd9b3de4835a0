"""The passage in the source panel: text stays text, tables are tables, and only the quote is marked."""

from __future__ import annotations

import pytest

from apps.chat.pages import framed
from apps.chat.passages import passage_html

ROWS = "| City | Night |\n| --- | --- |\n| Capital | 380 |\n| Other | 300 |"


def test_the_quote_is_marked_in_its_sentence():
    html = passage_html(before="", passage="One. ", quote="Two.", after=" Three.")
    assert html == "<p>One. <mark>Two.</mark> Three.</p>"


def test_text_is_escaped_and_cannot_forge_a_mark():
    html = passage_html(before="", passage="<b>\ue002", quote="<i>", after="\ue003&")
    assert html == "<p>&lt;b&gt;<mark>&lt;i&gt;</mark>&amp;</p>"


def test_a_row_of_a_table_is_marked_cell_by_cell():
    first, _, rest = ROWS.partition("| Capital | 380 |")
    html = passage_html(before="", passage=first, quote="| Capital | 380 |", after=rest)
    assert "<table>" in html and "<mark>Capital</mark>" in html and "<mark>380</mark>" in html
    assert "<mark>Other</mark>" not in html and "<mark>City</mark>" not in html and "---" not in html


def test_a_quote_over_two_lines_is_marked_in_both():
    html = passage_html(before="", passage="", quote="a\nb", after=" c")
    assert html == "<p><mark>a</mark>\n<mark>b</mark> c</p>"


def test_context_is_set_back_and_a_cut_row_at_its_beginning_left_out():
    html = passage_html(before="ty | Night |\n| Capital | 380 |\n\n", passage="Text.", quote="", after="")
    assert html.startswith('<div class="soft"><table>') and "Night" not in html
    assert html.endswith("<p>Text.</p>") and "<mark>" not in html


def test_a_table_cut_from_its_header_keeps_all_its_cells():
    html = passage_html(before="| 380 |\n| Tier 3 | 300 | 200 |\nText.", passage="P.", quote="", after="")
    assert "380" not in html
    assert all(cell in html for cell in ("<td>Tier 3</td>", "<td>300</td>", "<td>200</td>"))


def test_the_frame_of_a_box_stays_on_its_page():
    assert framed({"left": 0.1, "top": 50, "width": 99.8, "height": 2}) == {
        "left": 0.0, "top": 49.6, "width": 100.0, "height": pytest.approx(2.8),
    }  # fmt: skip


def test_without_context_or_quote_there_is_only_the_passage():
    assert passage_html(before="", passage="A\nB", quote="", after="") == "<p>A\nB</p>"


def test_context_that_was_cut_begins_and_ends_with_an_ellipsis():
    html = passage_html(
        before=f"y of it. {'Long context ' * 25}.", passage="Text.", quote="", after=" word" * 60
    )
    assert "… Long context" in html and "y of it" not in html
    assert html.endswith("word…</p>")
