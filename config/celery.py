"""The Celery application. A message is a hint; the database row is the truth (docs/decisions/0001)."""

import os
from importlib import import_module

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("askive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.on_after_finalize.connect(lambda **_: import_module("config.pulse"), weak=False)
# The embedded default runs the same entries in its sweeper thread.
app.conf.beat_schedule = {
    "sweep": {"task": "apps.cabinets.tasks.sweep", "schedule": 60.0, "options": {"expires": 50}},
    "doctor": {"task": "apps.cabinets.tasks.doctor", "schedule": 60.0, "options": {"expires": 50}},
    "people": {"task": "apps.accounts.tasks.sweep", "schedule": 60.0, "options": {"expires": 50}},
    "models": {"task": "apps.assistants.tasks.sweep", "schedule": 60.0, "options": {"expires": 50}},
    "close-stale-answers": {
        "task": "apps.chat.tasks.close_stale",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "office": {"task": "apps.office.tasks.sweep", "schedule": 60.0, "options": {"expires": 50}},
    "golden-runs": {"task": "apps.quality.tasks.sweep", "schedule": 60.0, "options": {"expires": 50}},
}
