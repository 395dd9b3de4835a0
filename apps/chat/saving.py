"""A good answer becomes a document: checked by a person who may add to the cabinet, with its sources."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Document, Folder, Role
from apps.cabinets.services.uploads import document_upload
from apps.chat import exporting
from apps.chat.models import Message
from apps.core.problems import Problem, invalid

LONGEST_TEXT = 100_000
LONGEST_TITLE = 120


def target_folder(user: User, *, cabinet_id: UUID | None, folder_id: UUID | None) -> Folder:
    """The folder to add to. Raises Problem 422 unless exactly one place is named; what is not the
    person's is absent, what they may only read is forbidden."""
    if (cabinet_id is None) == (folder_id is None):
        raise invalid("cabinet_id", _("Name a cabinet or a folder."))
    if folder_id is not None:
        return access.folder_for(user, folder_id, role=Role.CONTRIBUTOR)
    cabinet = access.cabinet_for(user, cabinet_id, role=Role.VIEWER)  # type: ignore[arg-type]
    return access.folder_for(user, access.root_of(cabinet).pk, role=Role.CONTRIBUTOR)


def answer_save(message: Message, *, by: User, folder: Folder, title: str = "", text: str = "") -> Document:
    """The answer as its reader checked it (`text`, Markdown, the answer itself where empty). Its sources are
    those that the person may read now; that it is no document's word stays said, doubts were looked at."""
    if message.role != Message.Role.ASSISTANT or not message.content.strip():
        raise Problem(409, _("Only an answer can be saved."), code="not_an_answer")
    paper = exporting.paper_of_answer(by, message)
    whole = paper.exchanges[0]
    exchange = replace(whole, fault="", doubts=(), answer=text.strip() or whole.answer)
    return reviewed_document(
        by=by,
        folder=folder,
        title=title.strip() or paper.title,
        question=exchange.question,
        text=exporting.markdown(replace(paper, exchanges=[exchange]), heading=False),
    )


def reviewed_document(
    *,
    by: User,
    folder: Folder,
    title: str,
    question: str,
    text: str,
) -> Document:
    """A Markdown document with question, answer (with its footnotes), and who checked it on which day."""
    title = " ".join(title.split())
    if not title:
        raise invalid("title", _("Enter a title."))
    if not text.strip():
        raise invalid("text", _("Enter the answer."))
    if len(text) > LONGEST_TEXT:
        raise invalid("text", _("At most %(most)d characters.") % {"most": LONGEST_TEXT})
    checked = _("Checked by %(name)s on %(day)s") % {"name": by, "day": timezone.localdate().isoformat()}
    blocks = [f"# {title}", question if question.strip() != title else "", text.strip(), f"*{checked}*"]
    content = "\n\n".join(block for block in blocks if block.strip()) + "\n"
    name = f"{exporting.UNSAFE.sub(' ', title).strip()[:LONGEST_TITLE].strip() or 'answer'}.md"
    document, _created = document_upload(
        by=by,
        folder=folder,
        upload=SimpleUploadedFile(name, content.encode()),
        metadata={"kind": _("Reviewed answer"), "reviewed_by": by.username},
        tags=[_("Reviewed answer")],
    )
    return document
