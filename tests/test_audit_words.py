"""Every action that the product writes into the trail has words on the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from apps.accounts.audit_words import action_words

APPS = Path(__file__).resolve().parent.parent / "apps"
ACTION = re.compile(r"^[a-z_]+(\.[a-z_]+)+$")
WRITES = {"audit_record", "_save", "_record", "_installed", "_decide", "document_opened"}


def written() -> dict[str, str]:
    """Action → where it is written: the texts of that shape among the arguments of what writes a row."""
    found = {}
    for path in APPS.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if (
                not isinstance(call, ast.Call)
                or getattr(call.func, "id", getattr(call.func, "attr", "")) not in WRITES
            ):
                continue
            for argument in [*call.args, *(one.value for one in call.keywords if one.arg == "action")]:
                for text in ast.walk(argument):
                    if (
                        isinstance(text, ast.Constant)
                        and isinstance(text.value, str)
                        and ACTION.match(text.value)
                    ):
                        found[text.value] = f"{path.name}:{text.lineno}"
    return found


def test_every_action_has_words():
    found = written()
    assert len(found) > 70, "the search finds nothing any more"
    assert {action: place for action, place in found.items() if action not in action_words()} == {}
