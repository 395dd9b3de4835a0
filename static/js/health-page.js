// The examination on the health page: asked for here, made in the background; the table asks for itself meanwhile.
import { call } from "./api.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const part = document.getElementById("examination");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-examine]");
  if (!button) return;
  const repair = button.dataset.examine === "repair";
  if (repair && !(await ask({ heading: say("repair_heading"), text: say("repair_text"), confirm: say("repair_confirm"), danger: false }))) return;
  button.disabled = true;
  try {
    await call("/api/v1/examination", { method: "POST", json: { repair } });
    toast(say("examination_asked"));
  } catch (error) {
    button.disabled = false;
    toast(error.message, { kind: "error" });
  }
  window.htmx?.ajax("GET", part.getAttribute("hx-get"), { target: part, swap: "innerHTML" });
});

// An open "for the log" stays open: nothing is exchanged under the reader's eyes.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("#examination [hx-trigger]") && part.querySelector("details[open]")) event.preventDefault();
});
