from django.urls import path

from apps.chat import views

urlpatterns = [
    path("", views.ask, name="ask"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("conversations/", views.conversation_list, name="conversation-list"),
    path("messages/<uuid:message_id>/fragment/", views.message_fragment, name="message-fragment"),
    path("messages/<uuid:message_id>/sources/<int:number>/", views.message_source, name="message-source"),
]
