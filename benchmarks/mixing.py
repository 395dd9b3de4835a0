"""Learning two lines at once with the trust that mixes them: one for questions whose words are those of the texts, one for
others. The trust is a logistic of what the legs say of themselves (apps/rag/fusion.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

SHRINK = 0.0001  # of the squared weights beside a mean loss a question
SHRINK_TRUST = 0.0005


@dataclass(frozen=True)
class Mixture:
    """`told` and `doubted` by feature; `trust` by signal, added to `bias` and squeezed."""

    told: np.ndarray
    doubted: np.ndarray
    trust: np.ndarray
    bias: float


@dataclass(frozen=True)
class Table:
    """All candidates of all questions below one another: `begins` is where each question begins, `weight` what it
    counts, `signals` its row of signals."""

    features: np.ndarray
    target: np.ndarray
    begins: np.ndarray
    question: np.ndarray
    weight: np.ndarray
    signals: np.ndarray


def table(
    sets: Sequence[Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]],
) -> Table:
    """From sets of questions (features, right?, signals). Every set counts the same, however many questions it has."""
    questions = [one for rows in sets for one in rows]
    sizes = [len(right) for _, right, _ in questions]
    return Table(
        np.concatenate([features for features, _, _ in questions]).astype(float),
        np.concatenate([right / right.sum() for _, right, _ in questions]),
        np.cumsum([0, *sizes[:-1]]),
        np.repeat(np.arange(len(sizes)), sizes),
        np.array([1 / (len(sets) * len(rows)) for rows in sets for _ in rows]),
        np.array([signals for _, _, signals in questions], float),
    )


def softmax_loss(data: Table, scores: np.ndarray) -> tuple[float, np.ndarray]:
    """How surely the right candidates stand first, and its slope in each score."""
    top = np.maximum.reduceat(scores, data.begins)
    raised = np.exp(scores - top[data.question])
    total = np.add.reduceat(raised, data.begins)
    value = data.weight @ (np.log(total) + top - np.add.reduceat(data.target * scores, data.begins))
    return float(value), (raised / total[data.question] - data.target) * data.weight[data.question]


def mixed(data: Table, *, start: np.ndarray) -> Mixture:
    """`start`: a line to set out from, for both."""
    size, mean, spread = data.features.shape[1], data.signals.mean(0), data.signals.std(0) + 1e-9
    signals = (data.signals - mean) / spread

    def loss(both: np.ndarray) -> tuple[float, np.ndarray]:
        told, doubted, trust, bias = np.split(both, [size, 2 * size, len(both) - 1])
        share = expit(signals @ trust + bias)
        high, low, mix = data.features @ told, data.features @ doubted, share[data.question]
        value, slope = softmax_loss(data, mix * high + (1 - mix) * low)
        turned = np.add.reduceat(slope * (high - low), data.begins) * share * (1 - share)
        value += SHRINK * (told @ told + doubted @ doubted) + SHRINK_TRUST * (trust @ trust)
        return value, np.concatenate(
            [
                data.features.T @ (slope * mix) + 2 * SHRINK * told,
                data.features.T @ (slope * (1 - mix)) + 2 * SHRINK * doubted,
                signals.T @ turned + 2 * SHRINK_TRUST * trust,
                [turned.sum()],
            ]
        )

    # The first signal is how far the words' best hit stands out: trust grows with it, so that the lines keep their names.
    first = np.concatenate([start, start, np.eye(len(mean))[0], [0.0]])
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    told, doubted, trust, bias = np.split(found, [size, 2 * size, len(found) - 1])
    return Mixture(told, doubted, trust / spread, float(bias[0] - (trust / spread) @ mean))
