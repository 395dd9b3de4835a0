from django.contrib import admin
from django.urls import include, path

from apps.core import health
from config.api import api, openai_api

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("v1/", openai_api.urls),
    path("", include("apps.accounts.urls")),
    path("", include("apps.assistants.urls")),
    path("", include("apps.chat.urls")),
    path("", include("apps.cabinets.urls")),
    path("", include("apps.quality.urls")),
    path("", include("apps.office.urls")),
    path("", include("apps.core.urls")),
    path("django-admin/", admin.site.urls),
]
handler403 = "apps.core.errors.forbidden"
handler404 = "apps.core.errors.not_found"
