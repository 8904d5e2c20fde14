"""What calibration is fitted on, and what it finds: plain arrays, no warehouse.

A row is one lead on one cut-off (on one campaign, when the shop asks who redeems a
mailing). Every array of a panel has one place per row, in the same order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]  # datetime64[D], NaT for none
Texts = NDArray[np.object_]

# Says what is being done, and how much of all work is done (0 to 1).
Progress = Callable[[str, float], None]


def no_progress(_what: str, _share: float) -> None:
    """Show nothing."""


# ------------------------------------------------------------------ what goes in


@dataclass(frozen=True)
class Outcomes:
    """Who was there at each cut-off, and who converted afterwards."""

    lead: Ints  # code of the person (identity_key): rows of one person belong together
    as_of_date: Days  # the cut-off: what happened on or before it is known
    is_converted: Flags
    converted_on: Days  # NaT where not converted
    horizon_days: int
    sample_percent: float = 100.0  # of leads, at the cut-off with the fewest

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.lead)


@dataclass(frozen=True)
class RuleHits:
    """The counted hits of one rule, sparse: one entry per row and day with a hit."""

    row: Ints  # place in the outcomes
    age_days: Ints  # as_of_date less event_date, never negative
    hits: Floats  # counted_hits: after caps and resets


@dataclass(frozen=True)
class EngagementRule:
    """One engagement rule with its current values, or a candidate (points is None).

    Mode `each`: hits decay. Any other mode (threshold, inactivity): a row either has
    the rule or not; one hit of age 0 says that it has.
    """

    rule_id: str  # of a candidate: the event type, if no rule is named so
    event_type: str
    hits: RuleHits
    mode: str = "each"
    points: float | None = None
    decay: str = "none"  # none, half_life, linear, expire, step
    decay_days: float | None = None
    decay_rate: float | None = None
    rule_group: str = ""

    @property
    def is_candidate(self) -> bool:
        """Whether the rule does not exist yet."""
        return self.points is None


@dataclass(frozen=True)
class Attribute:
    """What is known of each lead at each cut-off, as codes of a few texts."""

    name: str
    code: Ints  # place in levels; -1 = not known
    levels: Sequence[str]

    @classmethod
    def from_texts(cls, name: str, texts: Sequence[str | None]) -> "Attribute":
        """Build from one text (or None) per row; blank is not known."""
        cleaned = [(text or "").strip().lower() for text in texts]
        levels = sorted({text for text in cleaned if text})
        places = {text: place for place, text in enumerate(levels)} | {"": -1}
        codes = np.fromiter((places[text] for text in cleaned), np.int32, len(cleaned))
        return cls(name, codes, levels)


@dataclass(frozen=True)
class FitRule:
    """One row of the current fit_rules.csv."""

    rule_id: str
    criterion: str
    attribute: str
    operator: str
    operand: str
    points: float


@dataclass(frozen=True)
class EventTiming:
    """How often one event type comes right after a conversion, over all of history.

    A lead-day is a lead and a date with the event. `after` counts the lead-days at
    which the lead had converted on that date or the day before, not later than the
    event; `control` the same four weeks earlier (what chance alone would give).
    """

    event_type: str
    lead_days_count: int
    after_count: int
    control_count: int
    is_conversion: bool = False  # an order is not a leak of orders


@dataclass(frozen=True)
class AttributeTiming:
    """When the values of one attribute were recorded, over all of history.

    Of leads that ever converted: `after` had the value first recorded on the day of
    their first conversion or later. `busiest_day_count` is the number of values (all
    leads) recorded on the date that has most: an import says nothing about time.
    """

    attribute: str
    leads_count: int
    converted_leads_count: int
    after_count: int
    busiest_day_count: int


@dataclass(frozen=True)
class Features:
    """What conversion_probability may look at, per row; NaN is null."""

    numbers: Mapping[str, Floats]  # engagement_points, …, points:<rule_id>
    stage: Texts | None = None
    texts: Mapping[str, Texts] = field(default_factory=dict)  # others of kind `is`


@dataclass(frozen=True)
class Panel:
    """Everything that is fitted on."""

    outcomes: Outcomes
    rules: tuple[EngagementRule, ...] = ()
    group_limits: Mapping[str, float] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    fit_rules: tuple[FitRule, ...] = ()
    features: Features = field(default_factory=lambda: Features({}))
    event_timings: tuple[EventTiming, ...] = ()
    attribute_timings: tuple[AttributeTiming, ...] = ()


# ------------------------------------------------------------------ what comes out


@dataclass(frozen=True)
class Split:
    """Which rows are fitted on and which only tested on; some may be neither."""

    is_train: Flags
    is_test: Flags
    kind: str  # time, lead (no later cut-offs), given
    train_dates: tuple[str, ...]
    test_dates: tuple[str, ...]
    note: str  # in plain words, for the report


@dataclass(frozen=True)
class Evidence:
    """Whether there are enough conversions to prove anything, with the numbers."""

    train_rows: int
    train_leads: int
    train_conversions: int
    test_rows: int
    test_leads: int
    test_conversions: int
    is_enough: bool
    reason: str


@dataclass(frozen=True)
class Auc:
    """An area under the ROC curve with its 95% interval, clustered by lead."""

    auc: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Today's score and the proposed one on the same test rows."""

    today: Auc
    proposed: Auc
    difference: float
    difference_low: float
    difference_high: float
    is_better: bool  # the whole interval of the difference lies above 0
    is_worse: bool


