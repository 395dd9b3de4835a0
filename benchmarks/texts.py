"""Reproducible Markdown files of about 20 kB, worded like company rules (English: the packaged embedder reads it)."""

from __future__ import annotations

import random

SUBJECTS = "The department|Each employee|The finance office|A project manager|The procurement team|Every visitor|The duty officer|A contractor|The records clerk|The training desk".split(
    "|"
)
VERBS = "submits|approves|reviews|records|returns|announces|inspects|signs|forwards|archives".split("|")
OBJECTS = "the travel request|the monthly budget report|a signed contract|the equipment list|the safety checklist|an expense claim|the meeting minutes|the leave application|a supplier quotation|the access card".split(
    "|"
)
TAILS = "within five working days|before the end of the quarter|together with the original receipts|after the head of the unit has agreed|through the internal portal|in two printed copies|unless the amount is below two hundred|and keeps a copy for seven years|to the office on the third floor|when the project is closed".split(
    "|"
)


def markdown(seed: int, *, size: int = 20_000) -> str:
    """One document: sections of two or three paragraphs under headings."""
    chance = random.Random(seed)
    parts, length, section = [f"# Rule book {seed}\n"], 0, 0
    while length < size:
        section += 1
        parts.append(
            f"\n## {section}. {chance.choice(OBJECTS).capitalize()} of {chance.choice(SUBJECTS).lower()}\n"
        )
        for _ in range(chance.randint(2, 3)):
            sentences = [_sentence(chance) for _ in range(chance.randint(4, 8))]
            parts.append("\n" + " ".join(sentences) + "\n")
        length = sum(map(len, parts))
    return "".join(parts)


def _sentence(chance: random.Random) -> str:
    number = chance.randint(2, 9000)
    return f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(OBJECTS)} {chance.choice(TAILS)}, form {number}."


def questions(count: int, *, seed: int = 7) -> list[str]:
    chance = random.Random(seed)
    return [
        f"When does {chance.choice(SUBJECTS).lower()} need {chance.choice(OBJECTS)}, form {chance.randint(2, 9000)}?"
        for _ in range(count)
    ]
