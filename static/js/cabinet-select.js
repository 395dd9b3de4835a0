// Choosing several documents: the check boxes of the table and the bar that appears with them.
// The choice is kept by id, so that it outlives a refresh of the rows.
import { say } from "./strings.js";

const chosen = new Map(); // id → name
const bar = document.getElementById("action-bar");
let last = null;

export const selection = () => [...chosen].map(([id, name]) => ({ id, name }));

export function clearSelection() {
  chosen.clear();
  paint();
}

function ticks() {
  return [...document.querySelectorAll("[data-select]")];
}

function set(tick, on) {
  if (on) chosen.set(tick.value, tick.closest("tr").dataset.name);
  else chosen.delete(tick.value);
}

/** Make the page show the choice; rows that are gone are no longer chosen. */
function paint() {
  const here = ticks();
  const seen = new Set(here.map((tick) => tick.value));
  for (const id of [...chosen.keys()]) if (!seen.has(id)) chosen.delete(id);
  for (const tick of here) {
    tick.checked = chosen.has(tick.value);
    tick.closest("tr").classList.toggle("chosen", tick.checked);
  }
  const all = document.querySelector("[data-select-all]");
  if (all) {
    all.checked = here.length > 0 && chosen.size === here.length;
    all.indeterminate = chosen.size > 0 && chosen.size < here.length;
    all.disabled = !here.length;
  }
  bar.hidden = !chosen.size;
  bar.querySelector(".count").textContent = say("selected", { count: chosen.size });
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest("[data-select]");
  if (!tick) return;
  const here = ticks();
  if (event.shiftKey && last && here.some((other) => other.value === last)) {
    const ends = [here.findIndex((other) => other.value === last), here.indexOf(tick)].sort((a, b) => a - b);
    here.slice(ends[0], ends[1] + 1).forEach((other) => set(other, tick.checked));
  } else set(tick, tick.checked);
  last = tick.value;
  paint();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-all]")) return;
  ticks().forEach((tick) => set(tick, event.target.checked));
  paint();
});

document.addEventListener("keydown", (event) => {
  const busy = document.querySelector("dialog[open], .menu:popover-open") || event.target.matches("input:not([type=checkbox]), textarea");
  if (event.key === "Escape" && chosen.size && !busy) clearSelection();
});
document.addEventListener("htmx:afterSwap", paint);
document.addEventListener("cabinet:shown", paint);
