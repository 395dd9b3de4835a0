from __future__ import annotations

from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.csvfile import parse_csv, sniff_delimiter
from apps.rag.parsing.markdown import parse_markdown
from apps.rag.parsing.notes import localise, note, ranges
from apps.rag.parsing.text import parse_text
from tests.rag.parsing.files import find, texts

LAW = """第一章　总则

第一条　为了规范公司的行为，制定本法。
第二条　本法所称公司，是指有限责任公司。

一、总体要求
（一）基本原则
正文在这里，是一句话。
"""


def test_chinese_headings_are_told_by_their_form(tmp_path: Path) -> None:
    path = tmp_path / "law.txt"
    path.write_text(LAW, "utf-8")
    document = parse_text(path)
    assert texts(document, "heading") == ["第一章 总则", "一、总体要求", "（一）基本原则"]
    assert find(document, "第二条").headings == ("第一章 总则",)
    assert find(document, "正文").headings == ("第一章 总则", "一、总体要求", "（一）基本原则")
    assert document.language == "zh"


def test_hard_wrapped_lines_are_joined(tmp_path: Path) -> None:
    sentence = (
        "The quick brown fox jumps over the lazy dog and then goes on to do many other things that foxes do. "
    )
    words = (sentence * 12).split()
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 70:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    path = tmp_path / "mail.txt"
    path.write_text("\n".join([*lines, line]) + "\n\nSecond paragraph.", "utf-8")
    assert texts(parse_text(path)) == [(sentence * 12).strip(), "Second paragraph."]


def test_a_guessed_encoding_is_a_warning_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "fr.txt"
    path.write_bytes("Les élèves français étaient à l'école, où ça va très bien.".encode("cp1252"))
    (warning,) = parse_text(path).warnings
    assert "UTF-8" in localise(warning, "zh-hans") and "编码" in localise(warning, "zh-hans")
    assert localise(warning, "en").startswith("The character encoding")


def test_blank_text_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "blank.txt"
    path.write_text(" \n\t\n")
    with pytest.raises(ParseError) as caught:
        parse_text(path)
    assert caught.value.code == "empty"


MARKDOWN = """---
title: 休假制度
author: "人事部"
---
# 休假制度

第一条 员工享有年假。

## 年假

1. 满一年五天
   - 含法定节假日
2. 满十年十天

| 工龄 | 天数 |
| --- | --- |
| 1 年 | 5 |
| 10 | a\\|b |

```python
def days(years):

    return 5
```

![架构图](x.png) 之后的 `code` 与 **粗体** [链接](http://example.com)
"""


def test_markdown_keeps_its_structure(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(MARKDOWN, "utf-8")
    document = parse_markdown(path)
    assert document.metadata == {"title": "休假制度", "author": "人事部"}
    assert texts(document, "heading") == ["休假制度", "年假"]
    assert texts(document, "list") == ["1. 满一年五天", "  - 含法定节假日", "2. 满十年十天"]
    assert texts(document, "table") == ["| 工龄 | 天数 |\n| --- | --- |\n| 1 年 | 5 |\n| 10 | a\\|b |"]
    assert texts(document, "code") == ["def days(years):\n\n    return 5"]
    assert find(document, "架构图").text == "架构图 之后的 code 与 粗体 链接"
    assert find(document, "满一年").headings == ("休假制度", "年假")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b;c\n1;2,5;3\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ('"x;y",b\n1,2\n', ","),
        ("alone\n", ","),
    ],
)
def test_the_csv_delimiter_is_the_regular_one(text: str, delimiter: str) -> None:
    assert sniff_delimiter(text) == delimiter


def test_csv_rows_come_in_groups_that_repeat_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(
        f"{number},员工{number},研发部负责后端平台与数据的第{number}组\n" for number in range(1, 61)
    )
    path.write_bytes(f"编号,姓名,部门\n{rows}".encode("gbk"))
    tables = [element for element in parse_csv(path).elements if element.kind == "table"]
    assert len(tables) > 1
    assert all(table.text.startswith("| 编号 | 姓名 | 部门 |\n| --- |") for table in tables)
    assert tables[0].cells is not None and tables[0].cells.startswith("A1:C")
    joined = "\n".join(table.text for table in tables)
    assert all(f"| 员工{number} |" in joined for number in range(1, 61))


def test_page_ranges_read_well() -> None:
    assert ranges([7, 1, 2, 3]) == "1–3, 7"
    assert "第3页" in note("no_text_layer", pages="3")
