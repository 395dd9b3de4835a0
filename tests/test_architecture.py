"""The house rules that a reader cannot see at a glance: who imports whom, and how large things grow."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE, LONGEST_FUNCTION = 300, 60

# Which apps an app may import (docs/decisions/0001); itself is understood, config may import all.
ALLOWED = {
    "net": set(),
    "core": {"net"},
    "rag": {"net"},
    "accounts": {"core", "net"},
    "cabinets": {"accounts", "core", "rag", "net"},
    "assistants": {"cabinets", "accounts", "core", "rag", "net"},
    "chat": {"assistants", "cabinets", "accounts", "core", "rag", "net"},
    "quality": {"assistants", "cabinets", "accounts", "core", "rag", "net"},
    "office": {"assistants", "cabinets", "accounts", "core", "rag", "net"},
}
WITHOUT_CIRCLES = ("accounts", "assistants", "cabinets", "chat", "core", "net", "office", "quality", "rag")
# A vendor's package → the one place that knows it.
VENDORS = {
    "qdrant_edge": ("apps/rag/stores/",),
    "qdrant_client": ("apps/rag/stores/",),
    "openai": ("apps/rag/llm", "apps/rag/embedders/endpoint.py"),
    "sentence_transformers": ("apps/rag/embedders/", "apps/rag/rerankers/"),
    "torch": ("apps/rag/embedders/", "apps/rag/rerankers/"),
    "unstructured": ("apps/rag/parsing/",),
    "pypdfium2": ("apps/rag/parsing/", "apps/rag/pages.py"),
    "pdfplumber": ("apps/rag/parsing/",),
    "docx": ("apps/rag/parsing/", "apps/cabinets/demo/", "apps/chat/word", "apps/office/"),
    "openpyxl": ("apps/rag/parsing/", "apps/cabinets/demo/"),
    "pptx": ("apps/rag/parsing/", "apps/cabinets/demo/"),
    "langchain_core": ("apps/rag/langchain.py", "apps/rag/chunking.py"),
    "langchain_text_splitters": ("apps/rag/chunking.py", "apps/rag/parsing/preload/"),
    "markdown_it": ("apps/core/markdown.py", "apps/rag/parsing/", "apps/cabinets/demo/"),
    "nh3": ("apps/core/markdown.py", "apps/rag/parsing/"),
    "celery": (
        "config/",
        "apps/cabinets/tasks.py",
        "apps/cabinets/embedded.py",
        "apps/chat/tasks.py",
        "apps/quality/tasks.py",
        "apps/office/tasks.py",
        "apps/accounts/tasks.py",
        "apps/assistants/tasks.py",
        "apps/core/health.py",
        "apps/core/hints.py",
    ),
    "mcp": ("apps/chat/mcp/",),
    "authlib": ("apps/accounts/oidc/",),
    "joserfc": ("apps/accounts/oidc/",),
    "ldap3": ("apps/accounts/ldap/",),
    "pyotp": ("apps/accounts/two_step.py",),
    "segno": ("apps/accounts/two_step.py",),
    "redis": (),
    "uvicorn": ("apps/cabinets/management/commands/serve.py",),
}
HEAVY = ("torch", "sentence_transformers", "transformers", "unstructured", "langchain", "langchain_core", "langchain_openai", "pandas", "pdfplumber", "docx")  # fmt: skip


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def modules_of(path: Path) -> frozenset[str]:
    return frozenset(imported(tree_of(path)))


@cache
def run_modules_of(path: Path) -> frozenset[str]:
    """Without what is imported for the type checker alone."""
    guarded = [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    return modules_of(path) - {module for node in guarded for module in imported(node)}


def test_an_app_imports_only_what_lies_below_it():
    wrong = []
    for path in python_files("apps"):
        app = path.relative_to(ROOT / "apps").parts[0].removesuffix(".py")
        modules = [module.split(".") for module in modules_of(path)]
        others = {module[1] for module in modules if module[0] == "apps" and len(module) > 1}
        above = others - ALLOWED.get(app, set()) - {app}
        if above or any(module[0] in {"config", "tests", "benchmarks"} for module in modules):
            wrong.append((name_of(path), above))
    assert wrong == []


def test_every_app_has_its_place():
    apps = {path.name for path in (ROOT / "apps").iterdir() if (path / "__init__.py").exists()}
    assert apps <= set(ALLOWED)


@pytest.mark.parametrize("app", WITHOUT_CIRCLES)
def test_no_module_imports_itself_by_a_detour(app):
    """Imports inside functions count as well: a circle that only waits is one."""
    files = {
        name_of(path).removesuffix(".py").replace("/", "."): path for path in python_files(f"apps/{app}")
    }
    TopologicalSorter(
        {name: run_modules_of(path) & files.keys() - {name} for name, path in files.items()}
    ).prepare()


def test_rag_knows_django_in_one_module_alone():
    knowing = [
        name_of(path)
        for path in python_files("apps/rag")
        if any(module.split(".")[0] == "django" for module in modules_of(path))
    ]
    assert knowing == ["apps/rag/components.py"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_known_in_one_place(vendor):
    strangers = [
        name_of(path)
        for path in python_files("apps", "config")
        if any(module == vendor or module.startswith(f"{vendor}.") for module in run_modules_of(path))
        and not name_of(path).startswith(VENDORS[vendor])
    ]
    assert strangers == []


def test_no_file_and_no_function_grows_too_long():
    long = []
    for path in python_files("apps", "config", "benchmarks"):
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE:
            long.append((name_of(path), lines))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append((f"{name_of(path)}:{node.name}", lines))
    assert long == []


LOADED = f"""
import sys
{{start}}
print(*sorted(name for name in {HEAVY!r} if name in sys.modules))
"""
STARTS = {
    "manage.py": "import django; django.setup()\nfrom django.core.management import call_command; call_command('check')",
    "web": "import config.asgi, config.urls",
    "worker": "import config.celery; config.celery.app.loader.import_default_modules()",
    "tests": "import tests.environment, django; django.setup()\nimport tests.conftest, tests.chatting, tests.factories",
}


@pytest.mark.parametrize("process", STARTS)
def test_a_process_starts_without_the_heavy_libraries(process, tmp_path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", LOADED.format(start=STARTS[process])]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == ""


def test_no_exception_is_swallowed_without_a_word():
    silent = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("apps", "config")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert silent == []
