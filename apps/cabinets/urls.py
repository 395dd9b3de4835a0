from django.urls import path

from apps.cabinets.views import (
    cabinets,
    document_states,
    documents,
    examination,
    members,
    overview,
    queue,
    reading,
    rights,
    search,
)

urlpatterns = [
    path("cabinets/", cabinets.cabinets, name="cabinets"),
    path("cabinets/all/", overview.cabinets_page, name="all-cabinets"),
    path("cabinets/<uuid:cabinet_id>/", cabinets.cabinet, name="cabinet"),
    path("cabinets/<uuid:cabinet_id>/folders/<uuid:folder_id>/", cabinets.folder, name="folder"),
    path("cabinets/<uuid:cabinet_id>/members/", members.cabinet_members, name="cabinet-members"),
    path("documents/states/", document_states.document_states, name="document-states"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("documents/<uuid:document_id>/text/", reading.document_text, name="document-text"),
    path("documents/<uuid:document_id>/passages/", reading.document_passages, name="document-passages"),
    path("documents/<uuid:document_id>/sheets/", reading.document_sheets, name="document-sheets"),
    path("documents/<uuid:document_id>/access/", rights.document_access, name="document-access"),
    path("documents/<uuid:document_id>/activity/", rights.document_activity, name="document-activity"),
    path("requests/", rights.requests_page, name="access-requests"),
    path("opened/", rights.opened_page, name="opened"),
    path("health/examination/", examination.examination, name="examination"),
    path("queue/", queue.queue_page, name="queue"),
    path("search/", search.search_page, name="search"),
]
