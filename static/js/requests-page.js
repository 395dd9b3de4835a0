// Requests for access: a click decides.
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-decide]");
  if (!button) return;
  const row = button.closest("[data-request]");
  row.querySelectorAll("button").forEach((one) => (one.disabled = true));
  try {
    await call(`/api/v1/access-requests/${row.dataset.request}/${button.dataset.decide}`, { method: "POST", json: {} });
    row.remove();
    toast(say(button.dataset.decide === "approve" ? "approved" : "refused"));
  } catch (error) {
    row.querySelectorAll("button").forEach((one) => (one.disabled = false));
    toast(error.message, { kind: "error" });
  }
});
