"""The guessing layer, the model's edits, merging, English, and offsets in both units: pure, without a database."""

from __future__ import annotations

import json

import pytest

from apps.office.proofreading.engine import Options, make_draft, proofread
from apps.office.proofreading.lexicon import Lexicon
from apps.office.proofreading.measuring import corrected, measure
from apps.office.proofreading.merging import merge, noisy_or
from apps.office.proofreading.model_edits import anchored, pieces, proposed
from apps.office.proofreading.rule_layer import find
from apps.office.proofreading.spans import Spans, title_spans
from apps.office.proofreading.statistics import seed
from apps.office.proofreading.statistics.building import build
from apps.office.proofreading.statistics.corrector import NgramCorrector
from apps.office.proofreading.text import Draft, Utf16, kind_of, language_of

HOUSE = (
    "各单位应当认真贯彻落实安全生产责任制，加强日常检查，及时消除事故隐患。\n"
    "行政机关应当自受理申请之日起五个工作日内作出决定，并书面告知申请人。\n"
    "员工出差应当事先填写出差审批单，由部门负责人审批，报销时附原始凭证。\n"
    "供水企业应当建立水质检测制度，定期公布水质信息，保证供水安全。\n"
)


@pytest.fixture(scope="module")
def corrector(tmp_path_factory) -> NgramCorrector:
    """A model of a few sentences, over a small part of the seed."""
    folder = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        small = {word: count for word, count in seed.words().items() if count > 3_000}
        patch.setattr(seed, "words", lambda: small)
        patch.setattr(seed, "weights", lambda: dict.fromkeys(small, 1.0))
        fingerprint = build([HOUSE] * 300, folder)
        return NgramCorrector.open(
            folder,
            fingerprint=fingerprint,
            curve=[{"gain": 9.0, "share": 0.05}, {"gain": 15.0, "share": 0.0}],
        )


def guesses(corrector: NgramCorrector, text: str) -> list[tuple[str, str]]:
    found = corrector.find(Draft(text), gain=6.0, spared=[])
    return [(one.text, one.suggestions[0].value) for one in found]


@pytest.mark.parametrize(
    ("wrong", "edit"),
    [
        ("各单位应当认真贯撤落实安全生产责任制", ("撤", "彻")),
        ("供水企业应当建立水质简测制度", ("简", "检")),
        ("行政关机应当自受理申请之日起作出决定", ("关机", "机关")),
        ("由部门负责责人审批", ("责", "")),
    ],
)
def test_a_wrong_character_a_swap_and_a_double_are_guessed(corrector, wrong, edit):
    assert guesses(corrector, wrong) == [edit]


def test_what_the_house_writes_is_left_alone(corrector):
    assert guesses(corrector, HOUSE) == []


def test_a_strange_domain_is_met_with_silence(corrector):
    assert guesses(corrector, "秋夜的银河坠入深谷，牧童横笛，蟋蟀在草垛里唱着旧梦。") == []


def test_titles_quotations_and_names_are_spared(corrector):
    assert guesses(corrector, "《认真贯撤落实安全生产责任制》") == []
    text = "各单位应当认真贯撤落实安全生产责任制"
    assert list(corrector.find(Draft(text), gain=6.0, spared=[(7, 9)])) == []


def test_the_dial_takes_the_lowest_threshold_within_the_budget(corrector):
    assert corrector.gain_for(profile="precise", false_alarms=None) == 13.0
    assert corrector.gain_for(profile="precise", false_alarms=0.06) == 9.0
    assert corrector.gain_for(profile="balanced", false_alarms=0.01) == 15.0
    assert corrector.gain_for(profile="balanced", false_alarms=0.0) == 15.0


def test_the_same_texts_make_the_same_model(corrector, tmp_path):
    assert corrector.fingerprint
    assert NgramCorrector.open.__self__ is NgramCorrector


def test_two_engines_that_agree_are_one_surer_finding():
    draft = make_draft("各部门工程峻工后上报。")
    rule = next(one for one in find(draft) if one.rule_id == "W04")
    other = rule.changed(engines=("model",), confidence=0.6, rule_id="M01")
    (one,) = merge([rule, other])
    assert one.engines == ("rules", "model")
    assert one.confidence == noisy_or(rule.confidence, 0.6) > rule.confidence


def test_the_same_edit_of_a_character_and_of_its_word_is_one_finding():
    draft = make_draft("各部门工程峻工后上报。")
    rule = next(one for one in find(draft) if one.rule_id == "W04")
    guess = rule.changed(
        offset=rule.offset, length=1, text="峻", suggestions=(rule.suggestions[0].__class__("竣"),),
        engines=("statistics",), severity="warning", rule_id="C01",
    )  # fmt: skip
    (one,) = merge([guess, rule])
    assert (one.rule_id, one.text, one.engines) == ("W04", "峻工", ("rules", "statistics"))
    assert [suggestion.value for suggestion in one.suggestions] == ["竣工"]


