"""What words do not settle is compared by its meaning: bounds measured on known pairs, never over a missing figure."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest

from apps.rag.checks import check_answer
from apps.rag.errors import RerankError
from apps.rag.meaning import (
    CROSS,
    LONGEST_WINDOW,
    MOST_COMPARED,
    WINDOW,
    Bounds,
    EmbedderComparer,
    Meaning,
    RerankerComparer,
    bounds_of,
    measured,
    pairs,
    windows,
)
from apps.rag.rerankers.cross_encoder import CrossEncoderReranker
from apps.rag.rerankers.endpoint import EndpointReranker
from tests.fakes import tiny_model
from tests.fakes.embedder import HashEmbedder
from tests.rag.generation.passages import source
from tests.rag.retrieval.scripted import as_json, http_server

RULE = source(1, "职工因病不能上班的，应当在当天上午告知直接主管。食堂每天七点半开门。")
PARAPHRASE = "生病了要先跟自己的领导打招呼[1]。"
BOUNDS = dict.fromkeys(("zh", "en", CROSS), Bounds(says=0.6, subject=0.5, low=0.3))


class Scripted:
    """A reranker with one score for all; counts what it is asked."""

    def __init__(self, score: float, *, fails: bool = False) -> None:
        self.name, self.score, self.fails = "scripted", score, fails
        self.asked: list[tuple[str, list[str]]] = []

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((query, list(texts)))
        if self.fails:
            raise RerankError("gone")
        return [self.score] * len(texts)


def meaning(reranker: Scripted, *, seconds: float = 60) -> Meaning:
    return Meaning(RerankerComparer(reranker), BOUNDS, seconds=seconds)


@pytest.mark.parametrize(
    ("score", "verdict", "by"),
    [(0.9, "supported", "meaning"), (0.55, "partial", "meaning"), (0.1, "unsupported", "words")],
)
def test_a_paraphrase_gets_the_verdict_of_the_model(score, verdict, by):
    (check,) = check_answer(PARAPHRASE, [RULE], meaning=meaning(Scripted(score)))
    assert (check.verdict, check.by) == (verdict, by)


@pytest.mark.parametrize(("score", "verdict"), [(0.1, "unsupported"), (0.45, "partial"), (0.55, "partial")])
def test_half_of_the_words_is_nothing_where_the_subject_is_another(score, verdict):
    half = "职工因病不能上班期间发放全额工资[1]。"
    assert check_answer(half, [RULE])[0].verdict == "partial"
    assert check_answer(half, [RULE], meaning=meaning(Scripted(score)))[0].verdict == verdict


def test_many_of_the_words_are_something_even_where_the_meaning_is_not_there():
    most = "职工因病不能上班时工资照发[1]。"
    assert check_answer(most, [RULE])[0].verdict == "supported"
    checks = [check_answer(most, [RULE], meaning=meaning(Scripted(score)))[0] for score in (0.1, 0.45, 0.9)]
    assert [(check.verdict, check.by) for check in checks] == [
        ("partial", "meaning"),
        ("supported", "words"),
        ("supported", "words"),
    ]


def test_a_sentence_in_another_language_is_compared_across():
    sure, alone = Scripted(0.9), check_answer("Who is ill tells the boss[1].", [RULE])
    (check,) = check_answer("Who is ill tells the boss[1].", [RULE], meaning=meaning(sure))
    assert (alone[0].verdict, check.verdict, check.by) == ("partial", "supported", "meaning")
    only_zh = Meaning(RerankerComparer(sure), {"zh": BOUNDS["zh"]}, seconds=60)
    assert check_answer("Who is ill tells the boss[1].", [RULE], meaning=only_zh)[0].by == "words"


@pytest.mark.parametrize(
    "answer",
    [
        "生病了要在3天内跟领导打招呼[1]。",
        "按照《请假细则》跟领导打招呼[1]。",
        "见国办发〔2024〕5号文件规定[1]。",
    ],
)
def test_no_model_mends_a_missing_figure_or_name(answer):
    sure = Scripted(1.0)
    (check,) = check_answer(answer, [RULE], meaning=meaning(sure))
    assert check.verdict == "unsupported" and check.missing and sure.asked == []


def test_what_words_settle_is_not_asked():
    sure = Scripted(0.0)
    checks = check_answer("职工因病不能上班的，应当告知直接主管[1]。", [RULE], meaning=meaning(sure))
    assert checks[0].verdict == "supported" and sure.asked == []


def test_a_failing_model_is_asked_once_and_words_decide():
    broken = Scripted(0.9, fails=True)
    checks = check_answer(PARAPHRASE * 3, [RULE], meaning=meaning(broken))
    assert {(check.verdict, check.by) for check in checks} == {("unsupported", "words")}
    assert len(checks) == 3 and len(broken.asked) == 1


def test_comparisons_of_an_answer_are_bounded_in_number_and_time():
    sure = Scripted(0.9)
    answer = "".join(f"{'甲乙丙丁戊己庚辛壬癸'[n % 10]}员工身体不适时跟领导打招呼[1]。" for n in range(100))
    checks = check_answer(answer, [RULE], meaning=meaning(sure))
    assert 0 < sum(len(texts) for _claim, texts in sure.asked) <= MOST_COMPARED
    assert checks[0].by == "meaning" and checks[-1].by == "words"
    late = Scripted(0.9)
    assert check_answer(PARAPHRASE, [RULE], meaning=meaning(late, seconds=0))[0].by == "words"
    assert late.asked == []


def test_windows_are_whole_sentences_nearest_first():
    long = "".join(f"第{n}条规定与此无关的事项。" for n in range(60)) + "生病的人应当告诉主管。"
    found = windows("生病告诉主管", [long, "x" * 3000])
    assert found[0].endswith("生病的人应当告诉主管。")
    assert all(len(text) <= WINDOW for text in found if "x" not in text)
    assert max(map(len, found)) == LONGEST_WINDOW
    assert all(f"第{n}条规定" in "".join(found) for n in range(60))


def test_bounds_keep_wrong_claims_out():
    far = [0.05] * 19 + [0.15]
    assert bounds_of([0.8, 0.9, 0.7], [0.1, 0.2, 0.3], far) == Bounds(0.5, pytest.approx(0.425), 0.425)
    mixed = bounds_of([0.9] * 12 + [0.2] * 8, [0.1] * 17 + [0.5, 0.7, 0.95], far)
    assert mixed == Bounds(pytest.approx(0.6), pytest.approx(0.175), pytest.approx(0.175))


def test_who_tells_only_subjects_apart_lifts_to_in_part_and_who_tells_nothing_is_not_asked():
    subjects = bounds_of([0.5] * 20, [0.5] * 20, [0.1] * 20)
    assert subjects == Bounds(inf, 0.3, 0.3)
    sure = Meaning(RerankerComparer(Scripted(0.5)), {"zh": subjects}, seconds=60)
    assert check_answer(PARAPHRASE, [RULE], meaning=sure)[0].verdict == "partial"
    assert bounds_of([0.5] * 20, [0.1] * 20, [0.5] * 20) is None


def test_a_rerank_endpoint_is_measured_by_the_known_pairs_and_then_asked():
    held = {pair.claim for language in ("zh", "en", CROSS) for pair in pairs(language) if pair.holds}

    def respond(_path, body):
        own = 0.7 if body["query"] in held or "领导" in body["query"] else 0.3
        scores = [own, *([0.1] * (len(body["documents"]) - 1))]
        rows = [{"index": n, "relevance_score": score} for n, score in enumerate(scores)]
        return as_json({"results": rows})

    with http_server(respond) as (address, _seen):
        comparer = RerankerComparer(EndpointReranker(address))
        bounds = measured(comparer)
        (check,) = check_answer(PARAPHRASE, [RULE], meaning=Meaning(comparer, bounds, seconds=60))
    assert set(bounds) == {"zh", "en", CROSS}
    assert (check.verdict, check.by) == ("supported", "meaning")


def test_a_cross_encoder_that_cannot_tell_is_not_asked(tmp_path):
    reranker = CrossEncoderReranker(str(tiny_model.build(tmp_path / "tiny", kind="reranker")), max_tokens=128)
    try:
        assert measured(RerankerComparer(reranker)) == {}
    finally:
        reranker.close()


def test_an_embedder_is_asked_in_its_languages_and_each_text_once():
    comparer = EmbedderComparer(HashEmbedder())
    assert comparer.reads("en") and not comparer.reads("zh") and not comparer.reads(CROSS)
    near, far = comparer.compare("annual leave", ["the annual leave", "a printer"])
    assert near > far
    assert set(measured(comparer)) <= {"en"}


def test_the_known_pairs_are_as_many_of_each():
    for language, count in (("zh", 40), ("en", 40), (CROSS, 32)):
        found = pairs(language)
        assert len(found) == count and sum(pair.holds for pair in found) == count / 2
