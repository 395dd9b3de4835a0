from django.urls import path

from apps.accounts import views, views_import, views_people, views_security, views_setup, views_sign_in
from apps.accounts.oidc import views as oidc_views
from apps.accounts.workplace import views as workplace_views
from apps.core.health_views import health_page

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("login/code/", views_security.sign_in_code, name="sign-in-code"),
    path("login/oidc/", oidc_views.begin, name="oidc"),
    path("login/oidc/back/", oidc_views.back, name="oidc-back"),
    path("login/workplace/", workplace_views.begin, name="workplace"),
    path("login/workplace/back/", workplace_views.back, name="workplace-back"),
    path("setup/", views_setup.setup, name="setup"),
    path("django-admin/login/", views.admin_sign_in),
    path("profile/security/", views_security.security, name="security"),
    path("profile/security/two-step/", views_security.two_step_begin, name="two-step"),
    path("profile/security/two-step/change/", views_security.two_step_change, name="two-step-change"),
    path("profile/security/devices/end/", views_security.devices_end, name="devices-end"),
    path("profile/security/devices/<uuid:device_id>/end/", views_security.devices_end, name="device-end"),
    path("logout/", views.sign_out, name="logout"),
    path("profile/", views.profile, name="profile"),
    path("people/import/", views_import.people_import, name="people-import"),
    path("people/sign-in/", views_sign_in.sign_in_rules, name="sign-in-rules"),
    path("people/sign-in/directory/", views_sign_in.directory_synchronise, name="directory-synchronise"),
    path("people/", views.people, name="people"),
    path("people/<uuid:user_id>/view/", views_people.view_as_begin, name="view-as"),
    path("view-as/end/", views_people.view_as_end, name="view-as-end"),
    path("organisation/", views_people.organisation_page, name="organisation"),
    path("audit/", views_people.audit_page, name="audit"),
    path("health/", health_page, name="health"),
]
