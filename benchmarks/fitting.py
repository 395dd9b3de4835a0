"""Fitting and measuring the lines that benchmarks/train_reranker.py learns."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

if TYPE_CHECKING:
    from benchmarks.train_reranker import Collected, Row

SHRINK = 0.002  # of the squared weights beside a mean loss a question
KEPT = 0.995  # of the questions that have an answer: refusing one of them costs more than answering one that has none
FEWEST = 100  # questions of a set among rules of the state from which a line of their own is learned
SEVERAL = 1.2  # right passages a question: from here on others answer when the known ones are taken away


@dataclass(frozen=True)
class Lines:
    """Weights by feature for questions of any kind, and for those whose candidates are rules of the state; `at` is
    the column that tells them apart."""

    general: np.ndarray
    rules: np.ndarray
    at: int

    def of(self, features: np.ndarray) -> np.ndarray:
        return self.rules if is_of_rules(features, self.at) else self.general


def is_of_rules(features: np.ndarray, at: int) -> bool:
    return bool(len(features) and features[0, at])


def half_of(key: str) -> int:
    return zlib.crc32(key.encode()) % 2


def report_half(collected: Sequence[Collected], names: Sequence[str], *, half: int) -> None:
    learned = lines([[row for row in one.rows if half_of(row[0]) != half] for one in collected], names)
    for one in collected:
        rows = [row for row in one.rows if half_of(row[0]) == half]
        print(f"| {one.name} | half {half}: {len(rows)} | {compared(rows, names, learned)} |", flush=True)


def report_left_out(collected: Sequence[Collected], names: Sequence[str]) -> None:
    for one in collected:
        learned = lines([other.rows for other in collected if other is not one], names)
        print(
            f"| {one.name} | left out: {len(one.rows)} | {compared(one.rows, names, learned)} |", flush=True
        )


def compared(rows: Sequence[Row], names: Sequence[str], learned: Lines) -> str:
    fused = np.eye(len(names))[names.index("fused")]
    before, after = (measured(rows, one) for one in (Lines(fused, fused, learned.at), learned))
    return " | ".join(f"{a:.3f} → {b:.3f}" for a, b in zip(before, after, strict=True))


def measured(rows: Sequence[Row], learned: Lines) -> tuple[float, float, float]:
    """recall@1, recall@10 and MRR@10 of the order that the lines make."""
    first = ten = reciprocal = 0.0
    for _, features, right, wanted in rows:
        order = np.argsort(-(features @ learned.of(features)), kind="stable")[:10]
        hits = right[order]
        first += hits[:1].sum() / wanted
        ten += hits.sum() / wanted
        reciprocal += 1 / (1 + hits.argmax()) if hits.any() else 0.0
    return first / len(rows), ten / len(rows), reciprocal / len(rows)


def lines(sets: Sequence[Sequence[Row]], names: Sequence[str]) -> Lines:
    """The general line learns from every question, and knows no rank; without a question among rules it serves there too."""
    at = names.index("rules")
    general = rank_weights(
        [[(key, _rankless(table, at), *rest) for key, table, *rest in rows] for rows in sets]
    )
    ruled = [[row for row in rows if is_of_rules(row[1], at) and row[2].any()] for rows in sets]
    ruled = [rows for rows in ruled if len(rows) >= FEWEST]
    return Lines(general, rank_weights(ruled) if ruled else general, at)


def _rankless(table: np.ndarray, at: int) -> np.ndarray:
    """Without the columns from `at` on, which only rules of the state fill."""
    return np.hstack([table[:, :at], np.zeros_like(table[:, at:])])


def rank_weights(sets: Sequence[Sequence[Row]]) -> np.ndarray:
    """Weights that put the right passages first. Every set counts the same, however many questions it has."""
    features, starts, right, share = [], [0], [], []
    for rows in sets:
        usable = [row for row in rows if row[2].any()]
        for _, found, flags, _ in usable:
            features.append(found)
            right.append(flags / flags.sum())
            starts.append(starts[-1] + len(flags))
            share.append(1 / (len(sets) * len(usable)))
    table, target, weight = np.concatenate(features).astype(float), np.concatenate(right), np.array(share)
    begins = np.array(starts[:-1])
    question = np.repeat(np.arange(len(begins)), np.diff(starts))

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ line
        top = np.maximum.reduceat(scores, begins)
        raised = np.exp(scores - top[question])
        total = np.add.reduceat(raised, begins)
        expected = raised / total[question]
        value = weight @ (np.log(total) + top - np.add.reduceat(target * scores, begins))
        slope = table.T @ ((expected - target) * weight[question])
        return value + SHRINK * line @ line, slope + 2 * SHRINK * line

    found: np.ndarray = minimize(
        loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    ).x
    return found


def learn(collected: Sequence[Collected], names: Sequence[str], signals: Sequence[str]) -> dict[str, Any]:
    """What the repository keeps: learned on all questions, with the verdict's quality on held-out halves."""
    learned = lines([one.rows for one in collected], names)
    halves = [_verdict(collected, signals, learned=[1 - half], tested=[half]) for half in (0, 1)]
    for half, (_, _, _, quality) in enumerate(halves):
        print(f"refusing, half {half}: {quality}")
    weights, answer_bias, threshold, _ = _verdict(collected, signals, learned=[0, 1], tested=[0, 1])
    rows = [row for one in collected for row in one.rows if len(row[1])]
    ruled = [row for row in rows if is_of_rules(row[1], learned.at)]
    general = _calibrated(rows, learned.general, names)
    return {
        "rank": general,
        "rules": _with_dense(_calibrated(ruled or rows, learned.rules, names), general),
        "answer": {
            "weights": _rounded(signals, weights),
            "bias": round(answer_bias, 4),
            "threshold": round(threshold, 4),
        },
        "sets": [one.name for one in collected],
    }


def _with_dense(rules: dict[str, Any], general: dict[str, Any]) -> dict[str, Any]:
    """No set of rules is asked of a dense leg without a model that reads Chinese: it counts as elsewhere, in proportion."""
    share = rules["weights"]["fused"] / general["weights"]["fused"]
    weights = rules["weights"] | {
        name: rules["weights"][name] or round(share * general["weights"][name], 4)
        for name in ("dense", "no_dense", "dense_coverage")
    }
    return {**rules, "weights": weights}


def _rounded(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 4) + 0.0 for name, value in zip(names, values, strict=True)}


def _calibrated(rows: Sequence[Row], line: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Scaled and with a bias, so that the squeezed score is the chance that a passage is right."""
    scores = np.concatenate([row[1] @ line for row in rows])
    right = np.concatenate([row[2] for row in rows]).astype(float)
    scale, bias = logistic(scores[:, None], right, np.ones(len(right)) / len(right))
    shown = _rounded(names, scale[0] * line)
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
    several = sum(row[3] for row in one.rows) > SEVERAL * len(one.rows)
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
