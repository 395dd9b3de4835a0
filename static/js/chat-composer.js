// The composer: a growing field, the choice of cabinets and model, send and stop.
import { count, model } from "./chat-model.js";
import { chosenPlaces, clearPlaces, onPlaces, stillReading } from "./chat-scope.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

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
    return model.name;
  },
  get scope() {
    return { ...chosenPlaces(), cabinet_ids: boxes.filter((box) => box.checked).map((box) => box.value) };
  },
  get rewrites() {
    return model.rewrites;
  },
  get isBusy() {
    return sendButton.hidden;
  },
  /** What a question is asked with, beside its words. */
  get chosen() {
    return { scope: composer.scope, model: model.name, also: model.also, parameters: model.parameters };
  },
  counted: count,
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
  const waiting = stillReading();
  if (waiting) return toast(say("still_reading", { name: waiting }));
  fill("");
  listeners.send?.({ content, ...composer.chosen });
}

field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  // An input method uses Enter to take a candidate; 229 is what Safari says just after it.
  if (event.defaultPrevented || event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
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
  if (event.target === everything) {
    boxes.forEach((box) => (box.checked = false));
    clearPlaces();
  }
  label();
});

function label() {
  const chosen = boxes.filter((box) => box.checked);
  const { folder_ids: folders, document_ids: documents } = chosenPlaces();
  const narrowed = folders.length + documents.length > 0;
  const one = chosen.length === 1 ? chosen[0].dataset.name : say("some_cabinets", { count: chosen.length });
  const none = narrowed ? say("chosen_places") : say("all_cabinets");
  everything.checked = !chosen.length && !narrowed;
  document.getElementById("scope-label").textContent = chosen.length ? one : none;
  document.getElementById("scope-chip").setAttribute("aria-pressed", String(chosen.length > 0 || narrowed));
}

onPlaces(label);
label();
grow();
// Not where it would raise a keyboard over the page.
if (!form.dataset.conversation && matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
