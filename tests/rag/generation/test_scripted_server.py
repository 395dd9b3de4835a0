"""The scripted server keeps to the protocol where it is not told to break it."""

from __future__ import annotations

import math

import openai

from tests.fakes.openai_server import Script, scripted_server, stats


async def test_embeddings_are_repeatable_unit_vectors_in_any_order(endpoint: str) -> None:
    async with openai.AsyncOpenAI(base_url=endpoint, api_key="key") as client:
        first, second = [
            await client.embeddings.create(model="any", input=["年假五天", "报销流程", "年假十天"])
            for _ in range(2)
        ]
    assert sorted(item.index for item in first.data) == [0, 1, 2] != [item.index for item in first.data]
    vectors = {item.index: item.embedding for item in first.data}
    assert vectors == {item.index: item.embedding for item in second.data}
    assert all(math.isclose(sum(v * v for v in vector), 1, rel_tol=1e-5) for vector in vectors.values())

    def likeness(a: int, b: int) -> float:
        return sum(x * y for x, y in zip(vectors[a], vectors[b], strict=True))

    assert likeness(0, 2) > likeness(0, 1)


async def test_rerank_sorts_by_relevance(endpoint: str) -> None:
    async with openai.AsyncOpenAI(base_url=endpoint, api_key="key") as client:
        answer = await client.post(
            "/rerank",
            body={"model": "any", "query": "年假几天", "documents": ["报销", "年假五天"], "top_n": 1},
            cast_to=dict[str, object],
        )
    assert answer["results"] == [{"index": 1, "relevance_score": 1 / 3}]


async def test_a_name_can_stand_for_a_behaviour() -> None:
    with scripted_server(Script(text="好", aliases={"qwen3-8b": "length"})) as endpoint:
        async with openai.AsyncOpenAI(base_url=endpoint, api_key="key") as client:
            done = await client.chat.completions.create(
                model="qwen3-8b", messages=[{"role": "user", "content": "hi"}]
            )
        assert done.choices[0].message.content == "好"
        assert done.choices[0].finish_reason == "length"
        assert stats(endpoint).served == 1
