// Usage: a limit is set by the form's own call, and taken away here.
import { call } from "./api.js";
import "./call-form.js";
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-quota-delete]");
  if (!button) return;
  const row = button.closest("tr");
  try {
    await call(`/api/v1/quotas/${row.dataset.quota}`, { method: "DELETE" });
    row.remove();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});
