"""Fitting and measuring the lines that benchmarks/train_reranker.py learns."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from apps.rag.fusion import SIGNALS as TRUST_SIGNALS
from benchmarks.mixing import Mixture, least, mixed, shrunk, softmax_loss, table

KEPT = 0.995  # of the questions that have an answer: refusing one of them costs more than answering one that has none
PRIOR = 5.0  # times the fused score: what is taken for right before any question was seen
FEWEST = 100  # questions of a set among rules of the state from which a line of their own is learned
SEVERAL = 1.2  # right passages a question: from here on others answer when the known ones are taken away


Line = np.ndarray


@dataclass(frozen=True)
class Row:
    """A question: the features of its candidates, which of them are right, how many right passages there are, and what
    the legs say of themselves (empty where one of them was not asked or found nothing)."""

    key: str
    features: np.ndarray
    right: np.ndarray
    wanted: int
    signals: np.ndarray


@dataclass
class Collected:
    """A set's questions and how many times they count; with what the verdict sees of those that are answered (1) and
    those that are not (0)."""

    name: str
    times: int = 1
    rows: list[Row] = field(default_factory=list)
    verdicts: list[tuple[str, dict[str, float], int]] = field(default_factory=list)


@dataclass(frozen=True)
class Lines:
    """Weights by feature for each kind of question, as apps/rag/rerankers/learned.py tells them apart; `names` are the
    features."""

    mixture: Mixture
    words: Line
    rules: Line
    names: Sequence[str]

    def of(self, row: Row) -> Line:
        kind = kind_of(row, self.names)
        if kind != "dense":
            return self.rules if kind == "rules" else self.words
        trust = expit(row.signals @ self.mixture.trust + self.mixture.bias) if len(row.signals) else 0.0
        mixed: Line = trust * self.mixture.told + (1 - trust) * self.mixture.doubted
        return mixed


def kind_of(row: Row, names: Sequence[str]) -> str:
    """ "rules" where the candidates are rules of the state, "dense" where that leg found some of them, else "words"."""
    if len(row.features) and row.features[0, names.index("rules")]:
        return "rules"
    return "dense" if row.features[:, names.index("dense")].any() else "words"


def half_of(key: str) -> int:
    return zlib.crc32(key.encode()) % 2


def report_half(collected: Sequence[Collected], names: Sequence[str], *, half: int) -> None:
    learned = lines(_sets(collected, lambda row: half_of(row.key) != half), names)
    for one in collected:
        rows = [row for row in one.rows if half_of(row.key) == half]
        print(f"| {one.name} | half {half}: {len(rows)} | {compared(rows, learned)} |", flush=True)


def report_left_out(collected: Sequence[Collected], names: Sequence[str]) -> None:
    for one in collected:
        learned = lines(_sets([other for other in collected if other is not one]), names)
        print(f"| {one.name} | left out: {len(one.rows)} | {compared(one.rows, learned)} |", flush=True)


def _sets(collected: Sequence[Collected], kept: Callable[[Row], bool] = lambda row: True) -> list[list[Row]]:
    return [[row for row in one.rows if kept(row)] for one in collected for _ in range(one.times)]


def compared(rows: Sequence[Row], learned: Lines) -> str:
    fused = fused_order(learned.names)
    before, after = (measured(rows, line) for line in (lambda row: fused, learned.of))
    return " | ".join(f"{a:.3f} → {b:.3f}" for a, b in zip(before, after, strict=True))


def measured(rows: Sequence[Row], line: Callable[[Row], Line]) -> tuple[float, float, float]:
    """recall@1, recall@10 and MRR@10 of the order that each question's line makes."""
    first = ten = reciprocal = 0.0
    for row in rows:
        order = np.argsort(-(row.features @ line(row)), kind="stable")[:10]
        hits = row.right[order]
        first += hits[:1].sum() / row.wanted
        ten += hits.sum() / row.wanted
        reciprocal += 1 / (1 + hits.argmax()) if hits.any() else 0.0
    return first / len(rows), ten / len(rows), reciprocal / len(rows)


