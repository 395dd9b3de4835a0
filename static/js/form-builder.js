// The form builder: a description or a template becomes a form; fields are changed at the left, tried at the right.
import { call } from "./api.js";
import { clear, complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { make } from "./dom.js";
import { showFields } from "./form-fields.js";
import { showFaults, showForm } from "./form-live.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const brief = document.getElementById("brief-form");
const live = document.getElementById("live");
const title = document.getElementById("f-title");
const list = document.getElementById("fields");
const state = document.getElementById("form-state");
let form = null;

async function build(json) {
  clear(brief);
  const button = document.getElementById("make");
  button.disabled = true;
  try {
    show(await call(brief.dataset.url, { method: "POST", json, timeout: 120_000 }));
    history.replaceState(null, "", `${brief.dataset.page}${form.id}/`);
    told(say("built"));
  } catch (error) {
    complain(brief, error);
  } finally {
    button.disabled = false;
  }
}

brief.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = brief.elements.brief.value.trim();
  if (text) build({ brief: text });
  else brief.elements.brief.focus();
});

document.querySelectorAll("[data-template]").forEach((chip) => chip.addEventListener("click", () => build({ template: chip.dataset.template })));

function show(made) {
  form = made;
  title.value = form.title;
  document.getElementById("builder").hidden = false;
  document.getElementById("form-bar").hidden = false;
  document.querySelector(".templates").open = false;
  document.getElementById("get-sheet").href = form.docx_url;
  showFields(list, form.fields, (fields) => save({ fields }));
  showForm(live, form, { check });
  const gaps = document.getElementById("form-gaps");
  gaps.hidden = !form.gaps.length;
  gaps.replaceChildren(make("h2", { textContent: say("missing") }), ...form.gaps.map((gap) => make("p", { textContent: gap.question })));
}

/** Keep a change; checks whose fields are gone go with them. */
async function save({ fields = form.fields, name = form.title }) {
  const keys = new Set(fields.flatMap((one) => [one.key, ...(one.columns ?? []).map((column) => `${one.key}.${column.key}`)]));
  const checks = form.checks.filter((one) => one.fields.every((key) => keys.has(key)));
  try {
    show(await call(`${brief.dataset.url}/${form.id}`, { method: "PUT", json: { title: name, fields, checks } }));
    told(say("saved"));
  } catch (error) {
    toast(error.message, { kind: "error" });
    show(form);
  }
}

async function check(values) {
  try {
    showFaults(live, await call(`${brief.dataset.url}/${form.id}/check`, { method: "POST", json: { values } }));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

function told(text) {
  state.textContent = text;
  state.dataset.state = "ready";
}

title.addEventListener("change", () => title.value.trim() && save({ name: title.value.trim() }));
document.getElementById("field-add").addEventListener("click", async () => {
  await save({ fields: [...form.fields, { title: say("new_field"), control: "Text" }] });
  list.lastElementChild?.querySelector("input")?.select();
});
document.getElementById("copy-schema").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(JSON.stringify({ json_schema: form.json_schema, ui_schema: form.ui_schema }, null, 2));
    toast(say("copied"));
  } catch {
    toast(say("copy_failed"), { kind: "error" });
  }
});
document.getElementById("form-remove").addEventListener("click", async () => {
  if (!(await ask({ heading: say("delete_form"), text: say("delete_form_text"), confirm: say("delete") }))) return;
  try {
    await call(`${brief.dataset.url}/${form.id}`, { method: "DELETE" });
    location.assign(brief.dataset.page);
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});

const kept = document.getElementById("form");
if (kept) show(JSON.parse(kept.textContent));
