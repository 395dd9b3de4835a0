// Branches: the other versions of a question or an answer, and asking in other words.
import { call, fragment } from "./api.js";
import { composer } from "./chat-composer.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const turns = document.getElementById("turns");
let shown = null;
let edited = null;
export const onShown = (run) => (shown = run);
export const onEdited = (run) => (edited = run);

turns.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show], [data-edit]");
  if (!button || composer.isBusy) return;
  if (button.dataset.show) show(button.dataset.show);
  else if (button.matches("[data-edit]")) edit(button.closest(".asked"));
});

/** Show the branch of a message; the conversation remembers it. */
async function show(messageId) {
  try {
    await call(`/api/v1/messages/${messageId}/show`, { method: "POST" });
    turns.innerHTML = await fragment(`/c/${composer.form.dataset.conversation}/`);
    shown?.();
    turns.querySelector(`[data-question="${messageId}"], [data-message="${messageId}"]`)?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

function edit(asked) {
  if (asked.querySelector("form")) return;
  const words = asked.querySelector(".question");
  const form = document.getElementById("edit-template").content.firstElementChild.cloneNode(true);
  const field = form.querySelector("textarea");
  field.value = words.textContent;
  words.hidden = true;
  words.after(form);
  field.focus();
  const close = () => {
    form.remove();
    words.hidden = false;
    asked.querySelector("[data-edit]")?.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const content = field.value.trim();
    if (!content) return;
    while (asked.nextElementSibling) asked.nextElementSibling.remove();
    asked.remove();
    edited?.({ content }, asked.dataset.question);
  });
  form.querySelector("[data-cancel]").addEventListener("click", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  field.setAttribute("aria-label", say("edit_label"));
}
