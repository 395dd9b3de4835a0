"""Facts of a draft against the cabinets, the chat model's part, and the training from cabinets."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.kept import elements_path
from apps.office.models import ProofreaderModel, Proofreading
from apps.office.proofreading.statistics import seed
from apps.office.training.building import folder_of, model_erase, train_start
from apps.office.training.serving import corrector
from apps.office.working import job_do
from apps.rag.parsing.stored import ElementsWriter
from apps.rag.types import Element, ParsedDocument
from tests.chatting import use_model
from tests.factories import Api, upload
from tests.fakes.openai_server import Script, scripted_server

LINE = "供水企业应当建立水质检测制度，定期公布水质信息，保证供水安全。"


def known(people, title: str, number: str = "", text: str = "", **values) -> Document:
    """A document that is served, with one passage."""
    document = upload(people.alice, people.root_folder, f"{title}.txt", title + text + number)
    facts = {"document_number": number, "issuer": "云岭市水务局"}
    Document.objects.filter(pk=document.pk).update(
        title=title, metadata=facts, status="ready", active_generation=1, **values
    )
    Chunk.objects.create(id=document.pk, document=document, generation=1, index=0, text=text)
    document.refresh_from_db()
    return document


def facts(user, text: str, **options) -> dict[str, dict]:
    body = Api(user, "office").post("proofread", {"text": text, "engines": ["facts"], **options}).json()
    return {finding["rule"]["id"]: finding for finding in body["findings"]}


@pytest.mark.django_db
def test_a_title_with_another_number_shows_the_source(people, hints):
    document = known(people, "云岭市供水管理办法", "云水发〔2026〕3号")
    found = facts(people.alice, "根据《云岭市供水管理办法》（云水发〔2025〕3号），现通知如下。")
    assert found["X01"]["suggestions"][0]["value"] == "云水发〔2026〕3号"
    assert found["X01"]["sources"][0]["document_id"] == str(document.pk)
    assert facts(people.alice, "根据《云岭市供水管理办法》（云水发[2026]3号）。") == {}


@pytest.mark.django_db
def test_a_document_that_is_no_longer_in_force_is_told(people, hints):
    known(people, "云岭市节水办法", "云水发〔2020〕1号", repealed_on=date(2024, 1, 1))
    found = facts(people.alice, "按照《云岭市节水办法》执行。")
    assert "2024-01-01" in found["X03"]["explanation"]
    assert "X03" in facts(people.alice, "一\n二\n三\n四\n五\n贯彻云水发〔2020〕1号文件。")


@pytest.mark.django_db
def test_a_title_that_is_almost_right_and_a_number_nobody_knows_are_told(people, hints):
    known(people, "云岭市城市供水管理办法", "云水发〔2026〕3号")
    assert (
        facts(people.alice, "根据《云岭市城市供水管理方法》。")["X04"]["suggestions"][0]["value"]
        == "云岭市城市供水管理办法"
    )
    assert "X02" in facts(people.alice, "一\n二\n三\n四\n五\n见云水发〔2026〕99号。")


@pytest.mark.django_db
def test_a_figure_is_compared_in_the_cabinets_that_were_named(people, hints):
    known(people, "差旅费办法", text="省会城市住宿费标准为每人每天380元。")
    draft = "省会城市住宿费标准为每人每天400元。"
    found = facts(people.alice, draft, cabinet_ids=[str(people.cabinet.pk)])
    assert found["X06"]["suggestions"][0]["value"] == "380"
    assert "380元" in found["X06"]["sources"][0]["quote"]
    assert facts(people.alice, draft) == {}


@pytest.mark.django_db
def test_nothing_is_told_of_documents_that_one_may_not_read(people, hints):
    known(people, "云岭市供水管理办法", "云水发〔2026〕3号", text="罚款标准为每次不超过5000元。")
    text = "根据《云岭市供水管理办法》（云水发〔2025〕3号），罚款标准为每次不超过9000元。"
    assert facts(people.charlie, text, cabinet_ids=[str(people.cabinet.pk)]) == {}


EDITS = {"edits": [{"text": "峻工", "replacement": "竣工", "class": "错别字", "reason": "形近"},
                   {"text": "提高水平", "replacement": "水平提高", "class": "语序不当", "reason": "语序"}]}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("said", [json.dumps(EDITS, ensure_ascii=False), "我无法校对。"])
def test_the_chat_models_part_comes_later_and_the_text_is_forgotten(people, settings, said):
    alice = Api(people.alice, "office")
    with scripted_server(Script(text=said)) as base_url:
        use_model(settings, base_url, "ok")
        body = alice.post(
            "proofread",
            {"text": "工程峻工后，各单位要加强管理、提高水平，认真做好各项后续工作，确保按期投入使用。"},
        ).json()
        assert body["engines"]["model"] == "pending"
        row = Proofreading.objects.get(pk=body["id"])
        assert row.text
        assert job_do(row.job_id)
    later = alice.get(f"proofreadings/{body['id']}").json()
    row.refresh_from_db()
    assert (later["engines"]["model"], row.text) == ("done", "")
    found = {finding["rule"]["id"]: finding for finding in later["findings"]}
    is_json = said.startswith("{")
    assert found["W04"]["engines"] == (["rules", "model"] if is_json else ["rules"])
    assert ("M06" in found) is is_json


@pytest.mark.django_db
def test_a_model_that_fails_leaves_what_was_found(people, settings):
    alice = Api(people.alice, "office")
    with scripted_server(Script()) as base_url:
        use_model(settings, base_url, "refuse:500")
        body = alice.post("proofread", {"text": "工程峻工。"}).json()
        if body["engines"]["model"] == "pending":
            job_do(Proofreading.objects.get(pk=body["id"]).job_id)
    later = alice.get(f"proofreadings/{body['id']}").json()
    assert later["engines"]["model"] == "unavailable"
    assert later["findings"]


@pytest.fixture
def small_seed(monkeypatch):
    few = {word: count for word, count in seed.words().items() if count > 3_000}
    monkeypatch.setattr(seed, "words", lambda: few)
    monkeypatch.setattr(seed, "weights", lambda: dict.fromkeys(few, 1.0))


def written(people) -> Document:
    """A served document whose elements are on disk."""
    document = known(people, "供水规定", text=LINE)
    path = elements_path(document.pk, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = ElementsWriter(path)
    for number in range(60):
        writer.add(Element(kind="paragraph", text=f"{LINE}第{number}款说明供水企业的责任。"))
    writer.close(ParsedDocument(elements=()))
    return document


@pytest.mark.django_db
def test_a_training_is_served_from_the_next_text_on_and_can_be_erased(people, hints, small_seed):
    written(people)
    row = train_start(by=people.root, cabinets=[people.cabinet])
    job_do(row.job_id)
    row.refresh_from_db()
    assert row.active
    assert row.documents == 1
    assert row.characters > 1_000
    assert len(row.curve) == 10
    served = corrector()
    assert served is not None
    assert served.fingerprint == row.fingerprint
    alice = Api(people.alice, "office")
    body = alice.post(
        "proofread", {"text": "供水企业应当建立水质简测制度，定期公布水质信息。", "false_alarms": 0.2}
    ).json()
    assert body["engines"]["statistics"] == "done"
    assert [
        finding["suggestions"][0]["value"]
        for finding in body["findings"]
        if "statistics" in finding["engines"]
    ] == ["检"]
    model_erase(by=people.root)
    assert not ProofreaderModel.objects.exists()
    assert not folder_of(row.pk).exists()
    assert corrector() is None


@pytest.mark.django_db
def test_only_administrators_train_and_the_command_names_its_cabinets(people):
    from apps.core.problems import Problem

    with pytest.raises(Problem):
        train_start(by=people.alice, cabinets=[people.cabinet])
    for arguments in ([], ["--cabinet", "nowhere"], ["--user", "alice", "--all"]):
        with pytest.raises(CommandError):
            call_command("train_proofreader", *arguments, stdout=StringIO())


@pytest.mark.django_db
def test_the_evaluation_prints_a_row_a_layer_and_refuses_what_is_no_pair(tmp_path, small_seed):
    pairs, texts = tmp_path / "pairs.tsv", tmp_path / "texts.txt"
    pairs.write_text("工程峻工。\t工程竣工。\n工程竣工。\t工程竣工。\n", "utf-8")
    texts.write_text((LINE + "\n") * 50, "utf-8")
    out = StringIO()
    call_command("evaluate_proofreading", str(pairs), "--train", str(texts), stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[1].split()[2:5] == ["1.000", "1.000", "1.000"]
    pairs.write_text("没有制表符\n", "utf-8")
    with pytest.raises(CommandError, match="line 1"):
        call_command("evaluate_proofreading", str(pairs), stdout=out)