def lines(sets: Sequence[Sequence[Row]], names: Sequence[str]) -> Lines:
    """A line learns from the questions of its kind alone, that of words also from those among rules, whose rank it does
    not know. A kind that no set holds takes the line of words, and words that of trusted ones."""
    of_rules = _of_kind(sets, names, "rules")
    dense = [
        [_unranked(row, names) for row in rows if len(row.signals)] for rows in _of_kind(sets, names, "dense")
    ]
    plain = [[_unranked(row, names) for row in rows] for rows in (*_of_kind(sets, names, "words"), *of_rules)]
    words = rank_weights(plain or dense, names)
    legs = (names.index("sparse"), names.index("dense"))
    of_dense = table([[_three(row) for row in rows] for rows in dense]) if dense else None
    mixture = mixed(of_dense, legs=legs, prior=fused_order(names)) if of_dense else None
    return Lines(
        mixture or Mixture(words, words, np.zeros(0), 0.0),
        words,
        rank_weights(of_rules, names) if of_rules else words,
        names,
    )


def _of_kind(sets: Sequence[Sequence[Row]], names: Sequence[str], kind: str) -> list[list[Row]]:
    """The questions of a kind with a right candidate, by set; sets with few of them are left out."""
    kept = [[row for row in rows if kind_of(row, names) == kind and row.right.any()] for rows in sets]
    return [rows for rows in kept if len(rows) >= FEWEST]


def _unranked(row: Row, names: Sequence[str]) -> Row:
    """Without what only rules of the state fill, and without the trust, which is the same for all candidates."""
    kept = np.array([name != "trust" for name in names]) & (np.arange(len(names)) < names.index("rules"))
    return replace(row, features=row.features * kept)


def _three(row: Row) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return row.features, row.right, row.signals


def rank_weights(sets: Sequence[Sequence[Row]], names: Sequence[str]) -> Line:
    """Weights that put the right passages first."""
    data = table([[(row.features, row.right, np.zeros(0)) for row in rows] for rows in sets])
    prior = fused_order(names)

    def loss(line: Line) -> tuple[float, np.ndarray]:
        value, slope = softmax_loss(data, data.features @ line)
        cost, pull = shrunk(line, prior)
        return value + cost, data.features.T @ slope + pull

    return least(loss, prior)


def fused_order(names: Sequence[str]) -> Line:
    """The line that leaves the order as fusion made it: where nothing was learned, nothing changes."""
    line = np.zeros(len(names))
    line[names.index("fused")] = PRIOR
    return line


def learn(collected: Sequence[Collected], names: Sequence[str], signals: Sequence[str]) -> dict[str, Any]:
    """What the repository keeps: learned on all questions, with the verdict's quality on held-out halves."""
    learned = lines(_sets(collected), names)
    halves = [_verdict(collected, signals, learned=[1 - half], tested=[half]) for half in (0, 1)]
    for half, (_, _, _, quality) in enumerate(halves):
        print(f"refusing, half {half}: {quality}")
    weights, answer_bias, threshold, _ = _verdict(collected, signals, learned=[0, 1], tested=[0, 1])
    return {
        "lines": _shipped([row for one in collected for row in one.rows if len(row.features)], learned),
        "trust": {
            "weights": _rounded(TRUST_SIGNALS, learned.mixture.trust),
            "bias": round(learned.mixture.bias, 4),
        },
        "answer": {
            "weights": _rounded(signals, weights),
            "bias": round(answer_bias, 4),
            "threshold": round(threshold, 4),
        },
        "sets": [one.name for one in collected],
    }


def _shipped(rows: Sequence[Row], learned: Lines) -> dict[str, Any]:
    """The lines, each scaled and with a bias, so that the squeezed score is the chance that a passage is right. The two
    of the dense leg are mixed, and so have one scale."""
    by_kind = {
        kind: [row for row in rows if kind_of(row, learned.names) == kind] or list(rows)
        for kind in ("dense", "words", "rules")
    }
    scales = {kind: _scale(chosen, learned) for kind, chosen in by_kind.items()}
    both = learned.mixture
    shipped = {
        name: _calibrated(line, learned.names, *scales[kind])
        for name, line, kind in (
            ("told", both.told, "dense"),
            ("doubted", both.doubted, "dense"),
            ("words", learned.words, "words"),
            ("rules", learned.rules, "rules"),
        )
    }
    return shipped | {"rules": _with_dense(shipped["rules"], shipped["told"])}


