// Page images: turning, jumping, thumbnails, and boxes drawn over the page in its own points.
import { say } from "./strings.js";

const SVG = "http://www.w3.org/2000/svg";
const viewer = document.getElementById("viewer");
const sheets = document.getElementById("sheets");
const input = document.getElementById("page-number");
const total = Number(viewer?.dataset.total ?? 0);
let current = Number(viewer?.dataset.openPage ?? 1);

/** Bring a page into view; `box` [page, x0, y0, x1, y1] is put into the upper third. False if it is not loaded. */
export function showPage(number, { box = null, smooth = true } = {}) {
  const sheet = document.getElementById(`page-${number}`);
  if (!sheet) return false;
  const scroller = document.querySelector(".viewer-body");
  const image = sheet.querySelector("img");
  const scale = image.clientHeight / Number(image.getAttribute("height"));
  const inside = box ? Math.max(0, box[2] * scale - scroller.clientHeight / 3) : 0;
  const top = sheet.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  const calm = !smooth || matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroller.scrollTo({ top: top + inside - 8, behavior: calm ? "instant" : "smooth" });
  return true;
}

/** Draw the boxes of one passage and take away those of the last. */
export function drawBoxes(boxes) {
  document.querySelectorAll(".boxes").forEach((svg) => svg.replaceChildren());
  for (const [page, x0, y0, x1, y1] of boxes) {
    const svg = document.querySelector(`#page-${page} .boxes`);
    if (!svg) continue;
    const rect = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0, rx: 2 })) rect.setAttribute(name, value);
    svg.append(rect);
  }
}

function at(number) {
  current = Math.min(Math.max(1, number), total);
  if (document.activeElement !== input) input.value = current;
  input.setAttribute("aria-label", say("page_of", { page: current, total }));
  document.querySelectorAll("#thumbs [data-to]").forEach((button) => {
    if (Number(button.dataset.to) === current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  });
}

function turnTo(number) {
  const page = Math.min(Math.max(1, Math.round(number) || 1), total);
  if (showPage(page)) at(page);
  else location.assign(`?page=${page}`);
}

if (viewer) {
  const seen = new Map();
  const watch = new IntersectionObserver((entries) => {
    entries.forEach((entry) => seen.set(Number(entry.target.dataset.page), entry.intersectionRatio * entry.target.clientHeight));
    const [best] = [...seen].sort((a, b) => b[1] - a[1])[0] ?? [];
    if (best) at(best);
  }, { root: document.querySelector(".viewer-body"), threshold: [0, 0.25, 0.5, 0.75, 1] });
  const observe = () => sheets.querySelectorAll(".sheet:not([data-seen])").forEach((sheet) => {
    sheet.dataset.seen = "";
    watch.observe(sheet);
  });
  observe();
  sheets.addEventListener("htmx:afterSettle", observe);

  document.addEventListener("click", (event) => {
    const turn = event.target.closest("[data-turn]");
    const to = event.target.closest("[data-to]");
    if (turn) turnTo(current + Number(turn.dataset.turn));
    else if (to) turnTo(Number(to.dataset.to));
    else if (event.target.closest("[data-thumbs]")) thumbs(event.target.closest("[data-thumbs]"));
  });
  document.querySelector("[data-jump]").addEventListener("submit", (event) => {
    event.preventDefault();
    input.blur();
    turnTo(Number(input.value));
  });

  const boxes = JSON.parse(document.querySelector('.passage[aria-current] [data-boxes]')?.dataset.boxes ?? "[]");
  const open = Number(viewer.dataset.openPage);
  if (open > 1 || boxes.length) requestAnimationFrame(() => showPage(open, { box: boxes.find((box) => box[0] === open), smooth: false }));
  at(open);
}

// A page that could not be drawn says so and can be asked for again (errors of images do not bubble).
document.addEventListener("error", ({ target }) => {
  const sheet = target instanceof HTMLImageElement && target.closest(".sheet");
  if (!sheet || sheet.classList.contains("broken")) return;
  sheet.classList.add("broken");
  const fault = Object.assign(document.createElement("div"), { className: "sheet-fault" });
  const again = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: say("retry") });
  again.addEventListener("click", () => {
    sheet.classList.remove("broken");
    fault.remove();
    target.src = `${target.src.split("?")[0]}?width=1200&again=${Date.now()}`;
  });
  fault.append(Object.assign(document.createElement("p"), { textContent: say("page_failed") }), again);
  sheet.append(fault);
}, true);

function thumbs(button) {
  const list = document.getElementById("thumbs");
  list.hidden = !list.hidden;
  button.setAttribute("aria-expanded", String(!list.hidden));
  if (list.hidden) return;
  list.querySelectorAll("img[data-src]").forEach((image) => {
    image.src = image.dataset.src;
    image.removeAttribute("data-src");
  });
  list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
}
