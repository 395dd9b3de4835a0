from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "torch",
    "sentence_transformers",
    "unstructured",
    "langchain_text_splitters",
    "langchain_core",
    "pandas",
    "pdfplumber",
    "docx",
    "pptx",
    "openpyxl",
    "pypdfium2",
    "spacy",
    "numpy",
    "lxml",
)


def test_the_modules_that_a_web_process_imports_are_light() -> None:
    code = f"""
import sys
import apps.rag.sandbox, apps.rag.chunking, apps.rag.pages, apps.rag.languages, apps.rag.encoding
import apps.rag.parsing.parser, apps.rag.parsing.sniff, apps.rag.parsing.serial, apps.rag.parsing.notes
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
