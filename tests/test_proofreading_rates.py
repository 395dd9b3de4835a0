"""Rules keep to the rate of false alarms that they were calibrated to, and leave a house its style."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.office.files.extracting import KINDS, extracted
from apps.office.proofreading.calibration import most_expected, rates
from apps.office.proofreading.catalogue import rules
from apps.office.proofreading.engine import Options, make_draft, proofread
from apps.office.proofreading.measuring import corrected

SAMPLES = Path(settings.BASE_DIR) / "apps" / "cabinets" / "demo" / "files"


def test_no_rule_is_louder_on_the_carried_documents_than_chance_explains():
    paths = [path for path in sorted(SAMPLES.rglob("*")) if path.suffix in (".docx", ".txt", ".md")]
    characters, found = rates(extracted(path, KINDS[path.suffix])[0] for path in paths)
    assert characters > 5_000
    assert [
        (rate.rule_id, rate.count, rate.allowed, rate.examples) for rate in found if not rate.within
    ] == []


def test_every_rule_about_chinese_has_a_rate_to_keep_to():
    assert [
        rule.rule.id for rule in rules() if rule.rule.per_million is None and rule.rule.id[0] != "E"
    ] == []


@pytest.mark.parametrize(("mean", "most"), [(0.0, 0), (0.33, 3), (10.0, 21), (900.0, 994)])
def test_the_bound_is_that_of_a_poisson_count(mean, most):
    assert most_expected(mean) == most


def test_the_command_ends_with_a_fault_for_a_rule_that_is_too_loud(tmp_path):
    (tmp_path / "a.txt").write_text("要依法、、合规办理。\n" * 50, "utf-8")
    (tmp_path / "b.bin").write_bytes(b"\0")
    out = StringIO()
    with pytest.raises(CommandError, match="P08"):
        call_command("check_rules", str(tmp_path), stdout=out)
    assert "依法、、合规" in out.getvalue()
    (tmp_path / "a.txt").write_text("要依法、合规办理。\n" * 50, "utf-8")
    call_command("check_rules", str(tmp_path), stdout=out)
    with pytest.raises(CommandError):
        call_command("check_rules", str(tmp_path / "none"), stdout=out)


HALF = "本办法所称单位(以下简称单位)，是指(一)法人。"


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (HALF, "info"),
        (HALF + "其他组织（含分支机构）除外。", "error"),  # both ways in one text
        ("关于印发管理办法(试行)的通知\n各单位：\n现予印发。", "error"),  # an official document
        ("管理办法(试行）", "error"),
        ("要求如下:", "info"),
        ("要求如下:\n内容包括：安全。", "warning"),
    ],
)
def test_a_way_of_writing_that_is_kept_throughout_is_only_told(text, severity):
    report = proofread(make_draft(text), options=Options("balanced", frozenset({"rules"})))
    found = [one for one in report.findings if one.rule_id in ("P03", "P04")]
    assert {one.severity for one in found} == {severity}
    assert (corrected(text, found)[0] == text) is (severity == "info")
