"""From facts to a draft by the blueprint of its kind: no model, nothing invented, each sentence with its source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from apps.office.notices.blueprints import Blueprint, blueprint_for
from apps.office.notices.body import Body
from apps.office.notices.draft import Attachment, Draft, FieldValue, Gap, Source
from apps.office.notices.facts import Fact, written
from apps.office.notices.fields import FURNITURE, field_called, field_named
from apps.office.notices.kinds import Choice, choose_kind
from apps.office.notices.style import Style

RULE = "rule"
_NUMBER = re.compile(
    r"^(?P<code>[\u4e00-\u9fffA-Za-z]{1,16})\s*[〔［\[(（【﹝]\s*(?P<year>(?:19|20)\d{2})\s*[〕］\])）】﹞]\s*第?\s*0*(?P<number>\d{1,5})\s*号$"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asks for, checked. `kind` "" lets the table choose."""

    subject: str
    kind: str = ""
    issuer: str = ""
    addressees: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    day: date | None = None
    document_number: str = ""
    direction: str = ""
    attachments: tuple[Attachment, ...] = ()
    blueprint: str = ""


def choice_of(wanted: Wanted) -> Choice:
    said = "；".join(fact.text for fact in wanted.facts.values())
    return choose_kind(wanted.subject, said, direction=wanted.direction, wanted=wanted.kind)


def write_draft(wanted: Wanted, *, style: Style | None = None, blueprint: Blueprint | None = None) -> Draft:
    """The whole draft. Facts stand in it word for word; what is missing is a gap with a question."""
    style = style or Style()
    choice = choice_of(wanted)
    facts = dict(wanted.facts)
    plan = blueprint or blueprint_for(choice.kind, wanted.subject, facts)
    topic = topic_of(wanted, choice.kind.name)
    _name_document(plan, topic, facts)
    body = Body(plan, facts, topics=_topics(plan, topic, facts, wanted.issuer), style=style)
    draft = Draft(choice.kind.name, plan.id, title_of(plan, wanted, topic, facts))
    body.write(draft, closing=_closing(plan, choice))
    draft.fields = _fields(wanted, draft, choice, facts)
    draft.attachments = _attachments(wanted, facts)
    draft.gaps = [*_frame_gaps(wanted, draft, choice, style), *_body_gaps(plan, facts, body.missing, style)]
    draft.warnings = _warnings(wanted, choice)
    draft.precedents = list(style.precedents)
    return draft


def topic_of(wanted: Wanted, kind: str) -> str:
    """The matter alone: without issuer, 关于 and the kind that a full title has around it."""
    topic = wanted.subject.strip()
    if wanted.issuer and topic.startswith(wanted.issuer):
        topic = topic.removeprefix(wanted.issuer)
    topic = topic.removeprefix("关于")
    for ending in (kind, "会议纪要" if kind == "纪要" else kind):
        if topic.endswith(ending) and len(topic) > len(ending):
            topic = topic.removesuffix(ending).removesuffix("的")
            break
    return topic.rstrip("。；，、 ")


def _name_document(plan: Blueprint, topic: str, facts: dict[str, Fact]) -> None:
    """The document that is issued, in its marks; taken from the subject where it is named there alone."""
    held = facts.get("document")
    if held is None and plan.bracket and (named := re.search(r"《[^《》]{2,80}》", topic)):
        facts["document"] = Fact("document", "subject", (named[0],), named[0])
    elif held is not None and "《" not in held.text:
        facts["document"] = Fact("document", held.given, (f"《{held.text}》",), held.raw)


def _topics(plan: Blueprint, topic: str, facts: Mapping[str, Fact], issuer: str) -> dict[str, str]:
    verbal = topic
    if plan.verb and not re.match(plan.verb_unless or plan.verb, topic):
        verbal = plan.verb + topic
    if plan.bracket and (held := facts.get(plan.bracket)) and "《" not in topic:
        verbal = f"印发{held.text}"
    return {"topic": verbal, "topic_bare": topic, "issuer": issuer}


def title_of(plan: Blueprint, wanted: Wanted, topic: str, facts: Mapping[str, Fact]) -> str:
    topics = _topics(plan, topic, facts, wanted.issuer)
    if plan.title:
        title = re.sub(r"\{(\w+)\}", lambda match: topics.get(match[1], ""), plan.title)
        return title if title not in {"令", "纪要"} else plan.kind
    return f"{wanted.issuer}关于{topics['topic']}的{plan.kind}"


