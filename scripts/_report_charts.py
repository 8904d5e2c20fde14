"""The shapes of the calibration report as inline SVG; colours are the template's CSS.

Texts come from users' files: every one of them is escaped by `element`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from _calibration_logistic import share_interval
from _calibration_panel import Calibration, Flags, Floats, RuleProposal
from _warehouse import UNBROKEN_SPACE, compact, number

DASH = "\u2013"  # where there is nothing to show
INSIDE = 3.84  # deviance at the end of the 95% interval: chi-square, one degree
TALLEST = 16.0  # half-life profiles are cut off above this deviance

STRIP_WIDTH, STRIP_HEIGHT, STRIP_MARGIN = 360.0, 26.0, 14.0


# ------------------------------------------------------------------ the alphabet


def printable(text: str) -> str:
    """Return a text without control characters."""
    kept = (c if c.isprintable() or c == UNBROKEN_SPACE else "�" for c in text)
    return "".join(kept)


def element(name: str, *inside: str, **attributes: object) -> Markup:
    """Return one element; `class_` is class, `text_anchor` is text-anchor."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(
        str(part) if isinstance(part, Markup) else str(escape(printable(part)))
        for part in inside
    )
    return Markup(f"<{name}{said}>{content}</{name}>")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return printable(str(value))


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def _text(x: float, y: float, text: str, kind: str, anchor: str = "middle") -> Markup:
    return element("text", text, x=x, y=y, class_=kind, text_anchor=anchor)


def _dot(x: float, y: float, kind: str, size: float = 4.5) -> Markup:
    return element("circle", cx=x, cy=y, r=size, class_=kind)


def _path(points: Sequence[tuple[float, float]], kind: str, **more: object) -> Markup:
    drawn = " ".join(f"{_shown(float(x))},{_shown(float(y))}" for x, y in points)
    return element("polyline", points=drawn, class_=kind, **more)


def _svg(
    name: str,
    title: str,
    description: str,
    width: float,
    height: float,
    *inside: Markup,
) -> Markup:
    """A chart with a name and a description for people who cannot see it."""
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *inside,
        viewBox=f"0 0 {width:g} {height:g}",
        class_="chart",
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
    )