def test_engines_that_disagree_name_each_other():
    draft = make_draft("各部门工程峻工后上报。")
    rule = next(one for one in find(draft) if one.rule_id == "W04")
    other = rule.changed(
        engines=("model",), suggestions=(rule.suggestions[0].__class__("完工"),), rule_id="M01"
    )
    first, second = merge([rule, other])
    assert (first.conflicts, second.conflicts) == ((1,), (0,))


ANSWER = {
    "edits": [
        {"text": "峻工", "replacement": "竣工", "class": "错别字", "reason": "形近字"},
        {"text": "并不存在", "replacement": "不存在", "class": "错别字", "reason": ""},
        {"text": "15日", "replacement": "16日", "class": "不合逻辑", "reason": ""},
        {"text": "安全办法", "replacement": "安全规定", "class": "搭配不当", "reason": ""},
        {
            "text": "请各单位及时上报情况",
            "replacement": "烦请贵处从速呈送全部材料",
            "class": "语序不当",
            "reason": "",
        },
        {"text": "上报", "replacement": "报上", "class": "自创类别", "reason": ""},
    ]
}


def test_of_a_models_edits_only_what_is_verbatim_small_and_safe_stays():
    draft = Draft("工程峻工后，请各单位及时上报情况，15日前依《安全办法》执行。")
    edits = proposed("好的：" + json.dumps(ANSWER, ensure_ascii=False))
    kept = anchored(draft, 0, len(draft.text), edits, closed=Spans(title_spans(draft.text)))
    assert [(one.text, one.suggestions[0].value, one.severity) for one in kept] == [
        ("峻工", "竣工", "warning")
    ]


@pytest.mark.parametrize("answer", ["", "没有错误", "{", '{"edits": 3}', '{"edits": [1, {"text": 2}]}', "[]"])
def test_an_answer_that_is_no_list_of_edits_says_nothing(answer):
    assert proposed(answer) == []


def test_pieces_cover_a_long_text_without_overlap():
    draft = Draft("\n".join("字" * length for length in (10, 1400, 900, 4000, 5)))
    covered = [draft.text[start:end] for start, end in pieces(draft)]
    assert "".join(covered).replace("\n", "") == draft.text.replace("\n", "")
    assert max(map(len, covered)) <= 1_500


def test_english_spelling_and_grammar_are_read_in_english_lines():
    draft = make_draft("Please recieve the the notice of the managment.\n请查收 Askive 的通知。")
    found = {one.text: one.suggestions[0].value for one in proofread(draft).findings if one.suggestions}
    assert found["recieve"] == "receive"
    assert found["managment"] == "management"
    assert draft.language == "en"
    assert "Askive" not in found


def test_units_of_utf16_and_code_points_turn_into_each_other():
    text = "a😀b\U00020000c"
    units = Utf16(text)
    for place in range(len(text) + 1):
        assert units.units(place) == len(text[:place].encode("utf-16-le")) // 2
        assert units.points(units.units(place)) == place
    assert units.points(2) == 1  # the middle of a pair


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("云岭市水务局关于检查的通知\n各单位：", "通知"),
        ("关于经费的请示", "请示"),
        ("今天天气很好", ""),
        ("国务院令", "命令"),
    ],
)
def test_the_kind_is_read_from_the_title(text, kind):
    assert kind_of(text) == kind


def test_the_language_is_that_of_most_letters():
    assert language_of("请登录 OA 系统") == "zh"
    assert language_of("Travel policy of 云岭") == "en"
    assert language_of("2026") == "zh"


def test_precise_leaves_out_hints():
    draft = make_draft("其它事项 由办公室负责。")
    hints = [one.rule_id for one in proofread(draft).findings]
    assert "W20" in hints
    assert "W20" not in [one.rule_id for one in proofread(draft, options=Options("precise")).findings]


def test_what_the_organisation_allows_is_no_finding():
    draft = make_draft("登陆系统")
    assert proofread(draft).findings
    assert not proofread(draft, words=Lexicon(allow=frozenset({"登陆"}))).findings


def test_measuring_counts_sentences_as_wholes():
    pairs = [
        ("工程峻工。", "工程竣工。"),
        ("工程竣工。", "工程竣工。"),
        ("截止目前，贯切。", "截至目前，贯彻。"),
    ]
    score = measure(pairs, lambda text: proofread(make_draft(text)).findings)
    assert (score.wrong, score.clean, score.changed, score.right) == (2, 1, 2, 1)
    assert (score.precision, score.recall, score.clean_share) == (0.5, 0.5, 0.0)
    assert corrected("工程峻工。", proofread(make_draft("工程峻工。")).findings) == ("工程竣工。", 1)
