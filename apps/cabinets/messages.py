"""What each fault of ingestion says to a person: what happened and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    "empty": gettext_noop("The file is empty. Upload the file with its content."),
    "corrupt": gettext_noop("The file is damaged and cannot be read. Open it in its program, save it again, and upload that."),
    "password": gettext_noop("The file is protected by a password. Remove the password and upload it again."),
    "unsupported": gettext_noop("This kind of file cannot be read, or its content is not what its name says."),
    "too_large": gettext_noop("The file is too large to be read. Split it and upload the parts."),
    "zip_bomb": gettext_noop("The file unpacks to far more than its size, so it was not opened."),
    "timeout": gettext_noop("Reading the file took too long and was stopped. Split it, or try again."),
    "memory": gettext_noop("Reading the file needed more memory than is allowed. Split it and upload the parts."),
    "no_text": gettext_noop("There is no text in the file; it is probably a scan. Upload a version with text."),
    "needs_libreoffice": gettext_noop("Files of this old Office format need LibreOffice, which is not installed on the server. Save it as docx or pptx and upload that, or ask an administrator to install LibreOffice."),
    "encoding": gettext_noop("The characters of the file cannot be recognised. Save it as UTF-8 and upload it again."),
    "crashed": gettext_noop("The reader crashed on this file three times, so it was set aside. Save the file anew and upload that."),
    "disk_full": gettext_noop("The server's disk is full. Tell an administrator, and try again when there is room."),
    "missing": gettext_noop("The original file is no longer on the disk. Upload it again."),
    "embedder_unavailable": gettext_noop("The embedding model could not be reached. It will be tried again."),
    "embedder_timeout": gettext_noop("The embedding model did not answer in time. It will be tried again."),
    "embedder_mismatch": gettext_noop("The embedding model answers in another size than the index has. Ask an administrator to re-index."),
    "store_unavailable": gettext_noop("The vector store could not be reached. It will be tried again."),
    "store_timeout": gettext_noop("The vector store did not answer in time. It will be tried again."),
    "store_incomplete": gettext_noop("The vector store lost part of the document. It will be tried again."),
    "store_mismatch": gettext_noop("The vector store was made for another embedding model. Ask an administrator to re-index."),
    "cancelled": gettext_noop("Reading was cancelled. Nothing of this reading is searched; read it again at any time."),
    "internal": gettext_noop("Something went wrong in this program. It was logged; try again, and tell an administrator if it stays."),
}  # fmt: skip


def sentence(code: str) -> str:
    """The translated sentence of a code; its detail is for logs, never shown."""
    return _(SENTENCES.get(code, SENTENCES["internal"]))
