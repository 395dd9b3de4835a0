// Facts and gaps of the notice form: rows of a name and what is to be said.
import { make } from "./dom.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";

const labels = JSON.parse(document.getElementById("fact-labels").textContent);
const rows = document.getElementById("facts");
const gapBox = document.getElementById("gaps");
const gapList = document.getElementById("gap-list");
const FRAME = { issuer: "n-issuer", addressees: "n-addressees", date: "n-date" };

export const usual = ["time", "place", "audience", "agenda", "bring", "contact", "phone"];

/** A row for a fact; a name that is no field's own can be changed. */
export function addFact(name, text = "", { focus = false } = {}) {
  const known = labels[name];
  const before = [...rows.children].find((row) => row.dataset.name === name && name);
  if (before) {
    if (text) before.querySelector("textarea").value = text;
    if (focus) before.querySelector("textarea").focus();
    return;
  }
  const id = `fact-${rows.children.length}-${Date.now()}`;
  const area = make("textarea", { className: "textarea", id, rows: 1, maxLength: 4000, value: text, placeholder: known?.question ?? "" });
  const label = known
    ? make("label", { for: id, textContent: known.label, title: known.question })
    : make("input", { className: "input fact-name", value: name, maxLength: 40, placeholder: say("fact_name"), "aria-label": say("fact_name") });
  const away = make("button", { className: "button icon small", "aria-label": say("fact_remove", { name: known?.label ?? name }) }, icon("close", { small: true }));
  const row = make("div", { className: "fact", dataset: { name: known ? name : "" } }, label, area, away);
  away.addEventListener("click", () => row.remove());
  rows.append(row);
  if (focus) (known ? area : label).focus();
}

export function setFacts(facts) {
  rows.replaceChildren();
  for (const [name, told] of Object.entries(facts)) {
    const key = Object.keys(labels).find((one) => one === name || labels[one].names.includes(name)) ?? name;
    addFact(key, Array.isArray(told) ? told.join("\n") : String(told));
  }
}

/** {name: text or list of points}; what was typed beside a gap counts as well. */
export function facts() {
  const found = {};
  for (const row of rows.children) {
    const name = row.dataset.name || row.querySelector(".fact-name").value.trim();
    keep(found, name, row.querySelector("textarea").value);
  }
  for (const area of gapList.querySelectorAll("textarea")) {
    if (area.value.trim()) {
      keep(found, area.dataset.gap, area.value);
      addFact(area.dataset.gap, area.value);
    }
  }
  return found;
}

function keep(found, name, text) {
  const lines = text.split("\n").map((one) => one.trim()).filter(Boolean);
  if (name && lines.length) found[name] = lines.length > 1 ? lines : lines[0];
}

/** What is missing, each with its question and what earlier documents said. */
export function showGaps(gaps) {
  gapBox.hidden = !gaps.length;
  document.getElementById("gap-count").textContent = gaps.length || "";
  gapList.replaceChildren(...gaps.map(gapRow));
}

function gapRow(gap) {
  const frame = FRAME[gap.field];
  const id = frame ?? `gap-${gap.field}`;
  const area = frame ? null : make("textarea", { className: "textarea", id, rows: 1, maxLength: 4000, dataset: { gap: gap.field } });
  const row = make("div", { className: "field" }, make("label", { for: id, textContent: gap.question }), area);
  if (gap.suggestions.length) {
    const chips = gap.suggestions.map((one) => suggestion(one, () => area ?? document.getElementById(frame)));
    row.append(make("div", { className: "suggestions" }, ...chips));
  }
  return row;
}

function suggestion(one, target) {
  const chip = make("button", { className: "chip", textContent: one.value, title: say("from", { sources: `《${one.source.title}》` }) });
  chip.addEventListener("click", () => {
    target().value = one.value;
    target().focus();
  });
  return chip;
}

/** To the place where a missing fact is typed. */
export function focusGap(mark) {
  const word = mark.slice(4, -1);
  const name = Object.keys(labels).find((one) => labels[one].names.includes(word)) ?? word;
  const area = document.getElementById(`gap-${name}`) ?? document.getElementById(FRAME[name] ?? "");
  area?.focus();
  area?.scrollIntoView({ block: "center" });
}
