"""Words can be read: every text colour on every paper it stands on, in both themes (WCAG 2, 4.5 : 1)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: chromium")]
ENOUGH = 4.5
INKS = ("ink", "ink-soft", "ink-faint", "accent", "accent-strong", "good", "warn", "bad", "busy")
PAPERS = ("paper", "paper-sunk", "paper-raised")
PAIRS = [(ink, paper) for ink in INKS for paper in PAPERS] + [
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "accent-tint"),
    ("ink", "quote"),
    ("ink", "warn-tint"),
    ("ink", "bad-tint"),
    ("ink-soft", "paper-chosen"),
]
# A canvas resolves oklch() and light-dark() to what is painted; tints are painted over the paper.
MEASURE = """(pairs) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("i"));
  const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  const painted = (...names) => {
    for (const name of names) { canvas.fillStyle = colour(name); canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  return pairs.map(([ink, paper]) => {
    const [a, b] = [light(painted("paper", paper, ink)), light(painted("paper", paper))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_ink_can_be_read_on_its_paper(browser: Any, theme: str):
    page = browser.new_page()
    page.set_content(f'<!doctype html><html data-theme="{theme}"><body></body></html>')
    page.add_style_tag(content=(Path(settings.BASE_DIR) / "static/css/tokens.css").read_text())
    ratios = page.evaluate(MEASURE, [list(pair) for pair in PAIRS])
    page.close()
    weak = {pair: round(ratio, 2) for pair, ratio in zip(PAIRS, ratios, strict=True) if ratio < ENOUGH}
    assert weak == {}
