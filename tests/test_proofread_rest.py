"""POST /api/v1/proofread and what follows: findings, decisions, dictionaries, limits."""

from __future__ import annotations

import pytest

from apps.office.models import DictionaryEntry, Proofreading
from tests.factories import Api

pytestmark = pytest.mark.django_db
TEXT = "关于开展检查的通知\n各单位：\n截止目前，工程峻工😀后请登陆系统上报，金额为15～30%。"


@pytest.fixture
def alice(people) -> Api:
    return Api(people.alice, "office")


def read(api: Api, text: str = TEXT, **options) -> dict:
    answer = api.post("proofread", {"text": text, **options})
    assert answer.status_code == 200, answer.content
    return answer.json()


def by_rule(body: dict) -> dict[str, dict]:
    return {finding["rule"]["id"]: finding for finding in body["findings"]}


def test_findings_name_place_category_and_what_to_do(alice):
    body = read(alice)
    found = by_rule(body)
    finding = found["W04"]
    assert TEXT[finding["offset"] : finding["offset"] + finding["length"]] == finding["text"] == "峻工"
    assert finding["suggestions"][0]["value"] == "竣工"
    assert (finding["category"], finding["severity"], finding["operation"]) == ("错别字", "error", "replace")
    assert finding["fixable"]
    assert finding["state"] == "open"
    assert body["kind"] == "通知"
    assert body["language"] == "zh"
    assert body["summary"]["by_category"]["错别字"] >= 2
    assert body["engines"]["rules"] == body["engines"]["dictionary"] == "done"
    assert body["engines"]["statistics"] == "unavailable"


def test_offsets_after_an_emoji_count_code_points(alice):
    finding = by_rule(read(alice))["W14"]
    assert TEXT[finding["offset"] : finding["offset"] + finding["length"]] == finding["text"]


def test_the_same_text_has_the_same_fingerprint_and_another_profile_another(alice):
    first = read(alice)
    assert read(alice)["fingerprint"] == first["fingerprint"]
    assert read(alice, profile="precise")["fingerprint"] != first["fingerprint"]


def test_messages_follow_the_language_of_the_caller(people):
    told = {
        language: by_rule(read(Api(people.alice, "office", language=language)))["W04"]
        for language in ("en", "zh-hans")
    }
    assert told["en"]["message"] == "A common wrong character"
    assert told["zh-hans"]["message"] == "常见别字"


def test_only_the_engines_that_were_asked_for_run(alice):
    body = read(alice, engines=["dictionary"])
    assert set(body["engines"]) == {"dictionary"}
    assert "W04" not in by_rule(body)


def test_no_text_is_kept_without_a_chat_model(alice):
    body = read(alice)
    assert body["engines"]["model"] == "unavailable"
    assert Proofreading.objects.get(pk=body["id"]).text == ""


def test_a_decision_is_kept_and_can_be_taken_back(alice):
    body = read(alice)
    key = by_rule(body)["W04"]["id"]
    assert alice.post(f"findings/{key}/accept", {"value": "竣工"}).json()["state"] == "accepted"
    kept = by_rule(alice.get(f"proofreadings/{body['id']}").json())["W04"]
    assert (kept["state"], kept["chosen"]) == ("accepted", "竣工")
    assert alice.post(f"findings/{key}/ignore").json()["state"] == "ignored"
    assert alice.post(f"findings/{key}/reopen").json()["state"] == "open"


def test_a_whitelisted_word_is_not_found_again(alice):
    key = by_rule(read(alice))["W04"]["id"]
    answer = alice.post(f"findings/{key}/whitelist").json()
    assert answer["kept"] == "峻工"
    assert answer["finding"]["state"] == "whitelisted"
    assert "W04" not in by_rule(read(alice))


def test_a_rule_about_no_word_is_muted(alice, people):
    key = by_rule(read(alice))["N08"]["id"]
    assert alice.post(f"findings/{key}/whitelist").json()["kept"] == "N08"
    assert "N08" not in by_rule(read(alice))
    assert "N08" in by_rule(read(Api(people.bob, "office")))


def test_own_words_are_found_and_the_organisations_are_everybodys(alice, people):
    root = Api(people.root, "office")
    assert alice.put("dictionaries", {"scope": "organisation", "forbid": ["亲"]}).status_code == 403
    assert (
        root.put("dictionaries", {"scope": "organisation", "pairs": {"云岭馆": "云岭市博物馆"}}).status_code
        == 200
    )
    alice.put("dictionaries", {"forbid": ["亲们"]})
    found = by_rule(read(alice, "亲们：云岭馆今日开放。"))
    assert found["L02"]["suggestions"][0]["value"] == "云岭市博物馆"
    assert found["L03"]["text"] == "亲们"
    assert "L03" not in by_rule(read(Api(people.bob, "office"), "亲们：云岭馆今日开放。"))


def test_lists_that_are_left_out_stay(alice):
    alice.put("dictionaries", {"allow": ["甲词"]})
    body = alice.put("dictionaries", {"names": ["王小明"]}).json()
    assert body["personal"]["allow"] == ["甲词"]
    assert body["personal"]["names"] == ["王小明"]


@pytest.mark.parametrize(
    "lists", [{"allow": [""]}, {"allow": ["长" * 101]}, {"pairs": {"甲": "甲"}}, {"pairs": {"甲": ""}}]
)
def test_words_that_cannot_be_kept_are_refused_with_their_field(alice, lists):
    answer = alice.put("dictionaries", lists)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in lists
    assert not DictionaryEntry.objects.exists()


@pytest.mark.parametrize("length", [100_001, 1_000_000])
def test_a_text_that_is_too_long_is_413_with_the_limit(alice, length):
    answer = alice.post("proofread", {"text": "a" * length})
    assert answer.status_code == 413
    assert "100000" in answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    ["", "   \n\n", "\u202e截止目前\u200f", "截止目前\r\n峻工\r峻工\n", "😀" * 50, "\U00020000截止目前", "e\u0301" * 20, "((((((《《《《", "\t\v\f\u2028截止目前"],
)  # fmt: skip
def test_odd_characters_keep_every_offset_true(alice, text):
    for finding in read(alice, text)["findings"]:
        assert text[finding["offset"] : finding["offset"] + finding["length"]] == finding["text"]


def test_a_kind_that_is_none_is_refused(alice):
    answer = alice.post("proofread", {"text": "好", "kind": "便条"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "kind"


def test_the_rules_are_listed_with_basis_and_example(alice):
    items = {rule["id"]: rule for rule in alice.get("rules").json()["items"]}
    assert len(items) >= 150
    assert items["F03"]["basis"].startswith("GB/T 9704—2012")
    assert items["F03"]["example"]["wrong"]


def test_a_key_acts_on_behalf_only_with_the_scope(alice):
    assert alice.post("proofread", {"text": "好", "on_behalf_of": "bob"}).status_code == 403
