from django.apps import AppConfig


class CabinetsConfig(AppConfig):
    name = "apps.cabinets"
