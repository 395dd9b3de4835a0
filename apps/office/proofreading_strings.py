"""Sentences of the editor's scripts."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

CATEGORIES = {
    "错别字": lambda: _("Spelling"),
    "多字少字": lambda: _("Words too many or missing"),
    "语法": lambda: _("Grammar"),
    "语义": lambda: _("Meaning"),
    "标点": lambda: _("Punctuation"),
    "数字": lambda: _("Numbers"),
    "格式": lambda: _("Layout"),
    "知识": lambda: _("Facts"),
    "一致性": lambda: _("Consistency"),
    "规范表述": lambda: _("Wording"),
    "个人信息": lambda: _("Personal data"),
}


def editor_strings() -> dict[str, str]:
    return {
        **{f"category_{name}": label() for name, label in CATEGORIES.items()},
        "severity_error": _("Error"),
        "severity_warning": _("Warning"),
        "severity_info": _("Hint"),
        "accept": _("Accept"),
        "ignore": _("Ignore"),
        "whitelist": _("Always allow"),
        "delete_text": _("delete"),
        "reading": _("Reading …"),
        "reading_file": _("Reading {name} …"),
        "nothing_found": _("Nothing to correct was found."),
        "all_done": _("All findings are decided."),
        "counts": _("Errors {errors} · Warnings {warnings} · Hints {hints}"),
        "all_categories": _("All"),
        "length": _("{count} characters"),
        "empty_text": _("There is no text to read yet."),
        "accept_all": _("Accept {count} sure corrections"),
        "whitelisted": _("“{word}” is allowed from now on."),
        "conflict": _("Another finding wants something else here."),
        "copied_text": _("Copied"),
        "source": _("Source"),
        "precedent": _("Written so in"),
        "failed": _("The file could not be read."),
        "sample": SAMPLE_EN if (get_language() or "").startswith("en") else SAMPLE,
    }


SAMPLE = (
    "云岭市水务局关于开展供水安全大检查的通知\n各科室，局属各单位，\n"
    "为进一步加强供水安全管理，根据《中华人民共和国合同法》和市政府有关规订，经研究，决定于2026年3月2日（星期二）"
    "至3月6日开展供水安全大检查。现将有关事项通知如下:\n一、检查范围\n"
    "全市供水企业共10家，其中市属6家、县属5家。截止目前，已有部份加压泵站峻工。\n"
    "三、工作要求\n各单位要认真的贯彻落实，在五个工作日内登陆系统上报自查情况，5个工作日内完成整改，整改率要提高到15～30%。\n"
    "附件：1、供水安全检查表\n云岭市水务局\n2026年02月20日"
)
SAMPLE_EN = (
    "Notice of the annual fire drill\nDear colleagues,\nThe annual fire drill will be held on on Thursday. They has been "
    "planned by the safety team, and every department must recieve the plan in time.\nPlease leave the building by an "
    "stair , not by the lift. You should of read the floor plan before; it helps alot.\nThe managment thanks you."
)
