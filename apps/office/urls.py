from __future__ import annotations

from django.urls import URLPattern, path

from apps.office import views_proofread, views_webhooks, views_writing
from apps.office.facade import views as facade

urlpatterns: list[URLPattern] = [
    path("writing/", views_proofread.proofread, name="writing"),
    path("writing/notices/", views_writing.notices_page, name="notices"),
    path("writing/notices/<uuid:notice_id>/", views_writing.notices_page, name="notice"),
    path("writing/forms/", views_writing.forms_page, name="forms"),
    path("writing/forms/<uuid:form_id>/", views_writing.forms_page, name="form"),
    path("writing/webhooks/", views_webhooks.webhooks_page, name="webhooks"),
    path("v2/check", facade.check, name="languagetool-check"),
    path("v2/languages", facade.languages, name="languagetool-languages"),
    path("v2/words", facade.words, name="languagetool-words"),
    path("v2/words/add", facade.words_add, name="languagetool-words-add"),
    path("v2/words/delete", facade.words_delete, name="languagetool-words-delete"),
]