@dataclass(frozen=True)
class HalfLifeProfile:
    """How well each half-life explains conversions, the rest refitted.

    `deviance` is 2 * (best log-likelihood less this one), scaled for rows of one lead
    belonging together: below 3.84 is inside the 95% interval.
    """

    half_life_days: tuple[float, ...]  # inf = no decay
    deviance: tuple[float, ...]
    today: float  # deviance of today's decay, NaN for a candidate


@dataclass(frozen=True)
class RuleProposal:
    """One rule: support, estimate, interval, today's value, decision."""

    rule_id: str
    event_type: str
    mode: str
    is_candidate: bool
    leads_hit: int
    conversions_with: int  # train rows that converted, with a hit
    conversions_without: int
    weight: float  # log-odds per fresh hit (NaN: not estimated)
    weight_low: float
    weight_high: float
    points_today: float | None
    points_estimate: float  # the weight in the currency of points, not rounded
    points_low: float
    points_high: float
    points: float | None  # proposed; None = a candidate that is not proposed
    decay_today: str
    decay_days_today: float | None
    half_life_estimate: float  # inf = no decay
    half_life_low: float
    half_life_high: float
    decay: str  # proposed; today's kind when kept
    decay_days: float | None
    decay_rate: float | None
    is_points_changed: bool
    is_decay_changed: bool
    decision: str  # in plain words
    profile: HalfLifeProfile | None = None


@dataclass(frozen=True)
class LimitProposal:
    """One rule group whose limit would cut off the proposed points."""

    rule_group: str
    max_points_today: float
    max_points: float
    reason: str


@dataclass(frozen=True)
class EngagementResult:
    """The proposal for engagement_rules.csv."""

    rules: tuple[RuleProposal, ...]
    limits: tuple[LimitProposal, ...]
    points_today: Floats  # per row of the panel
    points_proposed: Floats
    comparison: Comparison | None  # on the test rows; None without evidence
    points_factor: float  # all points (estimates, intervals) times this: whole numbers
    scale_factor: float  # to multiply half_saturation_points and max_points by
    is_proposed: bool  # False: change nothing
    reason: str


@dataclass(frozen=True)
class FitLevel:
    """One proposed row of fit_rules.csv (points 0: the reference, no rule written)."""

    rule_id: str
    criterion: str
    attribute: str
    operator: str
    operand: str
    points: int
    label: str  # in plain words: `age 18 to 29`
    leads_count: int
    conversions: int
    rows: int
    log_odds: float  # against the criterion's lowest level
    log_odds_low: float
    log_odds_high: float
    points_today: float | None  # mean of what today's rules give these rows
    lift: int = 0  # points of the rule that other rules of the attribute make up for

    def in_points(self, points_per_log_odds: float) -> tuple[float, float, float]:
        """Estimate and interval in the currency of the points."""
        low, high = self.log_odds_low, self.log_odds_high
        estimate, least, most = (
            value * points_per_log_odds + self.lift
            for value in (self.log_odds, low, high)
        )
        return estimate, least, most


@dataclass(frozen=True)
class CriterionProposal:
    """One attribute: proven or not, with the levels it would get."""

    criterion: str
    attribute: str
    auc_alone: float  # out of fold, on train
    p_value: float  # Holm over all attributes
    is_proven: bool
    levels: tuple[FitLevel, ...]
    reason: str


@dataclass(frozen=True)
class FitResult:
    """The proposal for fit_rules.csv."""

    criteria: tuple[CriterionProposal, ...]
    points_per_log_odds: float
    points_today: Floats
    points_proposed: Floats
    comparison: Comparison | None
    is_proposed: bool
    reason: str


@dataclass(frozen=True)
class ProbabilityTerm:
    """One row of probability_terms.csv."""

    term_id: str
    feature: str
    kind: str  # constant, log, ramp, is, missing
    operand: str
    min_value: float | None
    max_value: float | None
    coefficient: float
    low: float  # 95% interval, clustered by lead
    high: float
    description: str


@dataclass(frozen=True)
class Calibration:
    """How probabilities compare with what happened, on some rows."""

    rows: int
    base_rate: float
    mean_probability: float
    intercept: float  # of logit(y) on logit(p); 0 is perfect
    slope: float  # 1 is perfect
    brier: float
    brier_base: float  # of always saying the base rate
    log_loss: float
    expected_error: float  # ECE over ten equally large bins
    bins: tuple[tuple[float, float, int], ...]  # mean p, share converted, rows


@dataclass(frozen=True)
class ProbabilityResult:
    """The proposal for probability_terms.csv."""

    terms: tuple[ProbabilityTerm, ...]  # empty: stay uncalibrated
    probability: Floats  # per row of the panel; NaN without a model
    test: Calibration | None  # on the test rows
    auc: Auc | None  # on the test rows
    fitted_until: str  # last day any train label looked at
    is_proposed: bool
    reason: str


@dataclass(frozen=True)
class Leak:
    """One attribute or event type that gives the outcome away."""

    name: str
    what: str  # attribute, event
    test: str  # recorded_after, perfect_alone, presence, certain_level, follows,
    # undated (its dates prove nothing), doubtful (the same, weaker: used, but reported)
    is_forced: bool  # used nevertheless: --allow-leak NAME, or only doubtful
    reason: str  # names the figures and how to force it
