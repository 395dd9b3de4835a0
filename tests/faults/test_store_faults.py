"""The store is down, slow or loses a batch, or the work changes under the worker's hands: nothing is half."""

from __future__ import annotations

import pytest

from apps.cabinets.doctor import common
from apps.cabinets.models import Document
from apps.cabinets.searching import search
from apps.cabinets.services import generations, ingestion
from apps.cabinets.services.deletion import document_delete, document_remove
from apps.cabinets.services.documents import document_move
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import grants_set
from apps.cabinets.services.ingestion import document_ingest, document_requeue
from apps.cabinets.services.leftovers import leftovers_clear
from apps.cabinets.tasks import move, sweep
from apps.core.doctor import examine
from apps.rag.errors import StoreError
from apps.rag.retrieval import RetrievalOptions
from tests.factories import ingest, upload
from tests.faults.stores import FAULTS, Faults

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(90))
NUMBERS_ASIDE = "I11"  # the test database counts on across tests


@pytest.fixture(autouse=True)
def faulty(settings, rag, hints, monkeypatch):
    """The engine of this test behind faults that can be switched on."""
    monkeypatch.setattr(common, "PAUSE_SECONDS", 0.01)
    store = settings.RAG["STORE"]
    settings.RAG = {**settings.RAG, "STORE": {**store, "BACKEND": "tests.faults.stores.FaultyStore"}}
    yield
    set_faults()


def set_faults(**faults) -> None:
    fresh = Faults(**faults)
    FAULTS.__dict__.update(fresh.__dict__)


def wrong() -> list[str]:
    return [finding.line for finding in examine() if finding.invariant != NUMBERS_ASIDE]


def work(document: Document) -> Document:
    """One attempt, without the pause before it."""
    Document.objects.filter(pk=document.pk).update(not_before=None)
    return ingest(document)


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"down": {"*"}}, "store_unavailable"),
        ({"down": {"count"}}, "store_unavailable"),
        ({"dropped": {"upsert"}, "times": 1}, "store_incomplete"),
    ],
)
def test_a_fault_of_the_store_is_tried_again_and_then_whole(people, faults, code):
    document = upload(people.alice, people.root_folder, "rules.md", TEXT)
    set_faults(**faults)
    document = work(document)
    assert (document.status, document.error_code) == ("queued", code)
    set_faults()
    document = work(document)
    assert (document.status, document.generation) == ("ready", 2)
    assert wrong() == []


def test_a_store_that_stays_down_ends_in_failed_and_leaves_nothing(people, rag):
    document = upload(people.alice, people.root_folder, "rules.md", TEXT)
    for _attempt in range(3):
        set_faults(dropped={"upsert"}, times=1)
        document = work(document)
    assert (document.status, document.error_code) == ("failed", "store_incomplete")
    set_faults()
    leftovers_clear()
    assert rag.store().count() == 0
    assert wrong() == []


def test_a_slow_store_is_waited_for(people):
    set_faults(slow_seconds=0.02)
    assert work(upload(people.alice, people.root_folder, "rules.md", TEXT)).status == "ready"
    set_faults()
    assert wrong() == []


def test_a_deletion_goes_on_when_the_store_is_back(people, rag):
    document = work(upload(people.alice, people.root_folder, "rules.md", TEXT))
    set_faults(down={"*"})
    document_delete(document, by=people.alice)
    with pytest.raises(StoreError):
        document_remove(document.pk)
    assert not Document.objects.exclude(status="deleting").filter(pk=document.pk).exists()
    set_faults()
    assert document_remove(document.pk)
    assert rag.store().count() == 0
    assert wrong() == []


def test_a_deletion_whose_points_stay_gives_no_receipt(people):
    document = work(upload(people.alice, people.root_folder, "rules.md", TEXT))
    document_delete(document, by=people.alice)
    set_faults(dropped={"delete"})
    with pytest.raises(StoreError):
        document_remove(document.pk)
    set_faults()
    assert document_remove(document.pk)
    assert wrong() == []


STAGES = {
    "read": (ingestion, "_prepared"),
    "encode": (generations._Writer, "_encode"),
    "write": (generations._Writer, "_write"),
    "activate": (ingestion, "generation_activate"),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("change", ["delete", "move", "requeue", "revoke"])
def test_a_change_at_any_stage_wins(people, monkeypatch, stage, change):
    document = upload(people.alice, people.root_folder, "rules.md", TEXT)
    elsewhere = folder_create(by=people.alice, parent=people.root_folder, name="New")
    owner, name = STAGES[stage]
    step, changed = getattr(owner, name), []

    def change_then_step(*arguments, **options):
        if not changed:
            changed.append(True)
            row = Document.objects.get(pk=document.pk)
            if change == "delete":
                document_delete(row, by=people.alice)
            elif change == "move":
                document_move(row, by=people.alice, folder=elsewhere)
            elif change == "requeue":
                document_requeue(row, by=people.alice)
            else:
                grants_set(by=people.alice, cabinet=people.cabinet, entries=[("user:alice", "manager")])
        return step(*arguments, **options)

    monkeypatch.setattr(owner, name, change_then_step)
    document_ingest(document.pk)
    Document.objects.filter(pk=document.pk).update(not_before=None)
    if change == "delete":
        document_remove(document.pk)
        assert not Document.objects.filter(pk=document.pk).exists()
    elif change == "requeue":
        document_ingest(document.pk)
    sweep()
    if change != "delete":
        assert Document.objects.get(pk=document.pk).status == "ready"
    seen = search(people.bob, "rule", options=RetrievalOptions()).passages
    assert bool(seen) == (change in {"move", "requeue"})
    if change == "move":
        move(str(document.pk))
    assert wrong() == []
