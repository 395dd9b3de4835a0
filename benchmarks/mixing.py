"""Learning how far the words of a question can be trusted, and two lines that are mixed by it: one for questions whose words
are those of the texts, one for others.

The trust is a logistic of what the legs say of themselves (apps/rag/fusion.py), learned as what it is first of all: the
weight of the words in fusion. Learned together with the lines it served them no better, and fusion much worse: with 90 %
of the words hidden, recall@1 .456 in place of .628, where the dense leg alone has .640.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

SHRINK = 0.0005  # of the squared distance from the prior beside a mean loss a question
SHRINK_TRUST = 0.0005
STEEP = np.log(10.0)  # where the fit begins to look for how many times a share of 0–1 is counted


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


def shrunk(line: np.ndarray, prior: np.ndarray) -> tuple[float, np.ndarray]:
    """What a line costs for leaving the prior without need, and the slope of that."""
    away = line - prior
    return SHRINK * away @ away, 2 * SHRINK * away


def mixed(data: Table, *, legs: tuple[int, int], prior: np.ndarray) -> Mixture:
    """`legs`: the columns of the words' and the meaning's scores; `prior`: the line that both begin with."""
    trust, bias = _trust(data, legs=legs)
    share = expit(data.signals @ trust + bias)[data.question]
    size, priors = len(prior), np.concatenate([prior, prior])

    def loss(both: np.ndarray) -> tuple[float, np.ndarray]:
        told, doubted = both[:size], both[size:]
        value, slope = softmax_loss(
            data, share * (data.features @ told) + (1 - share) * (data.features @ doubted)
        )
        slopes = [data.features.T @ (slope * share), data.features.T @ (slope * (1 - share))]
        cost, pull = shrunk(both, priors)
        return value + cost, np.concatenate(slopes) + pull

    found = least(loss, priors)
    return Mixture(found[:size], found[size:], trust, bias)


def _trust(data: Table, *, legs: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Weights of the signals and a bias with which the mixed scores of the two legs put the right passages first."""
    mean, spread = data.signals.mean(0), data.signals.std(0) + 1e-9
    signals = (data.signals - mean) / spread
    words, meaning = (data.features[:, leg] for leg in legs)

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        trust, bias, steep = line[:-2], line[-2], np.exp(line[-1])
        share = expit(signals @ trust + bias)
        mix = share[data.question]
        fused = mix * words + (1 - mix) * meaning
        value, slope = softmax_loss(data, steep * fused)
        turned = np.add.reduceat(steep * slope * (words - meaning), data.begins) * share * (1 - share)
        slopes = [signals.T @ turned + 2 * SHRINK_TRUST * trust, [turned.sum()], [steep * (slope @ fused)]]
        return value + SHRINK_TRUST * trust @ trust, np.concatenate(slopes)

    found = least(loss, np.array([*np.zeros(signals.shape[1]), 0.0, STEEP]))
    trust = found[:-2] / spread
    return trust, float(found[-2] - trust @ mean)


def least(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], start: np.ndarray) -> np.ndarray:
    found: np.ndarray = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return found
