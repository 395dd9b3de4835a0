"""Golden questions as files: CSV for spreadsheets, JSON as benchmarks use it.

Columns and keys: question, answer, documents (names; in CSV separated by |), passage, words (in CSV separated
by |), unanswerable. JSON is a list, or {"questions": [...]}; `must_contain` is read as `words`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets.models import Cabinet
from apps.core.problems import Problem
from apps.quality.judging import digest
from apps.quality.models import GoldenQuestion
from apps.quality.services import MOST_QUESTIONS, Expectation, Origin, question_create, question_update
from apps.rag.encoding import decode

COLUMNS = ("question", "answer", "documents", "passage", "words", "unanswerable")
LARGEST = 5 * 1024 * 1024
SEPARATOR = "|"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate
YES = {"1", "true", "yes", "y", "是", "x"}
MOST_REJECTED = 100


def questions_import(*, by: User, cabinet: Cabinet, filename: str, data: bytes) -> dict[str, Any]:
    """Each row by itself: {added, updated, rejected: [{line, message}]}. A question that is there already is
    updated. Raises Problem 413, 415 and 422 for a file that cannot be read."""
    if len(data) > LARGEST:
        raise Problem(
            413, _("The file is larger than %(most)d MB.") % {"most": LARGEST // 2**20}, code="too_large"
        )
    rows = list(_rows(filename, data))
    if len(rows) > MOST_QUESTIONS:
        raise Problem(
            413, _("At most %(most)d questions in a file.") % {"most": MOST_QUESTIONS}, code="too_many"
        )
    if not rows:
        raise Problem(422, _("There is no question in the file."), code="empty")
    return expectations_take(by=by, cabinet=cabinet, rows=rows, origin=Origin.IMPORTED)


def expectations_take(
    *, by: User, cabinet: Cabinet, rows: Iterable[tuple[int, Any]], origin: str
) -> dict[str, Any]:
    added = updated = 0
    rejected: list[dict[str, Any]] = []
    for line, row in rows:
        try:
            with transaction.atomic():
                wanted = _expectation(row)
                known = cabinet.golden_questions.filter(digest=digest(wanted.question)).first()
                if known is None:
                    question_create(by=by, cabinet=cabinet, wanted=wanted, origin=origin)
                    added += 1
                else:
                    question_update(known, by=by, wanted=wanted)
                    updated += 1
        except Problem as problem:
            rejected.append({"line": line, "message": str(problem.detail)})
    return {
        "added": added,
        "updated": updated,
        "rejected": rejected[:MOST_REJECTED],
        "rejected_count": len(rejected),
    }


def _rows(filename: str, data: bytes) -> Iterator[tuple[int, Any]]:
    name = filename.lower()
    if name.endswith(".json"):
        yield from _json_rows(data)
    elif name.endswith(".csv"):
        yield from _csv_rows(data)
    else:
        raise Problem(415, _("Only CSV and JSON files can be imported here."), code="unsupported")


def _json_rows(data: bytes) -> Iterator[tuple[int, Any]]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(422, _("The file is not valid JSON."), code="unreadable") from None
    listed = content.get("questions") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        raise Problem(422, _("A JSON file is a list of questions."), code="unreadable")
    yield from enumerate(listed, start=1)


def _csv_rows(data: bytes) -> Iterator[tuple[int, Any]]:
    text = decode(data).text.lstrip("\ufeff")
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        if "question" not in [(name or "").strip().lower() for name in reader.fieldnames or []]:
            columns = ", ".join(COLUMNS)
            raise Problem(
                422,
                _("The first line names the columns: %(columns)s.") % {"columns": columns},
                code="unreadable",
            )
        for row in reader:
            cells = {
                (name or "").strip().lower(): _plain(cell or "")
                for name, cell in row.items()
                if isinstance(cell, str)
            }
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error:
        raise Problem(
            422, _("The file is not a table of comma-separated values."), code="unreadable"
        ) from None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _plain(cell: str) -> str:
    """Without the mark that kept a spreadsheet from calculating the cell."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def _expectation(row: Any) -> Expectation:
    if not isinstance(row, dict):
        raise Problem(422, _("A question is an object with the key “question”."), code="unreadable")
    flag = row.get("unanswerable", False)
    return Expectation(
        question=_text(row, "question"),
        answer=_text(row, "answer"),
        passage=_text(row, "passage"),
        words=_list(row, "words") or _list(row, "must_contain"),
        unanswerable=flag if isinstance(flag, bool) else str(flag).strip().lower() in YES,
        names=_list(row, "documents"),
    )


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Problem(422, _("“%(name)s” is a text.") % {"name": name}, code="unreadable")
    return value


def _list(row: dict[str, Any], name: str) -> list[str]:
    value = row.get(name) or []
    if isinstance(value, str):
        return [part.strip() for part in value.split(SEPARATOR) if part.strip()]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise Problem(422, _("“%(name)s” is a list of texts.") % {"name": name}, code="unreadable")
    return value


def questions_export(questions: Iterable[GoldenQuestion], *, as_csv: bool) -> bytes:
    """Oldest first, so that an import gives the same order. CSV with the mark by which spreadsheets know UTF-8."""
    rows = [_row(question) for question in questions]
    if not as_csv:
        return json.dumps({"questions": rows}, ensure_ascii=False, indent=2).encode()
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows:
        joined = {
            name: SEPARATOR.join(value) if isinstance(value, list) else value for name, value in row.items()
        }
        joined["unanswerable"] = "true" if row["unanswerable"] else ""
        writer.writerow({name: _guarded(value) for name, value in joined.items()})
    return out.getvalue().encode("utf-8-sig")


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _row(question: GoldenQuestion) -> dict[str, Any]:
    return {
        "question": question.question,
        "answer": question.answer,
        "documents": [target.name for target in question.targets.all()],
        "passage": question.passage,
        "words": question.words,
        "unanswerable": question.unanswerable,
    }
