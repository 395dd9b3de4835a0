"""manage.py evaluate: folders and files of questions, the change since the last time, the chart."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from apps.quality.charts import bars
from tests.factories import ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "mini"
    root.mkdir()
    texts = {
        "a": "年休假为五天，满十年为十天。",
        "b": "住宿费限额每天五百元。",
        "c": "The head signs every travel request.",
    }
    asked = {
        "1": ("年休假几天？", "a"),
        "2": ("住宿费限额是多少？", "b"),
        "3": ("Who signs a travel request?", "c"),
    }
    lines = [{"_id": key, "text": text} for key, text in texts.items()]
    (root / "corpus.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    (root / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": key, "text": text}) for key, (text, _) in asked.items())
    )
    rows = "".join(f"{key}\t{right}\t1\n" for key, (_, right) in asked.items())
    (root / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + rows)
    return root


def evaluate(*arguments: object) -> str:
    told = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=told)
    return told.getvalue()


def test_a_folder_is_measured_by_run_and_language_and_kept(folder, rag, data_dir):
    told = evaluate(folder)
    assert "| fused | all | 3 + 0 | 1.000 | 1.000 | 1.000 | 1.000 |" in told
    assert "| reranked | zh |" in told and "| reranked | en |" in told
    kept = json.loads((data_dir / "evaluations" / "mini.json").read_text())
    assert kept["runs"]["reranked"]["all"]["unanswerable"] == 1
    chart = ElementTree.parse(data_dir / "evaluations" / "mini.svg").getroot()
    assert chart.tag.endswith("svg")


def test_the_change_since_the_last_run_is_told(folder, rag, data_dir):
    evaluate(folder)
    kept = data_dir / "evaluations" / "mini.json"
    last = json.loads(kept.read_text())
    last["runs"]["fused"]["all"]["recall_1"] = 0.75
    kept.write_text(json.dumps(last))
    assert "1.000 (+0.250)" in evaluate(folder)
    assert "before: 0.750" in kept.with_suffix(".svg").read_text()


def test_a_file_is_asked_in_a_cabinet(people, hints, rag, tmp_path):
    ingest(
        upload(
            people.alice, people.root_folder, "travel.md", "# travel\n\nThe head signs every travel request."
        )
    )
    ingest(upload(people.alice, people.root_folder, "food.md", "# food\n\nLunch is served at noon."))
    questions = [
        {"question": "Who signs a travel request?", "documents": ["travel.md"]},
        {"question": "When is lunch served?", "documents": ["food.md"]},
        {"question": "quantum chromodynamics lattice", "documents": [], "unanswerable": True},
    ]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"questions": questions}))
    told = evaluate(path, "--cabinet", people.cabinet.name, "--user", "bob")
    assert "| reranked | all | 2 + 1 | 1.000 | 1.000 |" in told
    assert "| reranked | all | 2 + 1 | 0.000 (-1.000) |" in evaluate(
        path, "--cabinet", people.cabinet.name, "--user", "charlie"
    )


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("{}", ["--cabinet", "Rules"], "question 1"),
        ("[1", ["--cabinet", "Rules"], "cannot be read"),
        ('{"questions": []}', [], "--cabinet"),
        ('{"questions": []}', ["--cabinet", "nowhere"], "no cabinets"),
        ('{"questions": []}', ["--cabinet", "Rules", "--user", "nobody"], "nobody"),
        ('{"questions": []}', ["--cabinet", "Rules"], "nothing"),
    ],
)
def test_what_cannot_be_asked_is_told(people, rag, tmp_path, text, arguments, said):
    path = tmp_path / "golden.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=said):
        evaluate(path, *arguments)


def test_a_chart_escapes_what_it_is_told():
    root = ElementTree.fromstring(bars("<a> & b", {"<run>": {"recall@1": 0.5}, "x": {}}))
    assert "<run>" in "".join(root.itertext())
