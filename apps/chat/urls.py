from django.urls import path

from apps.chat import views, views_inbox, views_sharing

urlpatterns = [
    path("", views.ask, name="ask"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/print/", views_sharing.printed, name="conversation-print"),
    path("s/<str:token>/", views_sharing.shared, name="shared"),
    path(
        "s/<str:token>/messages/<uuid:message_id>/sources/<int:number>/",
        views_sharing.shared_source,
        name="share-source",
    ),
    path("inbox/", views_inbox.inbox_page, name="inbox"),
    path("conversations/", views.conversation_list, name="conversation-list"),
    path("messages/<uuid:message_id>/fragment/", views.message_fragment, name="message-fragment"),
    path("messages/<uuid:message_id>/sources/<int:number>/", views.message_source, name="message-source"),
]
