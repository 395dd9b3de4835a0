"""The oracle of tests/test_page_matrix.py: what each page answers to whom. A row per route of the browser, by hand.

Columns: nobody, somebody who was deactivated while signed in, charlie, bob, carol, alice, root. As in
tests/access_table.py, the object stands in a cabinet that alice manages, carol contributes to and bob reads
("own"), or in one of charlie's alone ("foreign"); what is personal belongs to alice or to charlie."""

from __future__ import annotations

from dataclasses import dataclass

CALLERS = ("nobody", "deactivated", "charlie", "bob", "carol", "alice", "root")

#                     nobody deact charlie bob  carol alice root
OPEN = {"own": "ok     ok    ok      ok   ok    ok    ok"}
SIGN_IN = {"own": "ok     ok    302     302  302   302   302"}  # who is signed in goes home
CLOSED = {"own": "404    404   404     404  404   404   404"}  # the set-up, once there is an administrator
ANYBODY = {"own": "302    302   ok      ok   ok    ok    ok"}
ADMIN = {"own": "302    302   403     403  403   403   ok"}
VIEWER = {
    "own":            "302    302   404     ok   ok    ok    ok",
    "foreign":        "302    302   ok      404  404   404   ok",
}  # fmt: skip
MANAGER = {
    "own":            "302    302   404     403  403   ok    ok",
    "foreign":        "302    302   ok      404  404   404   ok",
}  # fmt: skip
PERSONAL = {
    "own":            "302    302   404     404  404   ok    404",
    "foreign":        "302    302   ok      404  404   404   404",
}  # fmt: skip
# Alice shares hers with everyone, charlie keeps his to himself.
ASSISTANT = {
    "own":            "302    302   ok      ok   ok    ok    ok",
    "foreign":        "302    302   ok      404  404   404   404",
}  # fmt: skip
# Whoever has the link reads the conversation, and of its sources what is theirs to read.
LINK = {
    "own":            "302    302   ok      ok   ok    ok    ok",
    "foreign":        "302    302   ok      ok   ok    ok    ok",
}  # fmt: skip
SHARED_SOURCE = {
    "own":            "302    302   404     ok   ok    ok    ok",
    "foreign":        "302    302   ok      404  404   404   ok",
}  # fmt: skip
# Of another's nothing ends, and the answer does not tell.
TELLS_NOTHING = {
    "own":            "302    302   302     302  302   302   302",
    "foreign":        "302    302   302     302  302   302   302",
}  # fmt: skip
# LanguageTool's calls: a browser's session is no key.
KEY_ALONE = {"own": "401    401   401     401  401   401   401"}


@dataclass(frozen=True)
class PageRow:
    """`path` as config.urls writes it; `object` is what it names. `ok` is the good status."""

    path: str
    oracle: dict[str, str]
    object: str = ""
    ok: int = 200
    method: str = "GET"

    def expected(self, side: str) -> dict[str, int]:
        cells = self.oracle[side].split()
        return {who: self.ok if cell == "ok" else int(cell) for who, cell in zip(CALLERS, cells, strict=True)}


