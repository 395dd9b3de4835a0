"""Everything but unstructured: Markdown, text, CSV, PDF and Office files."""

from __future__ import annotations

import gc

import charset_normalizer  # noqa: F401
import docx  # noqa: F401
import filetype  # noqa: F401
import langchain_text_splitters  # noqa: F401
import lxml.html  # noqa: F401
import markdown_it  # noqa: F401
import olefile  # noqa: F401
import openpyxl  # noqa: F401
import orjson  # noqa: F401
import pdfplumber  # noqa: F401
import pptx  # noqa: F401
import pypdfium2  # noqa: F401
import striprtf.striprtf  # noqa: F401
import xlrd  # noqa: F401

import apps.rag.chunking
import apps.rag.parsing.child
import apps.rag.parsing.csvfile
import apps.rag.parsing.epub
import apps.rag.parsing.jsonfile
import apps.rag.parsing.mail
import apps.rag.parsing.markdown
import apps.rag.parsing.ocr.pictures
import apps.rag.parsing.odf.sheets
import apps.rag.parsing.odf.slides
import apps.rag.parsing.odf.text
import apps.rag.parsing.ofd.document
import apps.rag.parsing.office.excel
import apps.rag.parsing.office.excel97
import apps.rag.parsing.office.legacy
import apps.rag.parsing.office.slides
import apps.rag.parsing.office.word
import apps.rag.parsing.page
import apps.rag.parsing.pdf.document
import apps.rag.parsing.rtf  # noqa: F401

gc.collect()
gc.freeze()  # a child's collections then leave the shared pages alone
