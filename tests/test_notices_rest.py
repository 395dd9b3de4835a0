"""Notices over REST: made, made anew, changed by hand, streamed, as a job; with a model that behaves and one that does not."""

from __future__ import annotations

import io
import json
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from docx import Document as WordDocument

from apps.accounts.quotas import quota_set
from apps.assistants.models import Usage
from apps.core.models import Job
from apps.office import tasks
from apps.office.notices.jobs import job_do, jobs_waiting
from apps.office.notices.models import Notice
from tests.chatting import add_document, events_of, use_model
from tests.factories import Api
from tests.fakes.openai_server import Script, scripted_server

pytestmark = pytest.mark.django_db
FACTS = {
    "时间": "2026年3月5日上午9:00",
    "地点": "<b>一楼</b>{{ x }}",
    "参会人员": "各部门负责人",
    "议程": "部署工作",
}
ASKED = {"subject": "安全生产工作会议", "issuer": "云岭集团", "addressees": "各部门", "facts": FACTS}
GOOD = [
    {
        "role": "opening",
        "text": "根据工作安排，定于2026年3月5日上午9:00召开安全生产工作会议。现将有关事项通知如下：",
    },
    {"role": "head", "level": 1, "text": "一、会议地点"},
    {"role": "body", "text": "请各部门负责人到 <b>一楼</b>{{ x }} 参加。"},
    {"role": "head", "level": 1, "text": "会议内容"},
    {"role": "body", "text": "根据《没有的办法》部署工作。"},
    {"role": "body", "text": "预计2小时。"},
    {"role": "body", "text": "会议安排：部署工作，**不收费**"},
]


@pytest.fixture
def office(people, rag, hints) -> Api:
    return Api(people.alice, "office")


@pytest.fixture
def writing(settings):
    said = "```json\n" + "\n".join(json.dumps(one, ensure_ascii=False) for one in GOOD) + "\nno json\n```"
    with scripted_server(Script(replies={"公文写作人员": said})) as base_url:
        use_model(settings, base_url, "ok")
        yield base_url


def events_in(answer) -> list:
    async def read() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return list(events_of(iter(async_to_sync(read)().decode().split("\n"))))


def texts(body: dict) -> list[str]:
    return [one["text"] for one in body["paragraphs"]]


def test_a_notice_is_made_read_changed_and_deleted(office):
    made = office.post("notices", {**ASKED, "date": "2026-02-20"}).json()
    assert made["kind"] == "通知" and made["written_by"] == "template"
    assert made["fields"]["issuer"] == {"value": "云岭集团", "source": made["fields"]["issuer"]["source"]}
    assert "<b>一楼</b>{{ x }}。" in texts(made)
    assert {gap["field"] for gap in made["gaps"]} == {"contact", "phone"}
    assert {one["field"]: one["answered"] for one in made["reader"]}["time"]
    path = f"notices/{made['id']}"
    assert office.get(path).json() == made
    assert office.get("notices").json()["items"][0]["id"] == made["id"]
    changed = [
        {"text": one["text"], "level": one["level"], "role": one["role"]} for one in made["paragraphs"]
    ]
    changed[2]["text"] = "改在二楼。"
    after = office.patch(path, {"title": "新标题", "paragraphs": changed}).json()
    assert after["title"] == "新标题" and texts(after)[2] == "改在二楼。"
    assert after["paragraphs"][2]["sources"][0]["kind"] == "person"
    assert after["paragraphs"][0]["sources"] == made["paragraphs"][0]["sources"]
    again = office.put(path, {**ASKED, "facts": {**FACTS, "联系人": "李明"}}).json()
    assert again["id"] == made["id"] and [gap["field"] for gap in again["gaps"]] == ["date", "phone"]
    assert office.delete(path).status_code == 204
    assert office.get(path).status_code == 404


def test_the_self_check_knows_the_words_of_the_person_and_common_wrong_ones(office):
    office.put("dictionaries", {"pairs": {"云岭馆": "云岭市博物馆"}, "allow": ["峻工"]})
    made = office.post(
        "notices", {**ASKED, "facts": {**FACTS, "地点": "云岭馆（已峻工，请登陆系统报名）"}}
    ).json()
    found = {one["rule_id"]: one for one in made["findings"]}
    assert found["L02"]["suggestions"] == ["云岭市博物馆"] and "W14" in found and "W04" not in found
    place = made["paragraphs"][found["L02"]["paragraph"]]["text"]
    assert place[found["L02"]["offset"] :].startswith("云岭馆")


def test_writing_over_a_mark_closes_its_gap(office):
    made = office.post("notices", {**ASKED, "facts": {}}).json()
    assert "place" in {gap["field"] for gap in made["gaps"]}
    changed = [{**one, "text": one["text"].replace("［待补：地点］", "二楼")} for one in made["paragraphs"]]
    after = office.patch(f"notices/{made['id']}", {"paragraphs": changed}).json()
    assert {gap["field"] for gap in made["gaps"]} - {gap["field"] for gap in after["gaps"]} == {"place"}


def test_bad_input_answers_422_with_the_field_in_both_languages(office, people):
    body = {**ASKED, "facts": {"时间": "2026年2月30日"}}
    for api in (office, Api(people.alice, "office", language="zh-hans")):
        for more in ({}, {"stream": True}, {"background": True}):
            answer = api.post("notices", {**body, **more})
            assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "facts.时间"
            assert "2026年2月30日" in answer.json()["detail"]
    assert answer.json()["detail"].startswith("没有")
    assert not Notice.objects.exists() and not Job.objects.exists()


