"""A new index beside the old one: built, caught up, switched in one write, undone, forgotten."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import settings as conf
from django.core.management import CommandError, call_command

from apps.cabinets import serving
from apps.cabinets.doctor import common
from apps.cabinets.models import Document, SearchIndex
from apps.cabinets.searching import search
from apps.cabinets.services import generations, reindexing
from apps.cabinets.services.deletion import document_delete, document_remove
from apps.cabinets.services.documents import document_move
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.ingestion import document_requeue
from apps.cabinets.tasks import sweep
from apps.core.doctor import examine
from apps.rag.errors import StoreError
from apps.rag.retrieval import RetrievalOptions
from tests.factories import ingest, upload
from tests.fakes.embedder import HashEmbedder

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = {"BACKEND": "tests.test_reindex.WideEmbedder", "OPTIONS": {}}
POINTS = ("I1", "I2", "I3", "I8")


class WideEmbedder(HashEmbedder):
    """Another model: twice as many numbers."""

    name = "hash-wide"
    dimension = 128


@pytest.fixture(autouse=True)
def at_once(monkeypatch) -> None:
    from apps.rag import components

    monkeypatch.setattr(common, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(components, "INDEX_SECONDS", 0.0)
    monkeypatch.setattr(components, "RETIRE_SECONDS", 0.0)


@pytest.fixture
def documents(people, hints, rag) -> list[Document]:
    texts = ["Travel above 3,000 yuan needs a signature.", "Leave is five days.", "Doors close at nine."]
    made = [
        ingest(upload(people.alice, people.root_folder, f"rules{number}.md", f"# Rules\n\n{text}"))
        for number, text in enumerate(texts)
    ]
    sweep()
    assert SearchIndex.objects.get().dimension == 64
    return made


def use_other_model(settings) -> None:
    settings.RAG = {**settings.RAG, "EMBEDDER": OTHER, "QUERY_EMBEDDER": OTHER}


def wrong() -> list[str]:
    return [finding.line for finding in examine() if finding.invariant in POINTS]


def titles(user, query: str) -> set[str]:
    return {hit.chunk.title for hit in search(user, query, options=RetrievalOptions(limit=5)).passages}


def test_a_switch_serves_the_new_index_and_undo_the_old(documents, people, rag):
    out = StringIO()
    call_command("reindex", stdout=out)
    assert "3 of 3 documents" in out.getvalue()
    serves = SearchIndex.objects.get(state="serving")
    assert rag.index().name == serves.name != ""
    assert (conf.DATA_DIR / f"qdrant-{serves.name}").is_dir()
    assert "rules0" in titles(people.bob, "travel signature")
    assert wrong() == []
    call_command("reindex", "--undo", stdout=out)
    assert rag.index().name == ""
    assert "rules0" in titles(people.bob, "travel signature")
    assert wrong() == []


def test_another_model_serves_only_after_the_reindex(documents, people, rag, settings):
    use_other_model(settings)
    assert rag.query_embedder().dimension == 64, "the index decides, not the setting"
    assert "rules0" in titles(people.bob, "travel signature")
    assert not serving.embedder_is_as_configured()
    call_command("reindex", stdout=StringIO())
    assert rag.query_embedder().dimension == rag.store().dimension == 128
    assert "rules0" in titles(people.bob, "travel signature")
    assert serving.embedder_is_as_configured()
    call_command("reindex", "--undo", stdout=StringIO())
    assert rag.query_embedder().dimension == 64
    assert wrong() == []


def test_what_changes_during_the_build_is_caught_up_with(documents, people, rag, monkeypatch):
    """Between the first pass and the switch: one read anew, one moved, one deleted, one added."""
    copy, changed = reindexing._Build._copy, []

    def copy_then_change(build, document, *, again):
        copy(build, document, again=again)
        if len(build.done) == 2 and not changed:
            changed.append(True)
            ingest(document_requeue(documents[0], by=people.alice))
            folder = folder_create(by=people.alice, parent=people.root_folder, name="New")
            document_move(documents[1], by=people.alice, folder=folder)
            document_delete(documents[2], by=people.alice)
            assert document_remove(documents[2].pk)
            ingest(upload(people.alice, people.root_folder, "late.md", "# Late\n\nIt came late."))

    monkeypatch.setattr(reindexing._Build, "_copy", copy_then_change)
    call_command("reindex", stdout=StringIO())
    sweep()
    assert changed
    assert wrong() == []
    assert set(rag.store().document_ids()) == set(Document.objects.values_list("pk", flat=True))
    assert "late" in titles(people.bob, "it came late")


def test_a_build_that_was_killed_goes_on_where_it_was(documents, rag, monkeypatch):
    copy = reindexing._Build._copy

    class Killed(BaseException):
        pass

    def die_at_the_third(build, document, *, again):
        if len(build.done) == 2:
            raise Killed
        copy(build, document, again=again)

    with monkeypatch.context() as patch:
        patch.setattr(reindexing._Build, "_copy", die_at_the_third)
        with pytest.raises(Killed):
            call_command("reindex", stdout=StringIO())
    assert rag.index().name == ""
    assert wrong() == []
    embedded: list[int] = []
    embed = HashEmbedder.embed_documents
    monkeypatch.setattr(
        HashEmbedder,
        "embed_documents",
        lambda self, texts: (embedded.append(len(texts)), embed(self, texts))[1],
    )
    call_command("reindex", stdout=StringIO())
    assert sum(embedded) == documents[2].chunks.count()
    assert wrong() == []


def test_a_document_read_across_the_switch_is_read_again(documents, people, rag, monkeypatch):
    """Its points are in the index that no longer serves, so the flip is refused."""
    write = generations.indexing.add

    def write_then_switch(*args, **options):
        write(*args, **options)
        with monkeypatch.context() as patch:
            patch.setattr(generations.indexing, "add", write)
            call_command("reindex", stdout=StringIO())

    late = upload(people.alice, people.root_folder, "late.md", "# Late\n\nIt came late.")
    with monkeypatch.context() as patch:
        patch.setattr(generations.indexing, "add", write_then_switch)
        patch.setattr(reindexing.components, "close", lambda: None)
        late = ingest(late)
    assert (late.status, late.error_code) == ("queued", "store_unavailable")
    Document.objects.filter(pk=late.pk).update(not_before=None)
    assert ingest(late).status == "ready"
    assert "late" in titles(people.bob, "it came late")
    assert wrong() == []


def test_a_deletion_across_the_switch_is_done_in_the_new_index_too(documents, people, rag, monkeypatch):
    document_delete(documents[0], by=people.alice)
    before = rag.index()
    call_command("reindex", stdout=StringIO())
    with monkeypatch.context() as patch:
        patch.setattr(rag, "index", lambda: before)
        with pytest.raises(StoreError):
            document_remove(documents[0].pk)
    assert document_remove(documents[0].pk)
    assert wrong() == []


def test_former_indexes_can_be_forgotten(documents, rag):
    with pytest.raises(CommandError):
        call_command("reindex", "--undo", stdout=StringIO())
    call_command("reindex", stdout=StringIO())
    assert (conf.DATA_DIR / "qdrant").is_dir()
    rag.close()
    call_command("reindex", "--forget", stdout=StringIO())
    assert not (conf.DATA_DIR / "qdrant").exists()
    assert SearchIndex.objects.count() == 1
    assert wrong() == []
