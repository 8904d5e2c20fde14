"""Logistic regression on few columns, with intervals clustered by lead."""

import math
from dataclasses import dataclass

import numpy as np

from _calibration_panel import Floats, Ints

Z95 = 1.959963984540054
BLOCK = 1 << 16


@dataclass(frozen=True)
class Fit:
    """Fitted coefficients, with the inverse of the (penalised) information."""

    coefficients: Floats
    inverse: Floats
    log_odds: Floats


def sigmoid(log_odds: Floats) -> Floats:
    """Return the probability for log-odds, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * log_odds)))


def log_likelihood(log_odds: Floats, y: Floats) -> float:
    """The Bernoulli log-likelihood of 0/1 outcomes."""
    return float(np.dot(y, log_odds) - np.logaddexp(0.0, log_odds).sum())


def fit_logistic(
    columns: Floats,
    y: Floats,
    penalty: Floats,
    start: Floats | None = None,
    offset: Floats | None = None,
    steps: int = 30,
) -> Fit:
    """Maximise likelihood less half of penalty * coefficient², by damped Newton."""
    base = np.zeros(len(y)) if offset is None else offset
    beta = np.zeros(columns.shape[1]) if start is None else start.copy()
    log_odds = base + columns @ beta
    best = log_likelihood(log_odds, y) - 0.5 * float(penalty @ beta**2)
    for _ in range(steps):
        chance = sigmoid(log_odds)
        gradient = columns.T @ (y - chance) - penalty * beta
        step = invert(information(columns, chance, penalty)) @ gradient
        size, value = 1.0, -math.inf
        while size > 1e-4:
            moved = beta + size * step
            log_odds_moved = base + columns @ moved
            value = log_likelihood(log_odds_moved, y)
            value -= 0.5 * float(penalty @ moved**2)
            if value >= best - 1e-9:
                break
            size /= 2
        else:
            break
        beta, log_odds, gain, best = moved, log_odds_moved, value - best, value
        if gain < 1e-6:
            break
    inverse = invert(information(columns, sigmoid(log_odds), penalty))
    return Fit(beta, inverse, log_odds)


def information(columns: Floats, chance: Floats, penalty: Floats) -> Floats:
    """Return the Fisher information, added up in blocks to save memory."""
    total = np.diag(np.asarray(penalty, np.float64))
    weight = chance * (1.0 - chance)
    for start in range(0, len(columns), BLOCK):
        part = columns[start : start + BLOCK]
        total += part.T @ (part * weight[start : start + BLOCK, None])
    return total


def invert(matrix: Floats) -> Floats:
    """The inverse of a positive (semi-)definite matrix, scaled to be well-behaved."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(matrix), 1e-12))
    scaled = matrix * scale[:, None] * scale[None, :]
    scaled[np.diag_indices_from(scaled)] += 1e-9
    return np.asarray(np.linalg.inv(scaled) * scale[:, None] * scale[None, :])


def sum_by_lead(values: Floats, lead: Ints) -> Floats:
    """Sum rows of the same lead; lead holds codes 0, 1, …."""
    count = int(lead.max()) + 1 if len(lead) else 0
    if values.ndim == 1:
        return np.bincount(lead, weights=values, minlength=count).astype(np.float64)
    parts = [np.bincount(lead, weights=part, minlength=count) for part in values.T]
    return np.stack(parts, axis=1)


def clustered_covariance(columns: Floats, y: Floats, fit: Fit, lead: Ints) -> Floats:
    """The sandwich covariance with scores summed by lead (Liang & Zeger 1986)."""
    residual = y - sigmoid(fit.log_odds)
    scores = sum_by_lead(columns * residual[:, None], lead)
    return sandwich(fit.inverse, scores)


def sandwich(inverse: Floats, scores: Floats) -> Floats:
    """Inverse * (sum of s sᵀ over leads) * inverse, with the small-sample factor."""
    leads = int(np.count_nonzero(np.any(scores != 0, axis=1)))
    factor = leads / max(leads - 1, 1)
    return np.asarray(inverse @ (scores.T @ scores * factor) @ inverse)


def lead_codes(lead: Ints) -> Ints:
    """Codes 0, 1, … for any lead keys."""
    return np.unique(lead, return_inverse=True)[1].astype(np.int64)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """P(χ² ≥ statistic): the regularised upper incomplete gamma function."""
    a, x = degrees / 2.0, statistic / 2.0
    if x <= 0 or degrees <= 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1.0 / a
        place = a
        while term > total * 1e-15:
            place += 1
            term *= x / place
            total += term
        return 1.0 - front * total
    b, c, d = x + 1 - a, 1e300, 1.0 / (x + 1 - a)
    fraction = d
    for i in range(1, 500):
        part = -i * (i - a)
        b += 2
        d = 1.0 / (part * d + b)
        c = b + part / c
        fraction *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return front * fraction


def holm(p_values: Floats) -> Floats:
    """Holm's (1979) adjusted p-values: no false discovery in 95 of 100 shops."""
    order = np.argsort(p_values)
    count = len(p_values)
    stepped = p_values[order] * (count - np.arange(count))
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def share_interval(share: float, rows: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    if rows <= 0:
        return (0.0, 1.0)
    z = Z95 * Z95 / rows
    middle = (share + z / 2) / (1 + z)
    half = Z95 * math.sqrt(share * (1 - share) / rows + z / (4 * rows)) / (1 + z)
    return max(middle - half, 0.0), min(middle + half, 1.0)