@dataclass(frozen=True)
class Axis:
    """Where values lie between two edges of a drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value; values outside are placed at the edge."""
        share = (value - self.low) / (self.high - self.low or 1.0)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether the value lies within the axis."""
        return self.low - 1e-9 <= value <= self.high + 1e-9

    def ticks(self, most: int = 6) -> list[float]:
        """Round values along the axis."""
        step = nice_step(self.high - self.low, most)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(place * step, 10) for place in range(first, last + 1)]


def nice_step(span: float, most: int) -> float:
    """Return the smallest of 1, 2, 5, 10, … that needs at most that many steps."""
    if not span > 0 or not math.isfinite(span):
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    return power * next(m for m in (1, 2, 5, 10) if span / (m * power) <= most + 1e-9)


def round_end(highest: float, most: int) -> float:
    """Return the first tick of an axis from 0 at or above the highest value."""
    step = nice_step(highest, most)
    return step * max(math.ceil(highest / step - 1e-9), 1)


def percent(share: float, decimals: int = 1) -> str:
    """Return `4.1%`."""
    return number(100 * share, decimals) + "%"


# ------------------------------------------------------------------ lift


def rates_by_decile(score: Floats, is_converted: Flags) -> list[float]:
    """The conversion rate of every tenth of the rows, best score first.

    Rows of equal score share their conversions: how they are sorted changes nothing.
    """
    _, place = np.unique(-score, return_inverse=True)
    all_ = np.bincount(place).astype(np.float64)
    yes = np.bincount(place, weights=is_converted.astype(np.float64))
    expected = np.repeat(yes / all_, all_.astype(np.int64))
    return [float(np.mean(part)) for part in np.array_split(expected, 10)]


@dataclass(frozen=True)
class Line:
    """One score in a lift chart: its rates by decile."""

    label: str
    kind: str  # today, proposed, baseline
    rates: Sequence[float]


def lift_chart(
    name: str, title: str, lines: Sequence[Line], base_rate: float, highest: float
) -> Markup:
    """Draw conversion rates by tenths of the leads, and the rate of all leads."""
    x, y = Axis(1, 10, 52, 322), Axis(0, round_end(highest, 5), 196, 16)
    drawn = [
        *_grid(y, x, lambda value: percent(value, _decimals(y.ticks(5)))),
        *(_text(x.at(d), 212, str(d), "tick") for d in range(1, 11)),
        _text(187, 230, "leads in tenths, highest score first", "name"),
        _line(x.start - 8, y.at(base_rate), x.end + 8, y.at(base_rate), "reference"),
        _text(x.end + 8, y.at(base_rate) - 5, "all leads", "note", "end"),
    ]
    for line in lines:
        points = [(x.at(d), y.at(rate)) for d, rate in enumerate(line.rates, 1)]
        drawn.append(_path(points, f"line {line.kind}"))
        if line.kind != "baseline":
            drawn += [_dot(*point, f"mark {line.kind}", 3.5) for point in points]
    description = "; ".join(
        f"{line.label}: {percent(line.rates[0])} of the best tenth converted,"
        f" {percent(line.rates[-1])} of the last"
        for line in lines
    )
    description += f"; of all leads {percent(base_rate)}."
    return _svg(
        name, f"{title}: conversion rate by tenths", description, 340, 236, *drawn
    )


def _grid(
    y: Axis, x: Axis, said: Callable[[float], str], most: int = 5
) -> list[Markup]:
    drawn = []
    for value in y.ticks(most):
        drawn.append(_line(x.start - 8, y.at(value), x.end + 8, y.at(value), "grid"))
        drawn.append(_text(x.start - 13, y.at(value) + 4, said(value), "tick", "end"))
    return drawn


def _decimals(shares: Sequence[float]) -> int:
    """How many decimals these shares need in percent."""
    return next(
        (
            d
            for d in (0, 1)
            if all(abs(s * 100 - round(s * 100, d)) < 1e-6 for s in shares)
        ),
        2,
    )


# ------------------------------------------------------------------ calibration


def calibration_chart(found: Calibration) -> Markup:
    """Draw how many converted of the leads that were given each probability."""
    highest = round_end(max(max(p, share) for p, share, _ in found.bins), 5)
    x, y = Axis(0, highest, 56, 322), Axis(0, highest, 270, 12)
    decimals = _decimals(y.ticks(5))
    drawn = [
        *_grid(y, x, lambda value: percent(value, decimals)),
        *(_text(x.at(v), 288, percent(v, decimals), "tick") for v in x.ticks(5)),
        _text(189, 308, "predicted probability", "name"),
        _line(x.start, y.start, x.end, y.end, "reference"),
    ]
    points = [(x.at(p), y.at(share)) for p, share, _ in found.bins]
    drawn.append(_path(points, "line proposed"))
    for (p, share, rows), point in zip(found.bins, points, strict=True):
        low, high = share_interval(share, rows)
        drawn.append(_line(x.at(p), y.at(low), x.at(p), y.at(high), "interval"))
        drawn.append(_dot(*point, "mark proposed", 4))
    (p1, s1, _), (p2, s2, _) = found.bins[0], found.bins[-1]
    description = (
        f"Lowest group: {percent(p1)} predicted, {percent(s1)} converted; highest"
        f" group: {percent(p2)} predicted, {percent(s2)} converted. The dashed diagonal"
        " is perfect agreement."
    )
    title = "Predicted against observed conversion"
    return _svg("calibration", title, description, 340, 314, *drawn)


# ------------------------------------------------------------------ half-lives


def profile_chart(name: str, rule: RuleProposal) -> Markup:
    """Draw how well each half-life explains the conversions of one rule."""
    profile = rule.profile
    assert profile is not None
    finite = [days for days in profile.half_life_days if math.isfinite(days)] or [1.0]
    first, last = math.log(min(finite)), math.log(max(finite))
    x = Axis(first, last + (last - first or 1.0) * 0.28, 34, 226)  # room for no decay
    y = Axis(0, TALLEST, 122, 10)

    def place(days: float | None) -> float:
        is_finite = days is not None and 0 < days < math.inf
        return x.at(math.log(days)) if is_finite and days else x.end

    places = [place(days) for days in profile.half_life_days]
    points = [
        (across, y.start + (deviance / TALLEST) * (y.end - y.start))
        for across, deviance in zip(places, profile.deviance, strict=True)
        if math.isfinite(deviance)
    ]
    drawn = [_line(x.start - 6, y.start, x.end + 6, y.start, "grid")]
    if not math.isnan(rule.half_life_low) and not math.isnan(rule.half_life_high):
        left, right = place(rule.half_life_low), place(rule.half_life_high)
        box = {"x": left - 2, "y": y.end, "width": right - left + 4}
        drawn.append(element("rect", **box, height=y.start - y.end, class_="band"))
    ticks = [d for d in (1, 7, 30, 90, 365) if min(finite) <= d <= max(finite)]
    drawn += [
        _line(x.start - 6, y.at(INSIDE), x.end + 6, y.at(INSIDE), "reference"),
        _text(x.start - 10, y.at(INSIDE) + 4, "3.84", "tick", "end"),
        _text(x.start - 10, y.at(0) + 4, "0", "tick", "end"),
        *(_text(place(days), 138, str(days), "tick") for days in ticks),
        _text(x.end + 8, 138, "none", "tick", "end"),
        element(
            "clipPath",
            element("rect", x=0, y=y.end - 4, width=240, height=y.start - y.end + 8),
            id=f"{name}-clip",
        ),
        _path(points, "line proposed", clip_path=f"url(#{name}-clip)"),
    ]
    is_old = not rule.is_candidate and rule.decay_today != ""
    if is_old and not math.isnan(profile.today):
        days = None if rule.decay_today == "none" else rule.decay_days_today
        is_far = profile.today > TALLEST
        today = (place(days), y.end + 10 if is_far else y.at(profile.today))
        drawn.append(_off_chart(*today) if is_far else Markup(""))
        drawn.append(_dot(*today, "mark today", 5.5))
        if not rule.is_decay_changed:
            drawn.append(_dot(*today, "mark proposed", 2.5))
    if rule.is_decay_changed or (rule.is_candidate and rule.points is not None):
        days = None if rule.decay == "none" else rule.decay_days
        across = place(days)
        height = float(np.interp(across, *np.transpose(points))) if points else 0.0
        drawn.append(_dot(across, max(height, y.end), "mark proposed"))
    description = (
        f"Best half-life {days_in_words(rule.half_life_estimate)}, 95% interval"
        f" {days_in_words(rule.half_life_low)} to {days_in_words(rule.half_life_high)};"
        f" today {decay_today(rule)}; proposed {decay_proposed(rule)}."
    )
    return _svg(name, f"Half-life of {rule.rule_id}", description, 240, 144, *drawn)


def _off_chart(x: float, y: float) -> Markup:
    """Draw an arrow for a value above the top of the drawing."""
    return _path([(x - 4, y - 10), (x, y - 14), (x + 4, y - 10)], "arrow")


def days_in_words(days: float) -> str:
    """Return `30 days`, `no decay`, or a dash where nothing was estimated."""
    if math.isnan(days):
        return DASH
    return "no decay" if math.isinf(days) else _days(compact(round(days, 1)))


def decay_in_words(decay: str, days: float | None) -> str:
    """Return `half-life 30 days`, `no decay`, `linear 365 days`."""
    if decay in ("", "none") or days is None:
        return "no decay" if decay in ("", "none") else decay
    word = "half-life" if decay == "half_life" else decay
    return f"{word} {_days(compact(days))}"


def decay_today(rule: RuleProposal) -> str:
    """Return today's decay, or a dash for a rule that does not exist yet."""
    if rule.is_candidate:
        return DASH
    return decay_in_words(rule.decay_today, rule.decay_days_today)


