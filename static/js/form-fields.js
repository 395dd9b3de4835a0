// The list of fields: title, control, options, order. Every change is told to `changed` with the whole form.
import { make } from "./dom.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";

const controls = JSON.parse(document.getElementById("controls").textContent);
const IN_TABLES = controls.filter(({ name }) => !["Table", "Tips", "DateRange"].includes(name)).map(({ name }) => name);

const COMMA = document.documentElement.lang.startsWith("zh") ? "、" : ", ";

export function showFields(place, fields, changed) {
  place.replaceChildren(...fields.map((one, at) => row(one, at, fields, changed)));
}

function row(one, at, fields, changed) {
  const title = make("input", { className: "input", value: one.title, maxLength: 40, "aria-label": say("title") });
  title.addEventListener("change", () => title.value.trim() && changed(fields.with(at, { ...one, title: title.value.trim() })));
  const control = make("select", { className: "select", "aria-label": say("control") }, ...controls.map(option(one.control)));
  control.addEventListener("change", () => changed(fields.with(at, { ...one, control: control.value })));
  const away = tool("trash", say("field_remove", { name: one.title }), () => changed(fields.toSpliced(at, 1)));
  const item = make("li", {}, title, control, away);
  if (one.control === "Selector") item.append(words(one.options.join(COMMA), say("options"), (list) => changed(fields.with(at, { ...one, options: list }))));
  if (one.control === "Table") item.append(words(one.columns.map((column) => column.title).join(COMMA), say("columns"), (list) => changed(fields.with(at, { ...one, columns: columns(one, list) }))));
  item.append(tools(one, at, fields, changed));
  return item;
}

const option = (chosen) => ({ name, label }) => make("option", { value: name, textContent: label, selected: name === chosen });

function tools(one, at, fields, changed) {
  const must = make("input", { type: "checkbox", checked: one.required });
  must.addEventListener("change", () => changed(fields.with(at, { ...one, required: must.checked })));
  const move = (by) => changed(fields.toSpliced(at, 1).toSpliced(at + by, 0, one));
  const up = tool("chevron-down", say("up", { name: one.title }), () => move(-1));
  up.querySelector(".icon").style.rotate = "180deg";
  const down = tool("chevron-down", say("down", { name: one.title }), () => move(1));
  up.disabled = at === 0;
  down.disabled = at === fields.length - 1;
  return make("div", { className: "tools" }, make("label", { className: "check" }, must, say("must")), up, down);
}

function tool(name, label, run) {
  const button = make("button", { className: "button icon small", "aria-label": label, title: label }, icon(name, { small: true }));
  button.addEventListener("click", run);
  return button;
}

function words(text, label, done) {
  const input = make("input", { className: "input wide", value: text, placeholder: label, "aria-label": label });
  input.addEventListener("change", () => done(input.value.split(/[、，,；;/]/).map((word) => word.trim()).filter(Boolean)));
  return input;
}

/** The columns of these titles; one that was there keeps its control. */
function columns(one, titles) {
  return titles.map((title) => one.columns.find((column) => column.title === title) ?? { title, control: guess(title) });
}

function guess(title) {
  const found = [["Money", /金额|单价|费|amount|price|cost/i], ["Number", /数量|天数|人数|number|quantity/i], ["Date", /日期|时间|date/i]].find(([, words]) => words.test(title));
  return found && IN_TABLES.includes(found[0]) ? found[0] : "Text";
}
