from django.urls import path

from apps.assistants import views
from apps.assistants.views_models import models_page

urlpatterns = [
    path("models/", models_page, name="models"),
    path("assistants/", views.assistants, name="assistants"),
    path("assistants/new/", views.assistant_new, name="assistant-new"),
    path("assistants/<uuid:assistant_id>/", views.assistant, name="assistant"),
]