def _closing(plan: Blueprint, choice: Choice) -> str:
    return plan.closing if plan.closing is not None else choice.kind.closing


def _fields(wanted: Wanted, draft: Draft, choice: Choice, facts: Mapping[str, Fact]) -> dict[str, FieldValue]:
    rule = Source("rule", choice.why)
    found = {
        "kind": FieldValue(draft.kind, Source("fact", "kind") if choice.chosen_by == "caller" else rule),
        "title": FieldValue(draft.title, Source("rule", "issuer + subject + kind")),
    }
    number, _changed = official_number(wanted.document_number)
    frame = {
        "subject": wanted.subject,
        "issuer": wanted.issuer,
        "addressees": "，".join(wanted.addressees) if choice.kind.addressed else "",
        "document_number": number,
        "date": written(wanted.day) if wanted.day else "",
    }
    found |= {name: FieldValue(value, Source("fact", name)) for name, value in frame.items() if value}
    found |= {name: FieldValue(fact.text, Source("fact", fact.given)) for name, fact in facts.items()}
    return found


def official_number(text: str) -> tuple[str, bool]:
    """(document number as it is written, whether it has the form of one): 财办[2026]第01号 → 财办〔2026〕1号."""
    match = _NUMBER.match(text.strip())
    if match is None:
        return text.strip(), not text.strip()
    return f"{match['code']}〔{match['year']}〕{match['number']}号", True


def _attachments(wanted: Wanted, facts: Mapping[str, Fact]) -> list[Attachment]:
    named = facts["attachments"].points if "attachments" in facts else ()
    whole = {one.title for one in wanted.attachments}
    bare = [
        re.sub(r"^附件\s*\d*\s*[：:.．]?\s*|^\d+\s*[.．、]\s*", "", name).rstrip("。；") for name in named
    ]
    return [*wanted.attachments, *(Attachment(name) for name in bare if name and name not in whole)]


def _frame_gaps(wanted: Wanted, draft: Draft, choice: Choice, style: Style) -> list[Gap]:
    asked: list[tuple[str, str, str, object]] = [
        ("issuer", "发文机关", _("Which body issues it? Its full name."), wanted.issuer)
    ]
    if choice.kind.addressed:
        asked.append(("addressees", "主送机关", _("To whom is it addressed?"), wanted.addressees))
    asked.append(("date", "成文日期", _("On which day is it signed?"), wanted.day))
    return [
        Gap(name, word, question, style.suggestions.get(name, ()))
        for name, word, question, value in asked
        if not value
    ]


def _body_gaps(plan: Blueprint, facts: Mapping[str, Fact], missing: Sequence[str], style: Style) -> list[Gap]:
    names = list(dict.fromkeys(missing))
    if plan.contact:
        names += [name for name in ("contact", "phone") if name not in facts and name not in names]
    found = []
    for name in names:
        known = field_called(name)
        question = (
            str(known.question) if known else _("What is to be said about “%(name)s”?") % {"name": name}
        )
        word = known.word if known else name
        found.append(Gap(name, word, question, style.suggestions.get(name, ())))
    return found


def _warnings(wanted: Wanted, choice: Choice) -> list[str]:
    found = [choice.warning] if choice.warning else []
    _number, fits = official_number(wanted.document_number)
    if not fits:
        found.append(_("A document number has the form 机关代字〔2026〕1号."))
    if choice.kind.name == "请示" and len(wanted.addressees) > 1:
        found.append(_("A request goes to one superior body only."))
    if choice.kind.name == "请示" and len(wanted.facts.get("request", _NOTHING).points) > 1:
        found.append(_("A request is about one matter: write another for each further one."))
    if (
        "up" in choice.kind.directions
        and "signer" not in wanted.facts
        and choice.kind.name in {"请示", "报告"}
    ):
        found.append(_("A document to a higher authority names who signed it off."))
    return found


_NOTHING = Fact("", "", (), "")


def furniture(draft: Draft) -> dict[str, str]:
    """What stands around the text, by field."""
    return {name: draft.value(name) for name in FURNITURE if draft.value(name)}


def word_of(name: str) -> str:
    try:
        return field_named(name).word
    except KeyError:
        return name
