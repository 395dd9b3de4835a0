"""Filters of templates: moments as people say them, sizes, kinds of files."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation

from apps.core.templatetags import askive

NOW = datetime(2026, 3, 5, 15, 30, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("back", "english", "chinese"),
    [
        (timedelta(seconds=20), "just now", "刚刚"),
        (timedelta(minutes=1, seconds=5), "1 minute ago", "1 分钟前"),
        (timedelta(minutes=59), "59 minutes ago", "59 分钟前"),
        (timedelta(hours=2), "today 13:30", "今天 13:30"),
        (timedelta(days=1), "yesterday 15:30", "昨天 15:30"),
        (timedelta(days=20), "13 Feb", "2月13日"),
        (timedelta(days=400), "29 Jan 2025", "2025年1月29日"),
    ],
)
def test_a_moment_is_said_as_people_say_it(back, english, chinese):
    with translation.override("en"):
        assert askive.spoken(NOW - back, now=NOW) == english
    with translation.override("zh-hans"):
        assert askive.spoken(NOW - back, now=NOW) == chinese


def test_the_exact_moment_is_in_the_title():
    html = askive.ago(NOW)
    assert 'title="2026-03-05 15:30:00"' in html and 'datetime="2026-03-05T15:30:00' in html
    assert askive.ago(None) == ""


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (9949, "9.9 KB"),
        (34_000_000, "34 MB"),
        (999_600, "1.0 MB"),
        (None, ""),
    ],
)
def test_sizes_have_two_places_that_matter(size, words):
    assert askive.filesize2(size) == words


def test_history_is_grouped_by_day_then_by_month():
    with translation.override("en"):
        groups = [askive.day_group(timezone.localtime() - timedelta(days=days)) for days in (0, 1, 3, 20)]
        assert groups == ["Today", "Yesterday", "Last 7 days", "Last 30 days"]
        assert (
            askive.day_group(datetime(2020, 2, 3, 12, tzinfo=timezone.get_default_timezone()))
            == "February 2020"
        )


def test_a_file_has_the_icon_of_its_kind():
    assert askive.file_icon("办法.PDF") == "document-pdf"
    assert askive.file_icon("no-ending") == "document"


def test_an_icon_with_a_label_is_read_out_and_one_without_is_hidden():
    assert 'aria-hidden="true"' in askive.icon("search")
    assert 'role="img" aria-label="Find &lt;it&gt;"' in askive.icon("search", label="Find <it>")


@pytest.mark.parametrize(("number", "said"), [(0, "0"), (999, "999"), (32616, "32,616"), (None, "")])
def test_counts_are_grouped_by_three(number, said):
    assert askive.grouped(number) == said
