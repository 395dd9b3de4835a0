// The live form: each field as the control that people will see; its values as the interface takes them.
import { make } from "./dom.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";

const TYPES = { Number: "number", Money: "number", Date: "date", PhoneNumber: "tel" };

/** Show the form; `check` is called when somebody tries it. */
export function showForm(place, form, { check }) {
  const made = make("form", { className: "live-form", noValidate: true, autocomplete: "off" });
  made.append(...form.fields.map(field));
  const go = make("button", { className: "button", type: "submit" }, icon("check", { small: true }), say("try"));
  made.append(make("div", { className: "row" }, go, make("p", { className: "hint", id: "try-state" })));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    check(values(made, form));
  });
  made.style.display = "grid";
  made.style.gap = "16px";
  place.replaceChildren(make("h2", { textContent: form.title }), made);
}

function field(one) {
  if (one.control === "Tips") return make("p", { className: "tips", textContent: one.hint ? `${one.title}：${one.hint}` : one.title });
  const id = `live-${one.key}`;
  const label = make("label", { for: id, textContent: one.title }, one.required ? make("span", { className: "must", textContent: " *" }) : null);
  const hint = one.hint ? make("p", { className: "hint", textContent: one.hint }) : null;
  return make("div", { className: "field", dataset: { key: one.key } }, label, control(one, id), hint);
}

function control(one, id) {
  if (one.control === "Textarea") return make("textarea", { className: "textarea", id });
  if (one.control === "DateRange") return range(id);
  if (one.control === "Table") return table(one);
  if (one.control === "Selector") return choices(one, id);
  if (one.control === "File") return make("input", { className: "input", id, type: "file", multiple: true });
  const made = make("input", { className: "input", id, type: TYPES[one.control] ?? "text" });
  if (one.control === "Money") Object.assign(made, { step: "0.01", min: "0", placeholder: "¥" });
  if (one.control === "Number") made.step = "any";
  if (one.control === "BankAccount") made.inputMode = "numeric";
  return made;
}

function range(id) {
  const start = make("input", { className: "input", id, type: "date", dataset: { part: "start" } });
  const end = make("input", { className: "input", type: "date", dataset: { part: "end" }, "aria-label": say("end") });
  return make("div", { className: "range" }, start, make("span", { className: "faint", textContent: "–" }), end);
}

/** In a cell, where no id is given, a list to pull down: round buttons need a name of their own in each row. */
function choices(one, id) {
  if (!id || one.options.length > 6 || one.many || !one.options.length) {
    const made = make("select", { className: "select", id, multiple: one.many });
    if (!one.many) made.append(make("option", { value: "", textContent: "–" }));
    made.append(...one.options.map((text) => make("option", { value: text, textContent: text })));
    return made;
  }
  const radios = one.options.map((text, place) => {
    const radio = make("input", { type: "radio", name: id, value: text });
    if (!place) radio.id = id;
    return make("label", { className: "check" }, radio, text);
  });
  return make("div", { className: "choices" }, ...radios);
}

function table(one) {
  const body = make("tbody");
  const row = () => make("tr", {}, ...one.columns.map((column) => make("td", { dataset: { column: column.key } }, cell(column))));
  body.append(row());
  const head = make("thead", {}, make("tr", {}, ...one.columns.map((column) => make("th", { scope: "col", textContent: column.title }))));
  const more = make("button", { className: "button quiet small" }, icon("plus", { small: true }), say("row"));
  more.addEventListener("click", () => body.append(row()));
  return make("div", { className: "rows" }, make("table", { className: "table" }, head, body), more);
}

function cell(column) {
  const made = control(column, "");
  made.setAttribute("aria-label", column.title);
  return made;
}

function values(place, form) {
  const found = {};
  for (const one of form.fields) {
    const holder = place.querySelector(`[data-key="${one.key}"]`);
    const value = holder && (one.control === "Table" ? rowsOf(holder, one) : valueOf(holder, one));
    if (value !== undefined && value !== null) found[one.key] = value;
  }
  return found;
}

function rowsOf(holder, one) {
  const rows = [...holder.querySelectorAll("tbody tr")].map((row) => {
    const cells = one.columns.map((column) => [column.key, valueOf(row.querySelector(`[data-column="${column.key}"]`), column)]);
    return Object.fromEntries(cells.filter(([, value]) => value !== undefined));
  });
  const filled = rows.filter((row) => Object.keys(row).length);
  return filled.length ? filled : undefined;
}

function valueOf(holder, one) {
  if (one.control === "DateRange") {
    const [start, end] = ["start", "end"].map((part) => holder.querySelector(`[data-part="${part}"]`).value);
    return start || end ? { start, end } : undefined;
  }
  if (one.control === "File") {
    const names = [...holder.querySelector("input").files].map((file) => file.name);
    return names.length ? names : undefined;
  }
  if (one.many) {
    const chosen = [...holder.querySelector("select").selectedOptions].map((option) => option.value);
    return chosen.length ? chosen : undefined;
  }
  const text = holder.querySelector("input:checked, select, textarea, input:not([type=radio])")?.value.trim() ?? "";
  if (!text) return undefined;
  return ["Number", "Money"].includes(one.control) ? Number(text) : text;
}

/** The answer of a check: sentences at their fields, a cell's at its table. */
export function showFaults(place, answer) {
  place.querySelectorAll(".error").forEach((item) => item.remove());
  place.querySelectorAll('[aria-invalid="true"]').forEach((item) => item.removeAttribute("aria-invalid"));
  for (const { field: key, message } of answer.errors) {
    const [name, row, column] = key.split(".");
    const holder = place.querySelector(`[data-key="${name}"]`);
    if (!holder) continue;
    const cell = column ? holder.querySelectorAll("tbody tr")[Number(row)]?.querySelector(`[data-column="${column}"]`) : null;
    (cell ?? holder).querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
    (cell ?? holder).append(make("p", { className: "error", textContent: message }));
  }
  document.getElementById("try-state").textContent = answer.valid ? say("fits") : say("does_not_fit");
  place.querySelector('[aria-invalid="true"]')?.focus();
}
