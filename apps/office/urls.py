from __future__ import annotations

from django.urls import URLPattern, path

from apps.office import views_proofread
from apps.office.facade import views as facade

urlpatterns: list[URLPattern] = [
    path("writing/", views_proofread.proofread, name="writing"),
    path("v2/check", facade.check, name="languagetool-check"),
    path("v2/languages", facade.languages, name="languagetool-languages"),
    path("v2/words", facade.words, name="languagetool-words"),
    path("v2/words/add", facade.words_add, name="languagetool-words-add"),
    path("v2/words/delete", facade.words_delete, name="languagetool-words-delete"),
]
