"""The models that scores are compared with, and how well a score predicts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from _benchmark_features import FeatureTable
from _calibration_evidence import auc_with_interval, stable_bucket
from _calibration_panel import Auc, Flags, Floats, Ints, Outcomes
from _options import ActionableError

STOPPING_FOLDS = 5  # one in five leads says when boosting has learnt enough
MOST_TREES = 1000
PATIENCE = 25

try:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import average_precision_score
except ImportError:
    HistGradientBoostingClassifier = None


def require_scikit_learn() -> None:
    """Refuse to start what could not be finished."""
    if HistGradientBoostingClassifier is None:
        raise ActionableError(
            "scikit-learn is not installed, which the models to compare with come"
            " from; run `pip install -r requirements.lock` (or `pip install"
            " scikit-learn`)"
        )


# ---------------------------------------------------------------- models


def fit_regression(table: FeatureTable, outcomes: Outcomes, is_train: Flags) -> Floats:
    """Return every row's probability by a logistic regression on the train rows."""
    values = table.standardised(is_train)
    model = LogisticRegression(max_iter=5000)
    model.fit(values[is_train], outcomes.is_converted[is_train])
    return _probabilities(model, values)


def fit_boosting(table: FeatureTable, outcomes: Outcomes, is_train: Flags) -> Floats:
    """Return every row's probability by gradient boosting on the train rows.

    How many trees is decided on leads that the others were not fitted on; then all
    train rows are fitted with as many.
    """
    is_stopping = stable_bucket(outcomes.lead, STOPPING_FOLDS, salt=7) == 0
    fitted, kept = is_train & ~is_stopping, is_train & is_stopping
    stopped = _boosting(
        max_iter=MOST_TREES, early_stopping=True, n_iter_no_change=PATIENCE
    )
    stopped.fit(
        table.values[fitted],
        outcomes.is_converted[fitted],
        X_val=table.values[kept],
        y_val=outcomes.is_converted[kept],
    )
    trees = int(np.argmax(stopped.validation_score_))
    model = _boosting(max_iter=max(trees, 1), early_stopping=False)
    model.fit(table.values[is_train], outcomes.is_converted[is_train])
    return _probabilities(model, table.values)


def _boosting(**parameters: Any) -> Any:
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        random_state=0,
        **parameters,
    )


def _probabilities(model: Any, values: Floats) -> Floats:
    return np.asarray(model.predict_proba(values)[:, 1], np.float64)


# ---------------------------------------------------------------- judging


@dataclass(frozen=True)
class Judgement:
    """How well one score foresees the conversions of the test rows."""

    name: str
    auc: Auc
    average_precision: float
    lift: float  # of the best tenth
    brier: float | None  # of a probability


def judge(
    name: str, score: Floats, is_converted: Flags, lead: Ints, is_probability: bool
) -> Judgement:
    """Judge a score on the rows given."""
    error = float(np.mean((score - is_converted) ** 2)) if is_probability else None
    return Judgement(
        name,
        auc_with_interval(score, is_converted, lead),
        float(average_precision_score(is_converted, score)),
        top_lift(score, is_converted),
        error,
    )


def top_lift(score: Floats, is_converted: Flags) -> float:
    """The conversion rate of the best tenth over that of all; ties are shared out."""
    values, place = np.unique(-score, return_inverse=True)
    rows = np.bincount(place, minlength=len(values))
    yes = np.bincount(place, is_converted, len(values))
    wanted = len(score) / 10
    before = np.cumsum(rows) - rows
    share = np.clip((wanted - before) / rows, 0, 1)
    return float(np.dot(share, yes) / wanted / is_converted.mean())
