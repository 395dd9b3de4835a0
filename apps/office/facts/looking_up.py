"""Titles, document numbers, issuers and figures of a draft, looked up in the cabinets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from apps.accounts.models import User
from apps.office.facts.figures import figures_in
from apps.office.facts.known import Known, Shelf, bare_title, plain_number
from apps.office.proofreading import facts_rules as rules
from apps.office.proofreading.rule_layer import finding_of
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding, Hit, Rule

_NUMBER = r"[\u4e00-\u9fff]{1,12}[〔\[（(［【]\s*(?:19|20)\d{2}\s*[〕\]）)］】]\s*第?\s*\d{1,4}\s*号"
_QUOTED = re.compile(rf"《([^》\n]{{4,80}})》(?:[（(]({_NUMBER})[）)])?")
_ALONE = re.compile(_NUMBER)
_LEAD = re.compile(r"^(?:根据|按照|依据|依照|参照|执行|落实|贯彻|转发|印发|见|和|及|与|以|的|将|按)+")
SIMILAR = 88  # of 100: one or two characters of a title
MOST_QUOTED = 60


def facts_in(user: User, draft: Draft, *, cabinet_ids: Sequence[UUID] | None = None) -> list[Finding]:
    """Findings of engine "facts". Figures are looked up only in cabinets that were named: that reads text."""
    found: list[Finding] = []
    if "《" in draft.text or _ALONE.search(draft.text):
        shelf = Shelf(user, cabinet_ids=cabinet_ids)
        if shelf.documents:
            found += _quoted(draft, shelf)
            found += _numbers(draft, shelf)
    if cabinet_ids:
        found += figures_in(user, draft, cabinet_ids=cabinet_ids)
    return found


def names_for(user: User, draft: Draft) -> list[str]:
    """Issuers that the draft names: guesses leave them alone."""
    return [name for name in Shelf(user).issuers if name in draft.text]


def _quoted(draft: Draft, shelf: Shelf) -> Iterator[Finding]:
    for place, match in enumerate(_QUOTED.finditer(draft.text)):
        if place >= MOST_QUOTED:
            return
        same = shelf.by_title.get(bare_title(match[1]), [])
        if same and match[2]:
            yield from _number_of(draft, match, same)
        for known in same[:1]:
            if known.ended:
                yield _ended(draft, match.start(), match.end(1) + 1, known)
        if not same:
            yield from _similar(draft, match, shelf)


def _number_of(draft: Draft, match: re.Match[str], same: Sequence[Known]) -> Iterator[Finding]:
    given = plain_number(match[2])
    numbers = {plain_number(known.number): known for known in same if known.number}
    if numbers and given not in numbers:
        right = next(iter(numbers.values()))
        hit = Hit(match.start(2), match.end(2), tuple(known.number for known in numbers.values())[:3])
        yield _finding(draft, rules.NUMBER_OF_TITLE, hit, [right], sure=0.9)


def _similar(draft: Draft, match: re.Match[str], shelf: Shelf) -> Iterator[Finding]:
    from rapidfuzz import fuzz, process

    wanted = bare_title(match[1])
    near = process.extractOne(wanted, list(shelf.by_title), scorer=fuzz.ratio, score_cutoff=SIMILAR)
    if (
        near is None
        or abs(len(near[0]) - len(wanted)) > 3
        or re.sub(r"\D", "", near[0]) != re.sub(r"\D", "", wanted)
    ):
        return
    known = shelf.by_title[near[0]][0]
    title = known.title.strip("《》")
    yield _finding(
        draft, rules.SIMILAR_TITLE, Hit(match.start(1), match.end(1), (title,)), [known], sure=near[1] / 110
    )


def _numbers(draft: Draft, shelf: Shelf) -> Iterator[Finding]:
    """Numbers of documents. Unknown ones are told only of issuers whose numbers the cabinets do have."""
    issuers = {number.partition("〔")[0] for number in shelf.by_number}
    for place, match in enumerate(_ALONE.finditer(draft.text)):
        if place >= MOST_QUOTED:
            return
        text = match[0]
        lead = _LEAD.match(text)
        start = match.start() + (lead.end() if lead else 0)
        number = plain_number(draft.text[start : match.end()])
        known = _by_number(shelf, number)
        if known is None:
            issuer = next((one for one in issuers if one and number.partition("〔")[0].endswith(one)), "")
            if issuer and draft.line_at(start) > 3:
                note = {
                    "zh": "请核对字号，或者上传该文件。",
                    "en": "Check the number, or upload the document.",
                }
                yield _finding(draft, rules.UNKNOWN_NUMBER, Hit(start, match.end(), (), note), [], sure=0.5)
        elif known.ended:
            yield _ended(draft, start, match.end(), known)


def _by_number(shelf: Shelf, number: str) -> Known | None:
    """The words before the number may be the sentence's: 贯彻云水发〔2026〕3号."""
    head, mark, tail = number.partition("〔")
    for cut in range(len(head)):
        if found := shelf.by_number.get(head[cut:] + mark + tail):
            return found[0]
    return None


def _ended(draft: Draft, start: int, end: int, known: Known) -> Finding:
    zh = f"《{known.title}》自{known.ended}起失效" + (f"，由《{known.by}》取代。" if known.by else "。")
    en = f"Not in force since {known.ended}" + (f"; see 《{known.by}》." if known.by else ".")
    return _finding(draft, rules.NOT_IN_FORCE, Hit(start, end, (), {"zh": zh, "en": en}), [known], sure=0.95)


def _finding(draft: Draft, rule: Rule, hit: Hit, sources: Sequence[Known], *, sure: float) -> Finding:
    made = finding_of(draft, rule, hit, engine="facts", confidence=round(sure, 3))
    return made.changed(sources=tuple(known.source for known in sources))
