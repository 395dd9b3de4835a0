"""The OpenAI-compatible endpoint, called with the clients that people use."""

from __future__ import annotations

import openai
import pytest

from apps.cabinets.services.cabinets import cabinet_create
from apps.chat.models import Conversation
from tests.chatting import LEAVE, wait_until
from tests.factories import bearer
from tests.fakes.openai_server import stats

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = [{"role": "user", "content": "年休假有几天？"}]


def client_of(live, user, *scopes: str) -> openai.OpenAI:
    key = bearer(user, *scopes)["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    return openai.OpenAI(base_url=f"{live}/v1", api_key=key, max_retries=0, timeout=15)


@pytest.fixture
def bob(live, knowledge) -> openai.OpenAI:
    return client_of(live, knowledge.bob)


@pytest.fixture
def kb(knowledge) -> str:
    return f"kb:{knowledge.cabinet.slug}"


def test_models_are_the_cabinets_one_may_read(live, knowledge, bob, kb):
    cabinet_create(by=knowledge.charlie, name="Private")
    assert [model.id for model in bob.models.list()] == ["askive", kb]
    assert "kb:private" in [model.id for model in client_of(live, knowledge.charlie).models.list()]


def test_an_answer_carries_its_citations(bob, model, kb, knowledge):
    answer = bob.chat.completions.create(model=kb, messages=QUESTION)
    message = answer.choices[0].message
    assert "五天" in message.content
    assert (answer.object, answer.model, answer.choices[0].finish_reason) == ("chat.completion", kb, "stop")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    citation = message.citations[0]
    assert set(citation) == {"number", "document_id", "title", "page", "quote", "url"}
    assert citation["title"] == "休假"
    assert citation["quote"] in LEAVE
    assert f"[{citation['number']}]" in message.content
    assert not Conversation.objects.exists()  # the caller keeps it


def test_a_stream_ends_with_citations_and_usage(bob, model, kb):
    stream = bob.chat.completions.create(
        model=kb, messages=QUESTION, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "五天" in "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    ending = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    assert [chunk.choices[0].finish_reason for chunk in ending] == ["stop"]
    assert ending[0].citations[0]["title"] == "休假"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


def test_without_any_model_it_still_answers(bob, kb):
    answer = bob.chat.completions.create(model="askive", messages=QUESTION)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.citations[0]["quote"] in LEAVE


@pytest.mark.parametrize(
    ("request_", "error", "code"),
    [
        ({"model": "no-such", "messages": QUESTION}, openai.NotFoundError, "model_not_found"),
        ({"model": "kb:private", "messages": QUESTION}, openai.NotFoundError, "model_not_found"),
        ({"model": "kb:no-such", "messages": QUESTION}, openai.NotFoundError, "model_not_found"),
        ({"model": "askive", "messages": []}, openai.UnprocessableEntityError, "invalid"),
        (
            {"model": "askive", "messages": [{"role": "assistant", "content": "?"}]},
            openai.BadRequestError,
            "invalid_request_error",
        ),
        (
            {"model": "askive", "messages": [{"role": "user", "content": "问" * 100_000}]},
            openai.BadRequestError,
            "context_length_exceeded",
        ),
        (
            {"model": "askive", "messages": QUESTION, "temperature": 7},
            openai.UnprocessableEntityError,
            "invalid",
        ),
    ],
)
def test_errors_have_the_shape_that_clients_read(bob, knowledge, request_, error, code):
    cabinet_create(by=knowledge.charlie, name="Private")
    with pytest.raises(error) as raised:
        bob.chat.completions.create(**request_)
    assert raised.value.code == code
    assert set(raised.value.body) == {"message", "type", "param", "code"}
    assert raised.value.body["message"]


def test_a_bad_key_and_a_key_without_the_scope_are_refused(live, knowledge):
    with pytest.raises(openai.PermissionDeniedError):
        client_of(live, knowledge.bob, "search").models.list()
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{live}/v1", api_key="ask_wrong", max_retries=0).models.list()


@pytest.mark.parametrize("default", ["refuse-500", "cut", "html", "hang", "stall"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_fault_of_the_model_is_an_error_never_a_short_answer(bob, model, kb, settings, default, stream):
    settings.LLM_MODEL = default
    with pytest.raises(openai.APIError) as raised:
        answer = bob.chat.completions.create(model=kb, messages=QUESTION, stream=stream)
        list(answer)
    assert raised.value.body["code"].startswith("model_")
    assert raised.value.body["message"]


def test_who_stops_reading_stops_the_model(bob, model, kb, settings):
    settings.LLM_MODEL = "endless"
    stream = bob.chat.completions.create(model=kb, messages=QUESTION, stream=True)
    next(iter(stream))
    wait_until(lambda: stats(model).open == 1)
    stream.close()
    wait_until(lambda: stats(model).open == 0)


def test_what_was_said_before_and_the_clients_rules_reach_the_model(bob, model, kb, settings):
    settings.LLM_MODEL = "echo"
    kept = []
    from tests.fakes import openai_replies

    real = openai_replies.last_user_message
    openai_replies.last_user_message = lambda body: kept.append(body) or real(body)
    try:
        bob.chat.completions.create(
            model=kb,
            messages=[
                {"role": "system", "content": "Answer in verse."},
                {"role": "user", "content": [{"type": "text", "text": "First question"}]},
                {"role": "assistant", "content": "First answer"},
                *QUESTION,
            ],
        )
    finally:
        openai_replies.last_user_message = real
    sent = kept[0]["messages"]
    assert "Answer in verse." in sent[0]["content"]
    assert [message["content"] for message in sent[1:3]] == ["First question", "First answer"]


def test_thoughts_are_apart_from_the_answer(bob, model, kb, settings):
    settings.LLM_MODEL = "think"
    message = bob.chat.completions.create(model=kb, messages=QUESTION).choices[0].message
    assert "先看资料" in message.reasoning_content
    assert "先看资料" not in message.content


def test_langchain_can_talk_to_it(live, knowledge, model, kb):
    from langchain_openai import ChatOpenAI

    key = bearer(knowledge.bob)["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    chat = ChatOpenAI(base_url=f"{live}/v1", api_key=key, model=kb, max_retries=0, timeout=15)
    assert "五天" in chat.invoke("年休假有几天？").content
    assert "五天" in "".join(str(piece.content) for piece in chat.stream("年休假有几天？"))
