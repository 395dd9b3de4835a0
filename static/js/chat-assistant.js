// The assistant of a conversation: on the empty page it brings its own first questions, later it only changes.
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const form = document.getElementById("composer");
const label = document.getElementById("assistant-label");
const chip = document.getElementById("assistant-chip");
let before = form.querySelector("input[name=assistant]:checked");

form.addEventListener("change", async ({ target }) => {
  if (target.name !== "assistant") return;
  document.getElementById("assistant-menu").hidePopover();
  const { conversation } = form.dataset;
  if (!conversation) return location.assign(target.value ? `/?assistant=${target.value}` : "/");
  try {
    await call(`/api/v1/conversations/${conversation}`, { method: "PATCH", json: { assistant_id: target.value || null } });
    before = target;
  } catch (error) {
    before.checked = true;
    toast(error.message, { kind: "error" });
  }
  label.textContent = before.dataset.name ?? say("assistant");
  chip.setAttribute("aria-pressed", String(Boolean(before.value)));
});
