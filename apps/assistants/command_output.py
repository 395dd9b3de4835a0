"""How `manage.py models` shows a list, a comparison and progress."""

from __future__ import annotations

from typing import Any

from django.core.management.base import OutputWrapper
from django.utils.translation import get_language
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from apps.assistants.library import Entry

STAGES = {
    "trial": "a trial",
    "questions": "asking the known questions",
    "index": "indexing",
    "download": "loading",
}


def _console(to: OutputWrapper) -> Console:
    terminal = to.isatty()
    stream: Any = to._out  # the stubs take it for a function
    return Console(file=stream, force_terminal=terminal, width=None if terminal else 160)


def table(found: list[Entry], *, to: OutputWrapper) -> None:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    shown = Table(box=None, pad_edge=False)
    for heading in ("model", "kind", "", "languages", "dim", "tokens", "MB", "memory MB", "licence", "about"):
        shown.add_column(heading, overflow="fold")
    for entry in found:
        known = entry.known
        about = " ".join(filter(None, (known.note[language], known.evaluation[language]))) if known else ""
        shown.add_row(
            entry.name,
            entry.kind,
            _state(entry),
            ", ".join(known.languages).replace("*", "all") if known else "",
            _number(known.dimension if known else entry.files.dimension if entry.files else None),
            _number(known.context_tokens if known else None),
            _number(entry.files.size // 1_000_000 if entry.files else known.size_mb if known else None),
            _number(known.memory_mb if known else None),
            known.licence if known else "",
            about,
        )
    _console(to).print(shown)


def _state(entry: Entry) -> str:
    if entry.in_use:
        return "in use"
    if entry.is_here:
        return "here"
    return "" if entry.can_be_pulled else "elsewhere"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def compared(switch: dict[str, Any]) -> list[str]:
    """Lines for people: what serves now, and what the known questions say."""
    lines = [f"{switch['kind']}: {switch['model'] or 'no model'} is in use"]
    for when in ("before", "after"):
        if told := switch.get(when):
            shares = f"first {told['first']:.3f}, among ten {told['ten']:.3f}, MRR {told['mrr']:.3f}"
            lines.append(f"  {when:6} {told['questions']} questions: {shares}")
    before, after = switch.get("before"), switch.get("after")
    if before and after and after["mrr"] < before["mrr"] - 0.01:
        lines.append(f"  fewer answers than before: go back with `models use --undo --kind {switch['kind']}`")
    return lines


class Bar:
    """A progress bar; where the output is no terminal, a line now and then."""

    def __init__(self, name: str, *, to: OutputWrapper) -> None:
        self._name, self._to = name, to
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._said = ("", -1)

    def __enter__(self) -> Bar:
        if self._to.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
            loading = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, *loading, console=_console(self._to))
            self._bar.start()
            self._task = self._bar.add_task(self._name, total=None)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def bytes(self, done: int, total: int, path: str) -> None:
        self._show(done, total, f"{self._name}  {path}" if path else self._name)

    def __call__(self, done: int, total: int, stage: str) -> None:
        self._show(done, total, f"{self._name}  {STAGES.get(stage, stage)}")

    def _show(self, done: int, total: int, text: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total or None, description=text)
            return
        tenth = done * 10 // total if total else 0
        if (text, tenth) != self._said:
            self._said = (text, tenth)
            self._to.write(f"  {text}: {tenth * 10} %")
            self._to.flush()
