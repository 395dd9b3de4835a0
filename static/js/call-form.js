// Forms that call the REST API: <form data-call="POST /api/v1/cabinets" data-then="/cabinets/{id}/">.
// Values become JSON by name: data-kind="boolean" (one check box), "number", "reference" (an id or null), "list" (several check boxes or
// comma-separated words), "date" (the end of that local day). Empty fields with data-optional are left out.
// data-then: an address with {id}, "reload", or nothing; the event "called" carries the answer.
import { call } from "./api.js";
import { say } from "./strings.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-call]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.running !== undefined || !filled(form)) return;
  await run(form);
});

async function run(form) {
  const [method, url] = form.dataset.call.split(" ", 2);
  const buttons = [...form.querySelectorAll("button:not([type=button])")];
  form.dataset.running = "";
  buttons.forEach((button) => (button.disabled = true));
  clear(form);
  try {
    const answer = await call(url, { method, json: values(form) });
    done(form, answer);
  } catch (error) {
    complain(form, error);
  } finally {
    delete form.dataset.running;
    buttons.forEach((button) => (button.disabled = false));
  }
}

function done(form, answer) {
  const then = form.dataset.then ?? "";
  const wanted = form.dispatchEvent(new CustomEvent("called", { bubbles: true, cancelable: true, detail: answer }));
  if (!wanted) return;
  if (then === "reload") location.reload();
  else if (then) location.assign(then.replace("{id}", encodeURIComponent(answer?.id ?? "")));
}

/** The values of a form as the body of a call. */
export function values(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled) continue;
    const kind = field.dataset.kind;
    if (kind === "boolean") body[field.name] = field.checked;
    else if (kind === "reference") body[field.name] = field.value || null;
    else if (kind === "number") body[field.name] = Number(field.value);
    else if (kind === "list" && field.type === "checkbox") (body[field.name] ??= []).push(...(field.checked ? [field.value] : []));
    else if (kind === "list") body[field.name] = field.value.split(/[,，、;；\n]/).map((word) => word.trim()).filter(Boolean);
    else if (field.dataset.optional !== undefined && !field.value) continue;
    else if (kind === "date") body[field.name] = new Date(`${field.value}T23:59:59`).toISOString();
    else body[field.name] = field.value;
  }
  return body;
}

function filled(form) {
  clear(form);
  const missing = [...form.querySelectorAll("[required]")].filter((field) => !field.value.trim());
  missing.forEach((field) => mark(field, say("required")));
  missing[0]?.focus();
  return !missing.length;
}

/** Show an ApiError at its fields, or above the buttons where it names none. */
export function complain(form, error) {
  const general = [];
  for (const { field, message } of error.problem?.errors ?? []) {
    const input = form.elements[field];
    if (input instanceof HTMLElement) mark(input, message);
    else general.push(message);
  }
  const marked = form.querySelector('[aria-invalid="true"]');
  if (marked) marked.focus();
  if (!marked || general.length) notice(form, general.join(" ") || error.message);
}

function mark(field, message) {
  const id = `${field.id || field.name}-error`;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.closest(".field")?.append(Object.assign(document.createElement("p"), { className: "error", id, textContent: message }));
}

function notice(form, message) {
  const box = Object.assign(document.createElement("div"), { className: "notice error form-error" });
  box.setAttribute("role", "alert");
  box.append(Object.assign(document.createElement("div"), { textContent: message }));
  (form.querySelector(".dialog-body") ?? form).append(box);
}

/** Take all complaints away. */
export function clear(form) {
  form.querySelectorAll(".field > .error, .form-error").forEach((item) => item.remove());
  form.querySelectorAll("[aria-invalid]").forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
}
