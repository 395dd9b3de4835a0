"""A bar chart as an SVG file: groups of bars in 0–1, with a grid, values and a legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1f6f8b", "#c8553d", "#588157", "#8a5a83", "#b08900", "#5a6472")
BAR, GAP, GROUP_GAP = 22, 4, 36
LEFT, TOP, HEIGHT, BOTTOM = 48, 56, 240, 44


def bars(
    title: str,
    groups: Mapping[str, Mapping[str, float]],
    *,
    before: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """`groups`: label → {series: value in 0–1}. The series of all groups share colours and the legend. A line across
    a bar stands where the value was `before`."""
    series = list(dict.fromkeys(name for values in groups.values() for name in values))
    step = len(series) * (BAR + GAP) + GROUP_GAP
    width = LEFT + max(1, len(groups)) * step + 16
    parts = [_grid(width), *_legend(series)]
    for place, (label, values) in enumerate(groups.items()):
        left = LEFT + GROUP_GAP // 2 + place * step
        parts += _group(label, values, series, left=left)
        parts += _marks((before or {}).get(label, {}), series, left=left)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + BOTTOM}" role="img" '
        f'font-family="sans-serif" font-size="11">\n<title>{escape(title)}</title>\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>\n'
        f"{body}\n</svg>\n"
    )


def _grid(width: int) -> str:
    lines = []
    for tenth in range(0, 11, 2):
        y = TOP + HEIGHT * (1 - tenth / 10)
        lines.append(f'<line x1="{LEFT}" x2="{width - 12}" y1="{y:.0f}" y2="{y:.0f}" stroke="#d9dde0"/>')
        lines.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end" fill="#5a6472">{tenth / 10:.1f}</text>'
        )
    return "\n".join(lines)


def _legend(series: Sequence[str]) -> list[str]:
    parts, x = [], LEFT
    for place, name in enumerate(series):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="39">{escape(name)}</text>')
        x += 30 + 7 * len(name)
    return parts


def _group(label: str, values: Mapping[str, float], series: Sequence[str], *, left: int) -> list[str]:
    parts = []
    for place, name in enumerate(series):
        if name not in values:
            continue
        share = min(1.0, max(0.0, values[name]))
        x, y = left + place * (BAR + GAP), TOP + HEIGHT * (1 - share)
        colour = COLOURS[place % len(COLOURS)]
        parts.append(
            f'<rect x="{x}" y="{y:.1f}" width="{BAR}" height="{HEIGHT * share:.1f}" fill="{colour}"/>'
        )
        parts.append(
            f'<text x="{x + BAR / 2}" y="{y - 3:.1f}" text-anchor="middle" font-size="9">{values[name]:.2f}</text>'
        )
    middle = left + len(series) * (BAR + GAP) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{escape(label)}</text>'
    )
    return parts


def _marks(values: Mapping[str, float], series: Sequence[str], *, left: int) -> list[str]:
    """A line across each bar at the height of its former value."""
    parts = []
    for place, name in enumerate(series):
        if name in values:
            x, y = left + place * (BAR + GAP), TOP + HEIGHT * (1 - min(1.0, max(0.0, values[name])))
            parts.append(
                f'<line class="before" x1="{x - 3}" x2="{x + BAR + 3}" y1="{y:.1f}" y2="{y:.1f}" stroke="#1b1f23" stroke-width="2">'
                f"<title>before: {values[name]:.3f}</title></line>"
            )
    return parts
