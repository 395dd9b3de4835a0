from django.urls import path

from apps.core import views

urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path("preferences/", views.preferences, name="preferences"),
]