def decay_proposed(rule: RuleProposal) -> str:
    """Return the proposed decay, or a dash for a rule that is not proposed."""
    return DASH if rule.points is None else decay_in_words(rule.decay, rule.decay_days)


def _days(count: str) -> str:
    return f"{count} day" if count == "1" else f"{count} days"


def without_days(text: str) -> str:
    """Return `half-life 30` for `half-life 30 days`: another number has the unit."""
    return text.removesuffix("s").removesuffix(" day")


# ------------------------------------------------------------------ strips of tables


@dataclass(frozen=True)
class Scale:
    """The axis that all strips of one table share."""

    axis: Axis
    ticks: tuple[tuple[float, str], ...]
    zero: float  # the value that means nothing: chance, no points, no effect

    @classmethod
    def over(
        cls,
        values: Sequence[float],
        zero: float,
        said: Callable[[float], str],
        limit: tuple[float, float] | None = None,
    ) -> "Scale":
        """Reach over all finite values and zero, but not beyond the limits."""
        known = [value for value in values if math.isfinite(value)] + [zero]
        low, high = min(known), max(known)
        if limit:
            low, high = max(low, limit[0]), min(high, limit[1])
        room = (high - low or 1.0) * 0.03
        axis = Axis(low - room, high + room, STRIP_MARGIN, STRIP_WIDTH - STRIP_MARGIN)
        return cls(axis, tuple((tick, said(tick)) for tick in axis.ticks()), zero)

    def header(self) -> Markup:
        """Draw the labels of the axis; the numbers are in the table."""
        texts = [
            _text(self.axis.at(value), 12, label, "tick") for value, label in self.ticks
        ]
        return element(
            "svg",
            *texts,
            viewBox=f"0 0 {STRIP_WIDTH:g} 16",
            class_="strip",
            aria_hidden="true",
        )

    def strip(
        self,
        title: str,
        interval: tuple[float, float] | None = None,
        today: float | None = None,
        proposed: float | None = None,
        is_bar: bool = False,
        kind: str = "proposed",
    ) -> Markup:
        """Draw one row: an interval, today's mark and the proposed one."""
        middle = STRIP_HEIGHT / 2
        drawn = [
            _line(self.axis.at(value), 0, self.axis.at(value), STRIP_HEIGHT, "grid")
            for value, _ in self.ticks
        ]
        zero = self.axis.at(self.zero)
        drawn.append(_line(zero, 0, zero, STRIP_HEIGHT, "zero"))
        if is_bar and proposed is not None:
            left, right = sorted((zero, self.axis.at(proposed)))
            box = {"x": left, "y": 6.0, "width": max(right - left, 1.0), "height": 14.0}
            drawn.append(element("rect", **box, class_=f"bar {kind}"))
        if interval and all(map(math.isfinite, interval)):
            drawn += self._interval(*interval, middle)
        if today is not None and proposed is not None and not is_bar:
            ends = self.axis.at(today), self.axis.at(proposed)
            drawn.append(_line(ends[0], middle, ends[1], middle, "link"))
        if today is not None:
            drawn.append(_dot(self.axis.at(today), middle, "mark today", 5.5))
        if proposed is not None and not is_bar:
            size = 2.5 if proposed == today else 4.5
            drawn.append(_dot(self.axis.at(proposed), middle, f"mark {kind}", size))
        return element(
            "svg",
            element("title", title),
            *drawn,
            viewBox=f"0 0 {STRIP_WIDTH:g} {STRIP_HEIGHT:g}",
            class_="strip",
            role="img",
        )

    def _interval(self, low: float, high: float, middle: float) -> list[Markup]:
        """Draw a line from end to end, with an arrow where it continues outside."""
        drawn = [
            _line(self.axis.at(low), middle, self.axis.at(high), middle, "interval")
        ]
        for value, back in ((low, 5), (high, -5)):
            end = self.axis.at(value)
            if self.axis.holds(value):
                drawn.append(_line(end, middle - 4, end, middle + 4, "interval"))
            else:
                tip = [
                    (end + back, middle - 4),
                    (end, middle),
                    (end + back, middle + 4),
                ]
                drawn.append(_path(tip, "arrow"))
        return drawn
