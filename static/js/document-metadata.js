// Metadata and validity: what reading suggests is confirmed here; a document that this one repeals is marked.
import { complain, clear } from "./call-form.js";
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const { id } = document.getElementById("document").dataset;

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-metadata]");
  if (!form) return;
  event.preventDefault();
  clear(form);
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  const metadata = Object.fromEntries(new FormData(form));
  try {
    await call(`/api/v1/documents/${id}`, { method: "PATCH", json: { metadata } });
    location.assign("?tab=details");
  } catch (error) {
    complain(form, error);
    button.disabled = false;
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-repeal]");
  if (!button) return;
  button.disabled = true;
  const metadata = { repealed_on: button.dataset.day, superseded_by: id };
  try {
    await call(`/api/v1/documents/${button.dataset.repeal}`, { method: "PATCH", json: { metadata } });
    button.closest(".row").remove();
    toast(say("marked_repealed", { name: button.dataset.name }));
  } catch (error) {
    button.disabled = false;
    toast(error.message, { kind: "error" });
  }
});
