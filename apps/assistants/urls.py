from django.urls import path

from apps.assistants import views
from apps.assistants.views_models import models_page
from apps.assistants.views_usage import own_usage, usage_page

urlpatterns = [
    path("usage/", usage_page, name="usage"),
    path("profile/usage/", own_usage, name="own-usage"),
    path("models/", models_page, name="models"),
    path("assistants/", views.assistants, name="assistants"),
    path("assistants/new/", views.assistant_new, name="assistant-new"),
    path("assistants/<uuid:assistant_id>/", views.assistant, name="assistant"),
]
