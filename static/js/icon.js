// An icon of the sprite, made in script. The address comes from <meta name="icons">.
const SVG = "http://www.w3.org/2000/svg";
const sprite = document.querySelector('meta[name="icons"]')?.content ?? "/static/icons/sprite.svg";

export function icon(name, { small = false } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", small ? "icon small" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