def _with_dense(rules: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """No set of rules is asked of a dense leg without a model that reads Chinese: it counts as elsewhere, in proportion."""
    share = rules["weights"]["fused"] / told["weights"]["fused"]
    weights = rules["weights"] | {
        name: rules["weights"][name] or round(share * told["weights"][name], 4)
        for name in ("dense", "no_dense", "dense_coverage")
    }
    return {**rules, "weights": weights}


def _rounded(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 4) + 0.0 for name, value in zip(names, values, strict=True)}


def _scale(rows: Sequence[Row], learned: Lines) -> tuple[float, float]:
    scores = np.concatenate([row.features @ learned.of(row) for row in rows])
    right = np.concatenate([row.right for row in rows]).astype(float)
    scale, bias = logistic(scores[:, None], right, np.ones(len(right)) / len(right))
    return float(scale[0]), bias


def _calibrated(line: Line, names: Sequence[str], scale: float, bias: float) -> dict[str, Any]:
    shown = _rounded(names, scale * line)
    shown["headings"] = shown["headings"] or shown["title"]  # no set has headings: they count like the title
    return {"weights": shown, "bias": round(bias, 4)}


def _verdict(
    collected: Sequence[Collected], signals: Sequence[str], *, learned: Sequence[int], tested: Sequence[int]
) -> tuple[np.ndarray, float, float, str]:
    def table(halves: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows, labels, weights = [], [], []
        for one in collected:
            kept = [verdict for verdict in verdicts_of(one) if half_of(verdict[0]) in halves]
            counts = [max(1, sum(label == which for _, _, label in kept)) for which in (0, 1)]
            for _, seen, label in kept:
                rows.append([seen[name] for name in signals])
                labels.append(label)
                weights.append(1 / (2 * len(collected) * counts[label]))
        return np.array(rows), np.array(labels, float), np.array(weights)

    rows, labels, share = table(learned)
    weights, bias = logistic(rows, labels, share)
    score = expit(rows @ weights + bias)
    threshold = _threshold(score, labels, share)
    rows, labels, share = table(tested)
    refused = expit(rows @ weights + bias) < threshold
    right = share[refused & (labels == 0)].sum()
    precision, recall = right / max(1e-9, share[refused].sum()), right / share[labels == 0].sum()
    kept = share[~refused & (labels == 1)].sum() / share[labels == 1].sum()
    quality = f"precision {precision:.3f}, recall {recall:.3f}, answerable let through {kept:.3f}"
    return weights, bias, threshold, quality


def verdicts_of(one: Collected) -> list[tuple[str, dict[str, float], int]]:
    """Questions with an answer, foreign ones, and, where a question has one right passage, those it was taken from."""
    several = sum(row.wanted for row in one.rows) > SEVERAL * len(one.rows)
    return [
        verdict for verdict in one.verdicts if verdict[2] or not several or verdict[0].startswith("foreign")
    ]


def _threshold(scores: np.ndarray, labels: np.ndarray, share: np.ndarray) -> float:
    """The height that all but a few of the questions with an answer reach."""
    order = np.argsort(scores)
    lost = (share * labels)[order].cumsum() / (share * labels).sum()
    return float(scores[order][np.searchsorted(lost, 1 - KEPT)])


def logistic(rows: np.ndarray, labels: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, float]:
    table = np.hstack([rows, np.ones((len(rows), 1))])

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ line
        value = share @ (np.logaddexp(0, scores) - labels * scores)
        slope = table.T @ (share * (expit(scores) - labels))
        return value + 1e-5 * line @ line, slope + 2e-5 * line

    found = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return found[:-1], float(found[-1])
