"""A question that names a thing goes straight to it, however many others share its words."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from apps.rag.facets import Facets
from apps.rag.retrieval import RetrievalOptions, RetrievalResult, retrieve

from .make import ENCODER, HashEmbedder, chunk, scope
from .test_retrieval import CABINET, Library, library  # noqa: F401

OTHERS = [f"第{n}条 各单位应当加强管理，落实责任，按照规定办理有关事项。" for n in range(20, 180)]


def ask(
    shelf: Library, query: str, *, located: frozenset = frozenset(), limit: int = 3, understand: bool = True
) -> RetrievalResult:
    options = RetrievalOptions(limit=limit, today=date(2026, 11, 22), understand=understand, explain=True)
    return retrieve(
        query,
        scope(CABINET),
        store=shelf.store,
        embedder=HashEmbedder("en"),
        sparse=ENCODER,
        reranker=None,
        load=shelf.load,
        locate=lambda facets: located,
        options=options,
    )


def test_the_article_of_the_named_document_comes_first(library: Library) -> None:  # noqa: F811
    named, other = uuid4(), uuid4()
    library.add(*(chunk(text, document=uuid4()) for text in OTHERS))
    wanted = chunk("第十二条 本办法由财务处解释。", document=named, index=12)
    library.add(wanted, chunk("第十三条 本办法自印发之日起施行。", document=named, index=13))
    library.add(chunk("第十二条 国发〔2024〕3号同时废止。", document=other))
    found = ask(library, "国发〔2024〕3号第十二条", located=frozenset([named]))
    assert found.passages[0].chunk.id == wanted.id
    assert found.explanation is not None
    assert found.explanation.passages[0].legs["exact"].rank == 1


def test_a_located_document_outside_the_scope_stays_outside(library: Library) -> None:  # noqa: F811
    hidden = chunk("第十二条 秘密内容", document=uuid4())
    library.add(hidden, visible=False)
    library.add(chunk("第十二条 公开内容"))
    found = ask(library, "国发〔2024〕3号第十二条", located=frozenset([hidden.document_id]))
    assert hidden.id not in {passage.chunk.id for passage in found.passages}


def test_an_amount_in_words_finds_it_in_figures(library: Library) -> None:  # noqa: F811
    library.add(*(chunk(f"采购金额在 {n}000 元以上的，由主管领导审批。") for n in range(40, 90)))
    wanted = chunk("金额达到 30000 元的，须经办公会讨论。")
    library.add(wanted)
    assert ask(library, "三万块谁批").passages[0].chunk.id == wanted.id


def test_last_month_finds_the_minutes_of_that_month(library: Library) -> None:  # noqa: F811
    library.add(*(chunk(f"2026年{month}月 主任办公会会议纪要") for month in range(1, 12)))
    assert "10月" in ask(library, "上个月的办公会会议纪要").passages[0].chunk.text
    plain = ask(library, "上个月的办公会会议纪要", understand=False)
    assert plain.facets == Facets()


def test_a_facet_hides_nothing(library: Library) -> None:  # noqa: F811
    library.add(chunk("差旅费住宿标准"))
    assert len(ask(library, "去年财政部印发的通知里的差旅费住宿标准").passages) == 1
