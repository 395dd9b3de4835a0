// Models: providers of answers in a dialog with a test; loading and switching of what searches as jobs.
import { call } from "./api.js";
import { clear, complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const dialog = document.getElementById("provider");
const form = dialog.querySelector("form");
const result = dialog.querySelector(".test-result");
const list = document.getElementById("search-models");
let edited = null;

const providerActs = { new: () => open(null), edit: open, delete: remove };
const modelActs = { pull, use, undo, cancel };

document.addEventListener("click", (event) => {
  const provider = event.target.closest("[data-provider]");
  if (provider) providerActs[provider.dataset.provider]({ ...provider.dataset });
  const model = event.target.closest("[data-model]");
  if (model && list.contains(model)) modelActs[model.dataset.model]({ ...model.dataset });
});

function open(data) {
  edited = data;
  form.reset();
  clear(form);
  result.textContent = "";
  form.dataset.call = data ? `PATCH /api/v1/providers/${data.id}` : "POST /api/v1/providers";
  dialog.querySelector("h2").textContent = data ? say("edit_heading", { name: data.name }) : say("add_heading");
  dialog.querySelector("[data-key-hint]").hidden = data?.hasKey === undefined;
  dialog.querySelector("[data-only-edit]").hidden = !data;
  form.elements.enabled.disabled = !data;
  if (data) {
    form.elements.name.value = data.name;
    form.elements.base_url.value = data.base;
    form.elements.model.value = data.model;
    form.elements.is_default.checked = data.default !== undefined;
    form.elements.enabled.checked = data.enabled !== undefined;
  }
  dialog.showModal();
}

dialog.querySelector("[data-provider-test]").addEventListener("click", async ({ currentTarget: button }) => {
  clear(form);
  const body = { base_url: form.elements.base_url.value };
  if (form.elements.api_key.value) body.api_key = form.elements.api_key.value;
  if (edited) body.provider_id = edited.id;
  button.disabled = true;
  tell(say("testing"), true);
  try {
    const found = await call("/api/v1/providers/test", { method: "POST", json: body });
    const names = found.models.slice(0, 8).join(", ");
    tell(found.ok ? say(names ? "test_found" : "test_none", { ms: found.ms, models: names }) : found.message, found.ok);
    document.getElementById("provider-models").replaceChildren(...found.models.map((name) => new Option(name, name)));
  } catch (error) {
    result.textContent = "";
    complain(form, error);
  } finally {
    button.disabled = false;
  }
});

function tell(text, ok) {
  result.textContent = text;
  result.dataset.ok = ok;
}

async function remove({ id, name }) {
  if (!(await ask({ heading: say("delete_heading", { name }), text: say("delete_text"), confirm: say("delete") }))) return;
  try {
    await call(`/api/v1/providers/${id}`, { method: "DELETE" });
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

async function pull({ name, size, hub }) {
  const sure = { heading: say("pull_heading", { name }), text: say("pull_text", { hub, size }), confirm: say("pull"), danger: false };
  if (await ask(sure)) await start(`/api/v1/models/${encodeURIComponent(name)}/pull`);
}

async function use({ name, kind }) {
  const text = say(kind === "reranker" ? "use_reranker_text" : "use_text");
  const sure = { heading: say("use_heading", { name }), text, confirm: say("use"), danger: false };
  if (await ask(sure)) await start(`/api/v1/models/${encodeURIComponent(name)}/use`);
}

async function undo({ kind }) {
  const text = say(kind === "reranker" ? "undo_reranker_text" : "undo_text");
  const sure = { heading: say("undo_heading"), text, confirm: say("undo"), danger: false };
  if (await ask(sure)) await start("/api/v1/models/undo", { kind });
}

function cancel({ id }) {
  return start(`/api/v1/model-jobs/${id}/cancel`, undefined, "cancelled");
}

async function start(url, json, done = "started") {
  try {
    await call(url, { method: "POST", json });
    toast(say(done));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
  window.htmx?.ajax("GET", list.getAttribute("hx-get"), { target: list, swap: "innerHTML" });
}
