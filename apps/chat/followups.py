"""Questions to go on with, after an answer: from the headings of its sources, or from the model where there is one.

They come after the answer and never delay it. Whatever goes wrong with the model, the headings serve.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.accounts.models import User
from apps.assistants.providers import chat_model, client_for
from apps.cabinets.access import visible_documents
from apps.chat.models import Message, MessageSource
from apps.core.database import release_connection
from apps.core.problems import Problem
from apps.rag.citations import strip_marks
from apps.rag.errors import ModelError
from apps.rag.languages import detect
from apps.rag.prompts import disarm

logger = logging.getLogger(__name__)
MOST, LONGEST, SECONDS = 3, 60, 12
NUMBERING = re.compile(r"^\s*(?:[-*•·]|\d+[.、)）:：]|[Qq]\d*[:：])\s*")
CHAPTER = re.compile(r"^第?[一二三四五六七八九十百零〇\d.．、（）()]+[章节条款]?[、.．\s]*")
EMPTY = {
    "总则",
    "附则",
    "目录",
    "前言",
    "附件",
    "说明",
    "general provisions",
    "supplementary provisions",
    "contents",
    "introduction",
    "preface",
    "annex",
    "appendix",
    "other",
    "miscellaneous",
}  # headings that promise nothing
ASK = {
    "zh": "下面是一问一答和答案所依据资料的小标题。请提出提问者接下来最可能问、且这些资料能回答的 3 个简短问题，每行一个，不编号，不加解释。",
    "en": "Below are a question, its answer and the headings of the documents behind it. Write the 3 short questions that the reader is most likely to ask next and that these documents can answer: one in a line, no numbers, no explanation.",
}


async def followups(user: User, message: Message) -> list[str]:
    """At most three questions, in the language of the question. The first call asks the model, later ones
    read what was kept."""
    if message.followups:
        return list(message.followups)
    headings = await sync_to_async(_headings)(user, message)
    found = await _of_model(message, headings) or _of_headings(message, headings)
    if found:
        await sync_to_async(_keep)(message, found)
    return found


def _headings(user: User, message: Message) -> list[str]:
    """Of sources that the reader may read now: what was read but not cited first, since it is not yet told."""
    try:
        readable = visible_documents(user).values("pk")
        sources = MessageSource.objects.filter(message=message, document__in=readable)
        ordered = sorted(sources, key=lambda source: (source.cited, source.number))
        return list(dict.fromkeys(filter(None, (_heading(source) for source in ordered))))
    finally:
        release_connection()


def _heading(source: MessageSource) -> str:
    last = str(source.headings[-1]) if source.headings else ""
    bare = CHAPTER.sub("", last).strip(" 　:：。.")
    return bare if 2 <= len(bare) <= 30 and bare.casefold() not in EMPTY else ""


def _of_headings(message: Message, headings: Sequence[str]) -> list[str]:
    asked = message.parent.content if message.parent else ""
    fresh = [heading for heading in headings if heading not in asked][:MOST]
    with override("zh-hans" if detect(asked) == "zh" else "en"):
        return [
            heading
            if heading.endswith(("?", "？"))
            else _("What is said about “%(heading)s”?") % {"heading": heading}
            for heading in fresh
        ]


async def _of_model(message: Message, headings: Sequence[str]) -> list[str]:
    if not message.model or message.parent is None:
        return []
    try:
        model = await sync_to_async(chat_model)(message.model)
        if model is None:
            return []
        prompt = _prompt(message, headings)
        async with asyncio.timeout(SECONDS):
            answer = await client_for(model).complete(
                prompt, model=model.name, parameters={"temperature": 0.3, "max_tokens": 200}
            )
    except (ModelError, Problem, TimeoutError) as error:
        logger.info("no follow-ups from the model: %s", error)
        return []
    return questions_in(answer.text)


def _prompt(message: Message, headings: Sequence[str]) -> list[dict[str, str]]:
    question = message.parent.content if message.parent else ""
    language = "zh" if detect(question) == "zh" else "en"
    parts = [question[:1000], strip_marks(message.content)[:1500], "\n".join(headings[:12])]
    content = "\n\n".join(disarm(part) for part in parts if part)
    return [{"role": "system", "content": ASK[language]}, {"role": "user", "content": content}]


def questions_in(text: str) -> list[str]:
    """The lines that are questions, without numbers; nothing where the model did not do as told."""
    lines = (NUMBERING.sub("", line).strip(' "“”*') for line in text.splitlines())
    found = [line for line in lines if line.endswith(("?", "？")) and 4 <= len(line) <= LONGEST * 2]
    return list(dict.fromkeys(found))[:MOST]


def _keep(message: Message, found: list[str]) -> None:
    try:
        Message.objects.filter(pk=message.pk).update(followups=found)
    finally:
        release_connection()
