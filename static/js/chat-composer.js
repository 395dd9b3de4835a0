// The composer: a growing field, the choice of cabinets and model, send and stop.
import { say } from "./strings.js";

const form = document.getElementById("composer");
const field = document.getElementById("content");
const sendButton = document.getElementById("send");
const stopButton = document.getElementById("stop");
const scope = document.getElementById("scope-menu");
const everything = scope.querySelector("[data-scope-all]");
const boxes = [...scope.querySelectorAll("input[name=cabinet]")];
const listeners = { send: null, stop: null };

export const composer = {
  form,
  get model() {
    return form.querySelector("input[name=model]:checked")?.value ?? "";
  },
  onSend: (run) => (listeners.send = run),
  onStop: (run) => (listeners.stop = run),
  busy(state) {
    const hadFocus = document.activeElement === sendButton || document.activeElement === stopButton;
    sendButton.hidden = state;
    stopButton.hidden = !state;
    if (hadFocus) (state ? stopButton : field).focus();
  },
  /** Give a question back that could not be sent, unless something new was typed. */
  refill(content) {
    if (!field.value.trim()) fill(content);
  },
};

function fill(text) {
  field.value = text;
  grow();
}

/** For browsers without field-sizing: as high as its lines. */
function grow() {
  sendButton.setAttribute("aria-disabled", String(!field.value.trim()));
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function submit() {
  const content = field.value.trim();
  if (!content || sendButton.hidden) return;
  fill("");
  const cabinetIds = boxes.filter((box) => box.checked).map((box) => box.value);
  listeners.send?.({ content, cabinetIds, model: composer.model });
}

field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  // An input method uses Enter to take a candidate; 229 is what Safari says just after it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
stopButton.addEventListener("click", () => listeners.stop?.());
document.addEventListener("keydown", (event) => {
  const busy = !stopButton.hidden && event.key === "Escape" && document.getElementById("panel").hidden;
  if (busy && !document.querySelector("dialog[open], .menu:popover-open")) listeners.stop?.();
});
document.addEventListener("click", (event) => {
  const suggestion = event.target.closest("[data-suggestion]");
  if (!suggestion) return;
  fill(suggestion.textContent.trim());
  submit();
});

// Scope: all cabinets, or the chosen ones; choosing none is all.
scope.addEventListener("change", (event) => {
  if (event.target === everything) boxes.forEach((box) => (box.checked = false));
  everything.checked = !boxes.some((box) => box.checked);
  label();
});
form.addEventListener("change", (event) => {
  const chosen = document.getElementById("model-label");
  if (event.target.name !== "model" || !chosen) return;
  chosen.textContent = event.target.value;
  document.getElementById("model-menu").hidePopover();
});

function label() {
  const chosen = boxes.filter((box) => box.checked);
  const one = chosen.length === 1 ? chosen[0].dataset.name : say("some_cabinets", { count: chosen.length });
  document.getElementById("scope-label").textContent = chosen.length ? one : say("all_cabinets");
  document.getElementById("scope-chip").setAttribute("aria-pressed", String(chosen.length > 0));
}

label();
grow();
// Not where it would raise a keyboard over the page.
if (!form.dataset.conversation && matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
