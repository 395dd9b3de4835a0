// Assistants: the form that makes and changes one, copying, deleting.
import { call } from "./api.js";
import { clear, complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const form = document.getElementById("assistant-form");
const examples = document.getElementById("examples");

document.getElementById("more-examples")?.addEventListener("click", () => {
  const made = examples.lastElementChild.cloneNode(true);
  made.querySelectorAll("[data-example]").forEach((field) => (field.value = ""));
  examples.append(made);
  made.querySelector("input").focus();
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  clear(form);
  const button = form.querySelector("button.primary");
  button.disabled = true;
  try {
    await call(form.dataset.url, { method: form.dataset.method, json: body() });
    location.assign(form.dataset.then);
  } catch (error) {
    complain(form, error);
    button.disabled = false;
  }
});

function body() {
  const text = (name) => form.elements[name].value;
  const ticked = (name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map(({ value }) => value);
  const names = ["name", "description", "role", "task", "requirements", "supplement", "model"];
  return {
    ...Object.fromEntries(names.map((name) => [name, text(name)])),
    questions: text("questions").split("\n"),
    examples: [...examples.children].map((row) => Object.fromEntries(
      [...row.querySelectorAll("[data-example]")].map((field) => [field.dataset.example, field.value]))),
    cabinet_ids: ticked("cabinet_ids"),
    departments: ticked("departments"),
    everyone: form.elements.everyone.checked,
    parameters: Object.fromEntries(
      [...form.querySelectorAll("[data-parameter]")].filter(({ value }) => value.trim())
        .map((field) => [field.dataset.parameter, Number(field.value)])),
  };
}

document.addEventListener("click", async (event) => {
  const action = event.target.closest("[data-assistant]");
  if (!action) return;
  const { id, name } = action.closest("[data-id]").dataset;
  const url = `/api/v1/assistants/${id}`;
  try {
    if (action.dataset.assistant === "copy") {
      const made = await call(`${url}/copy`, { method: "POST" });
      return location.assign(`/assistants/${made.id}/`);
    }
    if (!(await ask({ heading: say("delete_heading", { name }), text: say("delete_text"), confirm: say("delete") }))) return;
    await call(url, { method: "DELETE" });
    location.assign("/assistants/");
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});
