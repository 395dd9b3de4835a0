"""Which chat models there are: of the configured endpoint, else of the usual local ports."""

from __future__ import annotations

import threading

import pytest

from apps.assistants import providers
from apps.assistants.providers import chat_model, chat_models
from apps.core.problems import Problem
from tests.fakes import openai_server
from tests.fakes.openai_server import Script, scripted_server
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def down() -> str:
    return f"http://127.0.0.1:{free_port()}/v1"


@pytest.fixture
def names(monkeypatch):
    """Chooses what the scripted server lists."""

    def choose(*listed: str) -> None:
        monkeypatch.setattr(openai_server, "MODELS", listed)

    return choose


def listed() -> list[str]:
    return [model.name for model in chat_models()]


def test_without_any_endpoint_there_is_no_model(settings):
    settings.LLM_DISCOVERY = [down(), down()]
    assert listed() == []
    assert chat_model() is None


def test_the_first_local_endpoint_that_answers_is_taken(settings, names):
    names("qwen2.5:7b", "llama3.1:8b")
    with scripted_server() as ollama:
        settings.LLM_DISCOVERY = [down(), ollama]
        assert listed() == ["qwen2.5:7b", "llama3.1:8b"]
        assert chat_model() == providers.ChatModel(ollama, "qwen2.5:7b")
        assert chat_model("llama3.1:8b").name == "llama3.1:8b"


def test_models_that_are_not_for_chat_are_left_out(settings, names):
    names("nomic-embed-text", "bge-m3:latest", "BAAI/bge-reranker-v2-m3", "whisper-1", "qwen3:8b")
    with scripted_server() as ollama:
        settings.LLM_DISCOVERY = [ollama]
        assert listed() == ["qwen3:8b"]


def test_an_endpoint_with_no_chat_model_does_not_end_the_search(settings, names):
    names("nomic-embed-text")
    with scripted_server() as ollama, scripted_server(Script(aliases={"served": "ok"})) as vllm:
        settings.LLM_DISCOVERY = [ollama, vllm]
        assert chat_model("served").base_url == vllm


def test_the_configured_model_comes_first_and_discovery_is_not_asked(settings, names):
    names("other", "wanted")
    with scripted_server() as endpoint, scripted_server() as local:
        settings.LLM_BASE_URL, settings.LLM_MODEL, settings.LLM_API_KEY = f"{endpoint}/", "wanted", "secret"
        settings.LLM_DISCOVERY = [local]
        assert listed() == ["wanted", "other"]
        assert chat_model() == providers.ChatModel(endpoint, "wanted", "secret")
        assert openai_server.stats(local).served == 0


def test_a_configured_endpoint_that_is_down_keeps_its_model(settings):
    settings.LLM_BASE_URL, settings.LLM_MODEL = down(), "wanted"
    assert listed() == ["wanted"]


def test_models_once_listed_are_kept_while_the_endpoint_is_down(settings, names):
    names("one", "two")
    with scripted_server() as endpoint:
        settings.LLM_BASE_URL, settings.LLM_MODEL = endpoint, ""
        assert listed() == ["one", "two"]
    providers.catalogue.refresh()
    assert listed() == ["one", "two"]


@pytest.mark.parametrize("path", ["/html", "/nothing"])
def test_what_is_not_a_list_of_models_is_passed_over(settings, path):
    with scripted_server() as endpoint:
        settings.LLM_DISCOVERY = [endpoint.removesuffix("/v1") + path]
        assert listed() == []


def test_a_name_that_nobody_has_is_refused_with_those_there_are(settings, names):
    names("one", "two")
    with scripted_server() as endpoint:
        settings.LLM_DISCOVERY = [endpoint]
        with pytest.raises(Problem, match="one, two") as raised:
            chat_model("three")
    assert raised.value.status == 422


def test_an_old_list_is_used_while_a_new_one_is_fetched(settings, names, monkeypatch):
    names("one")
    with scripted_server() as endpoint:
        settings.LLM_DISCOVERY = [endpoint]
        assert listed() == ["one"]
        fetched, release = threading.Event(), threading.Event()
        real = providers._ask_endpoints

        def slow(known):
            release.wait(5)
            fetched.set()
            return real(known)

        monkeypatch.setattr(providers, "_ask_endpoints", slow)
        monkeypatch.setattr(providers, "FRESH_SECONDS", -1.0)
        names("two")
        assert listed() == ["one"]  # at once, though the endpoint has not answered
        release.set()
        assert fetched.wait(5)
        from tests.chatting import wait_until

        wait_until(lambda: listed() == ["two"])


def test_a_key_is_not_sent_to_discovered_endpoints(settings, names):
    names("one")
    settings.LLM_API_KEY = "secret"
    with scripted_server() as endpoint:
        settings.LLM_DISCOVERY = [endpoint]
        assert chat_models()[0].api_key == ""