ROWS = [
    PageRow("healthz", OPEN),
    PageRow("styleguide/", OPEN),
    PageRow("preferences/", OPEN, ok=302, method="POST"),
    PageRow("login/", SIGN_IN),
    PageRow("login/code/", OPEN, ok=302),  # without a password before it: back to the sign-in
    PageRow("login/oidc/", CLOSED),
    PageRow("login/oidc/back/", CLOSED),
    PageRow("login/workplace/", CLOSED),
    PageRow("login/workplace/back/", CLOSED),
    PageRow("setup/", CLOSED),
    PageRow("logout/", OPEN, ok=302, method="POST"),
    PageRow("profile/", ANYBODY),
    PageRow("profile/usage/", ANYBODY),
    PageRow("profile/security/", ANYBODY),
    PageRow("profile/security/two-step/", ANYBODY),
    PageRow("profile/security/two-step/change/", ANYBODY, method="POST"),  # asks for the code
    PageRow("profile/security/devices/end/", ANYBODY, ok=302, method="POST"),
    PageRow("profile/security/devices/<uuid:device_id>/end/", TELLS_NOTHING, "device", method="POST"),
    PageRow("people/", ADMIN),
    PageRow("people/import/", ADMIN),
    PageRow("people/sign-in/", ADMIN),
    PageRow("people/sign-in/directory/", ADMIN, ok=404, method="POST"),  # no directory is set
    PageRow("people/<uuid:user_id>/view/", ADMIN, "user", ok=302, method="POST"),
    PageRow("view-as/end/", ANYBODY, ok=302, method="POST"),
    PageRow("organisation/", ADMIN),
    PageRow("audit/", ADMIN),
    PageRow("health/", ADMIN),
    PageRow("health/examination/", ADMIN),
    PageRow("usage/", ADMIN),
    PageRow("models/", ADMIN),
    PageRow("assistants/", ANYBODY),
    PageRow("assistants/new/", ANYBODY),
    PageRow("assistants/<uuid:assistant_id>/", ASSISTANT, "assistant"),
    PageRow("", ANYBODY),
    PageRow("conversations/", ANYBODY),
    PageRow("c/<uuid:conversation_id>/", PERSONAL, "conversation"),
    PageRow("c/<uuid:conversation_id>/print/", PERSONAL, "conversation"),
    PageRow("messages/<uuid:message_id>/fragment/", PERSONAL, "conversation"),
    PageRow("messages/<uuid:message_id>/sources/<int:number>/", PERSONAL, "source"),
    PageRow("s/<str:token>/", LINK, "source"),
    PageRow("s/<str:token>/messages/<uuid:message_id>/sources/<int:number>/", SHARED_SOURCE, "source"),
    PageRow("inbox/", ANYBODY),
    PageRow("cabinets/", ANYBODY),
    PageRow("cabinets/all/", ADMIN),
    PageRow("cabinets/<uuid:cabinet_id>/", VIEWER, "cabinet"),
    PageRow("cabinets/<uuid:cabinet_id>/folders/<uuid:folder_id>/", VIEWER, "place"),
    PageRow("cabinets/<uuid:cabinet_id>/members/", MANAGER, "cabinet"),
    PageRow("documents/states/", ANYBODY),
    PageRow("documents/<uuid:document_id>/", VIEWER, "document"),
    PageRow("documents/<uuid:document_id>/text/", VIEWER, "document"),
    PageRow("documents/<uuid:document_id>/passages/", VIEWER, "document"),
    PageRow("documents/<uuid:document_id>/sheets/", VIEWER, "document"),
    PageRow("documents/<uuid:document_id>/access/", MANAGER, "document"),
    PageRow("documents/<uuid:document_id>/activity/", MANAGER, "document"),
    PageRow("requests/", ANYBODY),
    PageRow("opened/", ANYBODY),
    PageRow("queue/", ADMIN),
    PageRow("search/", ANYBODY),
    PageRow("search/bench/", ANYBODY),
    PageRow("search/why/", ANYBODY),
    PageRow("search/golden/", ANYBODY),
    PageRow("search/golden/new/<uuid:cabinet_id>/", MANAGER, "cabinet"),
    PageRow("search/golden/questions/<uuid:question_id>/", MANAGER, "golden"),
    PageRow("search/golden/runs/<uuid:run_id>/", MANAGER, "golden"),
    PageRow("writing/", ANYBODY),
    PageRow("writing/notices/", ANYBODY),
    PageRow("writing/notices/<uuid:notice_id>/", PERSONAL, "notice"),
    PageRow("writing/forms/", ANYBODY),
    PageRow("writing/forms/<uuid:form_id>/", PERSONAL, "form"),
    PageRow("writing/webhooks/", ANYBODY),
    PageRow("v2/check", KEY_ALONE, method="POST"),
    PageRow("v2/languages", KEY_ALONE),
    PageRow("v2/words", KEY_ALONE),
    PageRow("v2/words/add", KEY_ALONE, method="POST"),
    PageRow("v2/words/delete", KEY_ALONE, method="POST"),
]  # fmt: skip
