"""Administrators ask whether everything agrees, see each invariant in words, and have it mended."""

from __future__ import annotations

import pytest

from apps.accounts.models import AuditEvent
from apps.cabinets.doctor.jobs import examination_start, examinations_do
from apps.core.models import Job
from tests.factories import Api, ingest, upload
from tests.test_cabinet_pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
PART = "/health/examination/"


def shown(user) -> str:
    return page_of(user).get(PART).content.decode()


@pytest.fixture
def broken(people, hints, rag, settings):
    """A document of which a passage's point is missing; only the check that finds this is made."""
    settings.DOCTOR_CHECKS = {
        "I1": "apps.cabinets.doctor.points.served_points",
        "I8": "apps.cabinets.doctor.points.one_generation",
    }
    document = ingest(upload(people.alice, people.root_folder, "leave.txt", "Annual leave is five days."))
    rag.store().delete(document.pk)
    return document


def test_only_administrators_see_and_ask(people):
    assert page_of(people.alice).get(PART).status_code == 403
    assert Api(people.alice).post("examination", {"repair": True}).status_code == 403
    assert "Not checked yet" in shown(people.root)


def test_a_finding_is_said_in_words_and_mended_on_request(people, broken):
    root = Api(people.root, "admin")
    job = root.post("examination", {}).json()["job"]
    assert "Checking whether everything agrees" in shown(people.root)
    assert examinations_do() == 1
    found = root.get("examination").json()
    assert (found["healthy"], found["running"], found["repaired"]) == (False, False, False)
    assert [(one["code"], one["state"], one["count"]) for one in found["invariants"]] == [
        ("I1", "found", 1), ("I8", "holds", 0),
    ]  # fmt: skip
    assert "1 found" in shown(people.root) and "Passages and index agree" in shown(people.root)
    assert root.get(f"jobs/{job['id']}").json()["job"]["state"] == "succeeded"
    root.post("examination", {"repair": True})
    examinations_do()
    assert [one["state"] for one in root.get("examination").json()["invariants"]] == ["mended", "holds"]
    assert "1 mended" in shown(people.root) and "queued again" in shown(people.root)


def test_a_second_request_joins_the_one_that_waits(people, hints):
    first = examination_start(by=people.root, repair=False)
    assert examination_start(by=people.root, repair=True) == first
    first.refresh_from_db()
    assert first.detail["repair"] is True and Job.objects.filter(kind="doctor").count() == 1
    assert AuditEvent.objects.filter(action="examination.request").count() == 2


def test_an_examination_that_broke_off_is_said(people, hints, monkeypatch):
    examination_start(by=people.root, repair=False)
    monkeypatch.setattr("apps.cabinets.doctor.jobs.report", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        examinations_do()
    assert "The newest check broke off" in shown(people.root)
