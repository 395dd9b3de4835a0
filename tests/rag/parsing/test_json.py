from __future__ import annotations

import json
from pathlib import Path

from apps.rag.parsing.jsonfile import parse_json
from apps.rag.types import ParsedDocument
from tests.rag.parsing.files import find, texts


def parsed(tmp_path: Path, value: object, encoding: str = "utf-8") -> ParsedDocument:
    path = tmp_path / "a.json"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    return parse_json(path)


def test_keys_are_headings_and_plain_values_lines(tmp_path: Path) -> None:
    document = parsed(tmp_path, {"名称": "问档", "server": {"port": 80, "tls": {"on": True}}, "none": None})
    assert texts(document) == ["名称: 问档", "server", "port: 80", "tls", "on: true"]
    assert find(document, "on: true").headings == ("server", "tls")


def test_lists_of_like_objects_are_tables(tmp_path: Path) -> None:
    people = [
        {"name": "张三", "dept": {"name": "人事"}, "tags": ["a", "b"]},
        {"name": "李四", "dept": {"name": "财务"}},
    ]
    document = parsed(tmp_path, {"people": people})
    table = find(document, "张三")
    assert table.kind == "table" and table.headings == ("people",)
    assert table.text.split("\n")[0] == "| name | dept.name | tags |"
    assert "| 张三 | 人事 | a, b |" in table.text


def test_records_with_long_texts_stay_texts(tmp_path: Path) -> None:
    records = [{"title": f"t{number}", "text": "很长的正文。" * 100} for number in range(3)]
    document = parsed(tmp_path, records)
    assert not texts(document, "table")
    assert texts(document, "heading") == ["[1]", "[2]", "[3]"]


def test_json_lines_and_gbk_are_read(tmp_path: Path) -> None:
    lines = "\n".join(
        json.dumps({"问": f"问题{n}是什么", "答": f"答案{n}在这里"}, ensure_ascii=False) for n in range(3)
    )
    document = parsed(tmp_path, lines, "gbk")
    assert "| 问题2是什么 | 答案2在这里 |" in document.elements[0].text