def test_the_same_key_makes_one_notice(office):
    made = [office.post("notices", ASKED, HTTP_IDEMPOTENCY_KEY="k").json()["id"] for _round in range(2)]
    assert made[0] == made[1] and Notice.objects.count() == 1


def test_the_word_file_holds_the_text_as_text(office):
    made = office.post(
        "notices", {**ASKED, "document_number": "云集办[2026]01号", "date": "2026-02-20"}
    ).json()
    answer = office.get(made["docx_url"])
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E4%BA%91")
    lines = [one.text for one in WordDocument(io.BytesIO(answer.content)).paragraphs]
    assert "云岭集团文件" in lines and "云集办〔2026〕1号" in lines and "各部门：" in lines
    assert "<b>一楼</b>{{ x }}。" in lines and "2026年2月20日" in lines


def test_a_stream_tells_the_draft_at_once_and_ends_with_the_notice(office):
    answer = office.post("notices", {**ASKED, "stream": True, "writer": "template"})
    assert answer["Content-Type"] == "text/event-stream"
    events = events_in(answer)
    assert [name for name, _data in events] == ["start", "draft", "done"]
    assert events[-1][1]["id"] == events[0][1]["id"]


def test_a_model_writes_what_can_be_proved_and_the_facts_stay_whole(office, writing, people):
    answer = office.post("notices", {**ASKED, "stream": True})
    events = events_in(answer)
    shown = [data["text"] for name, data in events if name == "paragraph"]
    done = events[-1][1]
    assert done["written_by"] == "ok" and shown[0] == GOOD[0]["text"]
    assert texts(done)[1] == "一、会议地点"
    assert "会议安排：部署工作，不收费。" in texts(done)
    assert not any("《" in text or "2小时" in text for text in texts(done))
    assert any("3" in warning for warning in done["warnings"])
    assert ("fact", "时间") in {(one["kind"], one["name"]) for one in done["paragraphs"][0]["sources"]}
    assert texts(done)[-1] == "特此通知。"
    assert all(fact in "\n".join(texts(done)) for fact in FACTS.values())
    assert Usage.objects.get(user=people.alice, kind="notice").requests == 1


@pytest.mark.parametrize("behaviour", ["refuse:500", "cut:plain", "empty", "ok"])
def test_a_model_that_fails_leaves_the_template_and_says_so(office, settings, behaviour):
    with scripted_server(Script(aliases={"m": behaviour})) as base_url:
        use_model(settings, base_url, "m")
        made = office.post("notices", ASKED).json()
    assert made["written_by"] == "template" and made["warnings"]
    assert "2026年3月5日上午9:00" in texts(made)[0]


def test_a_job_writes_behind_the_callers_back_and_a_lost_hint_is_found_again(office, monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr("apps.office.api_notices.notice_hint", lambda key: sent.append(str(key)))
    answer = office.post("notices", {**ASKED, "background": True})
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert job["state"] == "queued" and sent == [job["id"]]
    assert jobs_waiting() == []
    Job.objects.update(updated_at="2020-01-01T00:00Z")
    assert jobs_waiting() == [UUID(job["id"])]
    job_do(UUID(job["id"]))
    job_do(UUID(job["id"]))
    done = office.get(f"jobs/{job['id']}").json()["job"]
    assert done["state"] == "succeeded"
    assert office.get(done["result"]["url"]).json()["kind"] == "通知"
    assert tasks.notice.name == "apps.office.tasks.notice"


def test_earlier_notices_that_one_may_read_give_the_style_and_others_do_not(people, office):
    text = "关于召开安全会议的通知\n各科室：\n现将有关事宜通知如下：\n一、时间\n联系人：王芳"
    add_document(people.alice, people.root_folder, "关于召开安全生产会议的通知.txt", text)
    made = office.post("notices", {**ASKED, "addressees": ""}).json()
    assert [one["title"] for one in made["precedents"]] == ["关于召开安全生产会议的通知"]
    assert "现将有关事宜通知如下" in texts(made)[0]
    gaps = {gap["field"]: gap for gap in made["gaps"]}
    assert gaps["addressees"]["suggestions"][0]["value"] == "各科室"
    stranger = Api(people.charlie, "office").post("notices", {**ASKED, "addressees": ""}).json()
    assert stranger["precedents"] == [] and "有关事项" in texts(stranger)[0]


def test_a_key_that_may_acts_on_behalf_of_somebody(people, rag, hints):
    root = Api(people.root, "office", "impersonate")
    made = root.post("notices", {**ASKED, "on_behalf_of": "bob"}).json()
    assert Notice.objects.get(pk=made["id"]).owner == people.bob
    assert Api(people.alice, "office").post("notices", {**ASKED, "on_behalf_of": "bob"}).status_code == 403


def test_the_kinds_and_the_facts_are_told(office):
    told = office.get("notice-kinds").json()
    assert len(told["kinds"]) == 15
    assert {"name": "place", "word": "地点"}.items() <= next(
        one for one in told["facts"] if one["name"] == "place"
    ).items()


def test_a_model_is_not_asked_where_the_tokens_of_the_day_are_used_up(office, writing, people):
    quota_set(by=people.root, subject="user:alice", tokens_per_day=0)
    assert office.post("notices", ASKED).status_code == 429
    assert office.post("forms", {"brief": "访客登记"}).status_code == 429
    assert office.post("notices", {**ASKED, "writer": "template"}).status_code == 200


def test_a_number_beyond_64_bits_is_told_again_as_it_was_sent(people):
    api = Api(people.alice, "office")
    made = api.post("notices", {**ASKED, "writer": "template", "facts": {"预算": 2**70}})
    assert made.status_code in {200, 201}, made.content
    assert str(2**70) in api.get(f"notices/{made.json()['id']}").content.decode()
