"""The oracle of tests/test_access_matrix.py: what each route answers to whom. A row per route, by hand.

Columns: nobody, a key of a deactivated owner, a key without the scope, charlie, bob, carol, alice, root.
The object of a call stands in a cabinet that alice manages, carol contributes to and bob reads ("own"), or in one of charlie's
alone ("foreign"); what is personal belongs to alice or to charlie. `ok` is the route's good status.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CALLERS = ("nobody", "deactivated", "scopeless", "charlie", "bob", "carol", "alice", "root")
READ, WRITE, SEARCH, CHAT = "documents:read", "documents:write", "search", "chat"

#               nobody deact scopeless charlie bob  carol alice root
VIEWER = {
    "own":     " 401    401    403      404    ok    ok    ok    ok",
    "foreign": " 401    401    403      ok     404   404   404   ok",
}  # fmt: skip
CONTRIBUTOR = {
    "own":     " 401    401    403      404    403   ok    ok    ok",
    "foreign": " 401    401    403      ok     404   404   404   ok",
}  # fmt: skip
MANAGER = {
    "own":     " 401    401    403      404    403   403   ok    ok",
    "foreign": " 401    401    403      ok     404   404   404   ok",
}  # fmt: skip
PERSONAL = {
    "own":     " 401    401    403      404    404   404   ok    404",
    "foreign": " 401    401    403      ok     404   404   404   404",
}  # fmt: skip
PERSONAL_ANY_KEY = {
    "own":     " 401    401    ok       404    404   404   ok    404",
    "foreign": " 401    401    404      ok     404   404   404   404",
}  # fmt: skip
# Alice shares hers with everyone, charlie keeps his to himself.
ASSISTANT = {
    "own":     " 401    401    403      ok     ok    ok    ok    ok",
    "foreign": " 401    401    403      ok     404   404   404   404",
}  # fmt: skip
ASSISTANT_MAKER = {
    "own":     " 401    401    403      403    403   403   ok    ok",
    "foreign": " 401    401    403      ok     404   404   404   404",
}  # fmt: skip
# Of others than managers nobody sees that there is a report.
REPORT = {
    "own":     " 401    401    403      404    404   404   ok    ok",
    "foreign": " 401    401    403      ok     404   404   404   ok",
}  # fmt: skip
ANYBODY = {"own": "401  401    403      ok     ok    ok    ok    ok"}
ANY_KEY = {"own": "401  401    ok       ok     ok    ok    ok    ok"}
NO_KEY = {"own": "401  401    403      403    403   403   403   403"}
ADMIN = {"own": "401  401    403      403    403   403   403   ok"}


@dataclass(frozen=True)
class Row:
    """`object` is what the path or the body names; in both, {id} and the like stand for its parts."""

    method: str
    path: str
    ok: int
    oracle: dict[str, str]
    object: str = ""
    body: Any = None
    form: dict[str, str] | None = None
    archive: bool = False  # the file is sent as a zip in the field `archive`
    office: bool = False  # its scope is office: the key without the scope then has another one
    asks: bool = False  # the call ends the test's own connection to the database

    def expected(self, side: str) -> dict[str, int]:
        cells = self.oracle[side].split()
        return {who: self.ok if cell == "ok" else int(cell) for who, cell in zip(CALLERS, cells, strict=True)}


GRANTS = [{"subject": "user:alice", "role": "manager"}]
PERSON = {"username": "dave", "password": "correct horse battery"}
QUESTION = {"content": "What needs a signature?", "stream": False}
TURNS = [{"role": "user", "content": "What needs a signature?"}]
NOTICE = {"subject": "开展消防检查", "writer": "template"}
FORM = {"title": "F", "fields": [{"title": "Name", "control": "Text"}]}
HOOK = {"url": "http://localhost:9/hook", "events": ["document.ready"]}
GOLDEN = {"question": "Who signs?", "unanswerable": True}

ROWS = [
    Row("GET", "/api/v1/me", 200, ANY_KEY),
    Row("PATCH", "/api/v1/me", 200, NO_KEY, body={"theme": "dark"}),
    Row("GET", "/api/v1/keys", 200, NO_KEY),
    Row("POST", "/api/v1/keys", 201, NO_KEY, body={"scopes": ["chat"]}),
    Row("POST", "/api/v1/keys/{key_id}/rotate", 200, NO_KEY, "key", body={}),
    Row("DELETE", "/api/v1/keys/{key_id}", 204, NO_KEY, "key"),
    Row("GET", "/api/v1/me/usage", 200, ANY_KEY),
    Row("GET", "/api/v1/me/devices", 200, NO_KEY),
    Row("DELETE", "/api/v1/me/devices", 200, NO_KEY),
    Row("DELETE", "/api/v1/me/devices/{device_id}", 204, NO_KEY, "device"),
    Row("GET", "/api/v1/usage", 200, ADMIN),
    Row("GET", "/api/v1/quotas", 200, ADMIN),
    Row("PUT", "/api/v1/quotas", 200, ADMIN, body={"subject": "everyone", "storage_mb": 5}),
    Row("DELETE", "/api/v1/quotas/{quota_id}", 204, ADMIN, "quota"),
    Row("GET", "/api/v1/users", 200, ADMIN),
    Row("GET", "/api/v1/users.csv", 200, ADMIN),
    Row("POST", "/api/v1/users/import", 422, ADMIN, form={}),  # a text without columns: nobody is made
    Row("POST", "/api/v1/users", 201, ADMIN, body=PERSON),
    Row("PATCH", "/api/v1/users/{user_id}", 200, ADMIN, "user", body={"display_name": "X"}),
    Row("DELETE", "/api/v1/users/{user_id}/two-step", 204, ADMIN, "user"),
    Row("POST", "/api/v1/access-requests", 202, ANYBODY, body={"target": "11111111-1111-4111-8111-111111111111"}),
    Row("GET", "/api/v1/access-requests", 200, ANYBODY),
    Row("GET", "/api/v1/access-requests/mine", 200, ANYBODY),
    Row("POST", "/api/v1/access-requests/{request_id}/approve", 200, REPORT, "request"),
    Row("POST", "/api/v1/access-requests/{request_id}/refuse", 200, REPORT, "request"),
    Row("GET", "/api/v1/audit", 200, ADMIN),
    Row("GET", "/api/v1/audit.csv", 200, ADMIN),
    Row("GET", "/api/v1/departments", 200, ADMIN),
    Row("POST", "/api/v1/departments", 201, ADMIN, body={"name": "New"}),
    Row("PATCH", "/api/v1/departments/{department_id}", 200, ADMIN, "department", body={"name": "N"}),
    Row("DELETE", "/api/v1/departments/{department_id}", 204, ADMIN, "department"),
    Row("GET", "/api/v1/groups", 200, ADMIN),
    Row("POST", "/api/v1/groups", 201, ADMIN, body={"name": "New"}),
    Row("PATCH", "/api/v1/groups/{group_id}", 200, ADMIN, "group", body={"name": "N"}),
    Row("DELETE", "/api/v1/groups/{group_id}", 204, ADMIN, "group"),
    Row("GET", "/api/v1/jobs/{job_id}", 200, PERSONAL_ANY_KEY, "job"),
    Row("GET", "/api/v1/cabinets", 200, ANYBODY),
    Row("POST", "/api/v1/cabinets", 201, ANYBODY, body={"name": "New"}),
    Row("GET", "/api/v1/cabinets/{cabinet_id}", 200, VIEWER, "cabinet"),
    Row("PATCH", "/api/v1/cabinets/{cabinet_id}", 200, MANAGER, "cabinet", body={"name": "N"}),
    Row("DELETE", "/api/v1/cabinets/{cabinet_id}", 204, MANAGER, "cabinet"),
    Row("GET", "/api/v1/cabinets/{cabinet_id}/folders", 200, VIEWER, "cabinet"),
    Row("POST", "/api/v1/cabinets/{cabinet_id}/folders", 201, CONTRIBUTOR, "cabinet", body={"name": "N"}),
    Row("GET", "/api/v1/cabinets/{cabinet_id}/grants", 200, MANAGER, "cabinet"),
    Row("PUT", "/api/v1/cabinets/{cabinet_id}/grants", 200, MANAGER, "cabinet", body=GRANTS),
    Row("PATCH", "/api/v1/folders/{folder_id}", 200, CONTRIBUTOR, "folder", body={"name": "N"}),
    Row("DELETE", "/api/v1/folders/{folder_id}", 204, CONTRIBUTOR, "folder"),
    Row("GET", "/api/v1/folders/{folder_id}/grants", 200, MANAGER, "folder"),
    Row("PUT", "/api/v1/folders/{folder_id}/inheritance", 200, MANAGER, "folder", body={"inherits": False}),
    Row("PUT", "/api/v1/folders/{folder_id}/grants", 200, MANAGER, "folder", body=GRANTS),
    Row("GET", "/api/v1/documents", 200, ANYBODY),
    Row("POST", "/api/v1/documents", 202, CONTRIBUTOR, "cabinet", form={"cabinet_id": "{cabinet_id}"}),
    Row("GET", "/api/v1/documents/{document_id}", 200, VIEWER, "document"),
    Row("PATCH", "/api/v1/documents/{document_id}", 200, CONTRIBUTOR, "document", body={"title": "N"}),
    Row("GET", "/api/v1/documents/{document_id}/access", 200, MANAGER, "document"),
    Row("GET", "/api/v1/documents/{document_id}/activity", 200, MANAGER, "document"),
    Row("PUT", "/api/v1/documents/{document_id}/secrecy", 200, CONTRIBUTOR, "document", body={"secrecy": 1}),
    Row("DELETE", "/api/v1/documents/{document_id}", 202, CONTRIBUTOR, "document"),
    Row("POST", "/api/v1/documents/{document_id}/reindex", 202, CONTRIBUTOR, "document"),
    Row("POST", "/api/v1/documents/{document_id}/cancel", 200, CONTRIBUTOR, "queued"),
    Row("GET", "/api/v1/documents/{document_id}/versions", 200, VIEWER, "document"),
    Row("GET", "/api/v1/documents/{document_id}/versions/{number}/file", 200, VIEWER, "document"),
    Row("POST", "/api/v1/documents/{document_id}/versions", 202, CONTRIBUTOR, "document", form={}),
    Row("POST", "/api/v1/imports", 202, CONTRIBUTOR, "cabinet", form={"cabinet_id": "{cabinet_id}"}, archive=True),
    Row("GET", "/api/v1/examination", 200, ADMIN),
    Row("POST", "/api/v1/examination", 202, ADMIN, body={"repair": False}),
    Row("GET", "/api/v1/queue", 200, ADMIN),
    Row("POST", "/api/v1/queue/retry", 200, ADMIN),
    Row("GET", "/api/v1/documents/{document_id}/file", 200, VIEWER, "document"),
    Row("GET", "/api/v1/documents/{document_id}/pages/{number}.png", 200, VIEWER, "document"),
    Row("GET", "/api/v1/documents/{document_id}/pages/{number}.svg", 404, VIEWER, "document"),  # a PDF is not drawn
    Row("GET", "/api/v1/documents/{document_id}/content", 200, VIEWER, "document"),
    Row("GET", "/api/v1/documents/{document_id}/chunks", 200, VIEWER, "document"),
    Row("PATCH", "/api/v1/chunks/{chunk_id}", 200, CONTRIBUTOR, "document", body={"enabled": False}),
    Row("GET", "/api/v1/chunks/{chunk_id}/revisions", 200, VIEWER, "document"),
    Row("POST", "/api/v1/documents/{document_id}/preview", 422, CONTRIBUTOR, "document", body={"chunk_units": 300, "overlap_units": 200}),  # too much overlap: no parser is started
    Row("POST", "/api/v1/search", 200, ANYBODY, body={"query": "signature"}, asks=True),
    Row("POST", "/api/v1/search/why", 200, VIEWER, "document", body={"query": "signature", "document_id": "{document_id}"}, asks=True),
    Row("GET", "/api/v1/cabinets/{cabinet_id}/retrieval", 200, MANAGER, "cabinet"),
    Row("PUT", "/api/v1/cabinets/{cabinet_id}/retrieval", 200, MANAGER, "cabinet", body={"limit": 5}),
    Row("GET", "/api/v1/cabinets/{cabinet_id}/golden-questions", 200, MANAGER, "cabinet"),
    Row("POST", "/api/v1/cabinets/{cabinet_id}/golden-questions", 201, MANAGER, "cabinet", body=GOLDEN),
    Row("POST", "/api/v1/cabinets/{cabinet_id}/golden-questions/import", 415, MANAGER, "cabinet", form={}),  # a text file: no question is made
    Row("GET", "/api/v1/cabinets/{cabinet_id}/golden-questions/export", 200, MANAGER, "cabinet"),
    Row("POST", "/api/v1/cabinets/{cabinet_id}/golden-questions/samples", 409, MANAGER, "cabinet"),  # not the demo cabinet
    Row("GET", "/api/v1/cabinets/{cabinet_id}/golden-questions/runs", 200, MANAGER, "cabinet"),
    Row("POST", "/api/v1/cabinets/{cabinet_id}/golden-questions/runs", 202, MANAGER, "golden", body={}),
    Row("GET", "/api/v1/golden-questions/{question_id}", 200, MANAGER, "golden"),
    Row("PUT", "/api/v1/golden-questions/{question_id}", 200, MANAGER, "golden", body=GOLDEN),
    Row("DELETE", "/api/v1/golden-questions/{question_id}", 204, MANAGER, "golden"),
    Row("GET", "/api/v1/golden-runs/{run_id}", 200, MANAGER, "golden"),
    Row("POST", "/api/v1/golden-runs/{run_id}/cancel", 204, MANAGER, "golden"),
    Row("DELETE", "/api/v1/golden-runs/{run_id}", 204, MANAGER, "golden"),
    Row("GET", "/api/v1/golden-runs/{run_id}/comparison", 200, MANAGER, "golden"),
    Row("GET", "/api/v1/conversations", 200, ANYBODY),
    Row("POST", "/api/v1/conversations", 201, VIEWER, "cabinet", body={"cabinet_ids": ["{cabinet_id}"]}),
    Row("GET", "/api/v1/conversations/{conversation_id}", 200, PERSONAL, "conversation"),
    Row("PATCH", "/api/v1/conversations/{conversation_id}", 200, PERSONAL, "conversation", body={"title": "N"}),
    Row("DELETE", "/api/v1/conversations/{conversation_id}", 204, PERSONAL, "conversation"),
    Row(
        "POST", "/api/v1/conversations/{conversation_id}/messages", 200, PERSONAL, "conversation",
        body=QUESTION, asks=True,
    ),
    Row("POST", "/api/v1/messages/{message_id}/regenerate", 200, PERSONAL, "conversation", body={"stream": False}, asks=True),
    Row("POST", "/api/v1/messages/{message_id}/continue", 409, PERSONAL, "conversation", body={"stream": False}, asks=True),
    Row(
        "POST", "/api/v1/conversations/{conversation_id}/compare", 202, PERSONAL, "conversation",
        body={"content": "What needs a signature?", "models": [""]}, asks=True,
    ),
    Row("GET", "/api/v1/messages/{message_id}", 200, PERSONAL, "conversation"),
    Row("GET", "/api/v1/messages/{message_id}/stream", 200, PERSONAL, "conversation", asks=True),
    Row("POST", "/api/v1/messages/{message_id}/show", 204, PERSONAL, "conversation"),
    Row("POST", "/api/v1/messages/{message_id}/stop", 202, PERSONAL, "conversation", asks=True),
    Row("POST", "/api/v1/messages/{message_id}/feedback", 204, PERSONAL, "conversation", body={"rating": "up"}),
    Row("GET", "/api/v1/conversation-folders", 200, ANYBODY),
    Row("POST", "/api/v1/conversation-folders", 201, ANYBODY, body={"name": "F"}),
    Row("PATCH", "/api/v1/conversation-folders/{folder_id}", 200, PERSONAL, "conversation_folder", body={"name": "N"}),
    Row("DELETE", "/api/v1/conversation-folders/{folder_id}", 204, PERSONAL, "conversation_folder"),
    Row("GET", "/api/v1/conversations/{conversation_id}/share", 204, PERSONAL, "conversation"),
    Row("POST", "/api/v1/conversations/{conversation_id}/share", 200, PERSONAL, "conversation"),
    Row("DELETE", "/api/v1/conversations/{conversation_id}/share", 204, PERSONAL, "conversation"),
    Row("GET", "/api/v1/conversations/{conversation_id}/export", 200, PERSONAL, "conversation"),
    Row("POST", "/api/v1/messages/{message_id}/save", 201, PERSONAL, "answer", body={"cabinet_id": "{cabinet_id}"}),
    Row("GET", "/api/v1/conversations/{conversation_id}/attachments", 200, PERSONAL, "conversation"),
    Row("POST", "/api/v1/conversations/{conversation_id}/attachments", 202, PERSONAL, "conversation", form={}),
    Row("DELETE", "/api/v1/conversations/{conversation_id}/attachments/{document_id}", 202, PERSONAL, "attached"),
    Row("GET", "/api/v1/inbox", 200, ANYBODY),
    Row("PATCH", "/api/v1/inbox/{report_id}", 200, REPORT, "report", body={"done": True}),
    Row("POST", "/api/v1/inbox/{report_id}/answer", 201, REPORT, "report", body={"cabinet_id": "{cabinet_id}", "text": "Ten days."}),
    Row("GET", "/api/v1/places", 200, ANYBODY),
    Row("GET", "/api/v1/assistants", 200, ANYBODY),
    Row("POST", "/api/v1/assistants", 201, ANYBODY, body={"name": "A"}),
    Row("GET", "/api/v1/assistants/{assistant_id}", 200, ASSISTANT, "assistant"),
    Row("PATCH", "/api/v1/assistants/{assistant_id}", 200, ASSISTANT_MAKER, "assistant", body={"name": "N"}),
    Row("DELETE", "/api/v1/assistants/{assistant_id}", 204, ASSISTANT_MAKER, "assistant"),
    Row("POST", "/api/v1/assistants/{assistant_id}/copy", 201, ASSISTANT, "assistant"),
    Row("GET", "/api/v1/models", 200, ADMIN),
    Row("POST", "/api/v1/models/undo", 409, ADMIN, body={"kind": "reranker"}),  # nothing was chosen before
    Row("POST", "/api/v1/models/{name}/pull", 202, ADMIN, "model"),
    Row("POST", "/api/v1/models/{name}/use", 202, ADMIN, "packaged"),
    Row("DELETE", "/api/v1/models/{name}", 404, ADMIN, "model"),  # it is not here
    Row("POST", "/api/v1/model-jobs/{job_id}/cancel", 200, ADMIN, "model_job"),
    Row("GET", "/api/v1/providers", 200, ADMIN),
    Row("POST", "/api/v1/providers", 201, ADMIN, body={"name": "new", "base_url": "http://localhost:9/v1"}),
    Row("POST", "/api/v1/providers/test", 200, ADMIN, body={"base_url": "http://localhost:9/v1"}),
    Row("PATCH", "/api/v1/providers/{provider_id}", 200, ADMIN, "provider", body={"enabled": False}),
    Row("DELETE", "/api/v1/providers/{provider_id}", 204, ADMIN, "provider"),
    Row("POST", "/api/v1/messages/{message_id}/followups", 200, PERSONAL, "conversation", asks=True),
    Row("POST", "/api/v1/proofread", 200, ANYBODY, body={"text": "截止目前"}, office=True),
    Row("POST", "/api/v1/proofread/files", 202, ANYBODY, form={}, office=True),
    Row("GET", "/api/v1/proofread/files/{reading_id}/report.json", 200, PERSONAL, "proofread_file", office=True),
    Row("GET", "/api/v1/proofread/files/{reading_id}/report.html", 200, PERSONAL, "proofread_file", office=True),
    Row("GET", "/api/v1/proofread/files/{reading_id}/tracked.docx", 200, PERSONAL, "proofread_file", office=True),
    Row("GET", "/api/v1/proofread/files/{reading_id}/clean.docx", 200, PERSONAL, "proofread_file", office=True),
    Row("GET", "/api/v1/proofreadings/{reading_id}", 200, PERSONAL, "proofreading", office=True),
    Row("DELETE", "/api/v1/proofreadings/{reading_id}", 204, PERSONAL, "proofreading", office=True),
    Row("POST", "/api/v1/findings/{finding_id}/accept", 200, PERSONAL, "proofreading", office=True),
    Row("POST", "/api/v1/findings/{finding_id}/ignore", 200, PERSONAL, "proofreading", office=True),
    Row("POST", "/api/v1/findings/{finding_id}/reopen", 200, PERSONAL, "proofreading", office=True),
    Row("POST", "/api/v1/findings/{finding_id}/whitelist", 200, PERSONAL, "proofreading", office=True),
    Row("GET", "/api/v1/dictionaries", 200, ANYBODY, office=True),
    Row("PUT", "/api/v1/dictionaries", 200, ANYBODY, body={"allow": ["问档"]}, office=True),
    Row("GET", "/api/v1/rules", 200, ANYBODY, office=True),
    Row("GET", "/api/v1/notice-kinds", 200, ANYBODY, office=True),
    Row("GET", "/api/v1/notices", 200, ANYBODY, office=True),
    Row("POST", "/api/v1/notices", 200, ANYBODY, body=NOTICE, office=True),
    Row("GET", "/api/v1/notices/{notice_id}", 200, PERSONAL, "notice", office=True),
    Row("PUT", "/api/v1/notices/{notice_id}", 200, PERSONAL, "notice", body=NOTICE, office=True),
    Row("PATCH", "/api/v1/notices/{notice_id}", 200, PERSONAL, "notice", body={"title": "N"}, office=True),
    Row("DELETE", "/api/v1/notices/{notice_id}", 204, PERSONAL, "notice", office=True),
    Row("GET", "/api/v1/notices/{notice_id}.docx", 200, PERSONAL, "notice", office=True),
    Row("GET", "/api/v1/notices/{notice_id}.pdf", 501, PERSONAL, "notice", office=True),  # without LibreOffice
    Row("GET", "/api/v1/form-templates", 200, ANYBODY, office=True),
    Row("GET", "/api/v1/forms", 200, ANYBODY, office=True),
    Row("POST", "/api/v1/forms", 200, ANYBODY, body={"template": "leave"}, office=True),
    Row("GET", "/api/v1/forms/{form_id}", 200, PERSONAL, "form", office=True),
    Row("PUT", "/api/v1/forms/{form_id}", 200, PERSONAL, "form", body=FORM, office=True),
    Row("DELETE", "/api/v1/forms/{form_id}", 204, PERSONAL, "form", office=True),
    Row("POST", "/api/v1/forms/{form_id}/check", 200, PERSONAL, "form", body={"values": {}}, office=True),
    Row("GET", "/api/v1/forms/{form_id}.docx", 200, PERSONAL, "form", office=True),
    Row("GET", "/api/v1/webhooks", 200, ANYBODY, office=True),
    Row("POST", "/api/v1/webhooks", 201, ANYBODY, body=HOOK, office=True),
    Row("PATCH", "/api/v1/webhooks/{webhook_id}", 200, PERSONAL, "webhook", body={"enabled": False}, office=True),
    Row("DELETE", "/api/v1/webhooks/{webhook_id}", 204, PERSONAL, "webhook", office=True),
    Row("POST", "/api/v1/webhooks/{webhook_id}/ping", 202, PERSONAL, "webhook", office=True),
    Row("GET", "/api/v1/webhooks/{webhook_id}/deliveries", 200, PERSONAL, "webhook", office=True),
    Row("GET", "/v1/models", 200, ANYBODY),
    Row(
        "POST", "/v1/chat/completions", 200, VIEWER, "cabinet",
        body={"model": "kb:{slug}", "messages": TURNS}, asks=True,
    ),
    Row("POST", "/v1/embeddings", 200, ANYBODY, body={"input": "text"}),
    Row("POST", "/v1/rerank", 200, ANYBODY, body={"query": "text", "documents": ["text"]}),
]  # fmt: skip
