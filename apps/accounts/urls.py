from django.urls import path

from apps.accounts import views
from apps.core.health_views import health_page

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("profile/", views.profile, name="profile"),
    path("people/", views.people, name="people"),
    path("health/", health_page, name="health"),
]
