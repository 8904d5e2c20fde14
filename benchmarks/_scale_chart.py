"""A small line chart as SVG, both axes from zero."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 20, 50
COLOURS = ("#d62828", "#1982c4", "#2a9d8f", "#6a4c93")
TICKS = 4


@dataclass(frozen=True)
class Line:
    """One line: its name and its points."""

    name: str
    points: Sequence[tuple[float, float]]


def compact(value: float) -> str:
    """A number as an axis shows it: 2M, 500k, 12, 0.5."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def draw_chart(lines: Sequence[Line], x_title: str, y_title: str) -> str:
    """Draw the lines."""
    most_x = max((x for line in lines for x, _ in line.points), default=0) or 1.0
    most_y = max((y for line in lines for _, y in line.points), default=0) or 1.0

    def across(x: float) -> float:
        return LEFT + x / most_x * (WIDTH - LEFT - RIGHT)

    def up(y: float) -> float:
        return HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM)

    def draw() -> Iterator[str]:
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
            ' font-family="sans-serif" font-size="12">'
        )
        yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        for tick in range(TICKS + 1):
            x, y = most_x * tick / TICKS, most_y * tick / TICKS
            yield (
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(y):.1f}"'
                f' y2="{up(y):.1f}" stroke="#ddd"/>'
            )
            yield (
                f'<text x="{LEFT - 8}" y="{up(y) + 4:.1f}" text-anchor="end">'
                f"{compact(y)}</text>"
            )
            yield (
                f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}"'
                f' text-anchor="middle">{compact(x)}</text>'
            )
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield (
            f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">'
            f"{escape(x_title)}</text>"
        )
        yield (
            f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)"'
            f' text-anchor="middle">{escape(y_title)}</text>'
        )
        for place, line in enumerate(lines):
            colour = COLOURS[place % len(COLOURS)]
            path = [f"{across(x):.1f},{up(y):.1f}" for x, y in sorted(line.points)]
            yield (
                f'<polyline points="{" ".join(path)}" fill="none" stroke="{colour}"'
                ' stroke-width="2"/>'
            )
            for point in path:
                x_place, y_place = point.split(",")
                yield f'<circle cx="{x_place}" cy="{y_place}" r="3" fill="{colour}"/>'
            last_x, last_y = path[-1].split(",")
            yield (
                f'<text x="{float(last_x) + 8}" y="{float(last_y) + 4}"'
                f' fill="{colour}">{escape(line.name)}</text>'
            )
        yield "</svg>"

    return "\n".join(draw()) + "\n"
