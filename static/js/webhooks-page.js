// Webhooks: made with a secret that is shown once, tried out, switched and deleted.
import { call } from "./api.js";
import { complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const PAUSE_MS = 800;
const MOST_ASKED = 15;
const form = document.getElementById("hook-form");
const secret = document.getElementById("hook-secret");

// Before call-form.js sends it (it listens on the document, after this).
form.addEventListener("submit", (event) => {
  if (form.querySelector("[name=events]:checked")) return;
  event.preventDefault();
  event.stopPropagation();
  complain(form, { message: say("choose_event"), problem: null });
});
form.addEventListener("called", ({ detail }) => {
  form.closest("dialog").close();
  document.getElementById("secret-text").textContent = detail.secret;
  secret.showModal();
});
// The secret is gone for good once this closes: only the button closes it, not Escape or a slip.
secret.addEventListener("cancel", (event) => event.preventDefault());
secret.querySelector("[data-secret-kept]").addEventListener("click", () => location.reload());

/** Send a test and look after it until it was tried once. */
async function test(base) {
  toast(say("sending"));
  const sent = await call(`${base}/ping`, { method: "POST" });
  for (let asked = 0; asked < MOST_ASKED; asked += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const { items } = await call(`${base}/deliveries?limit=20`);
    const tried = items.find((one) => one.id === sent.id)?.log.at(-1);
    if (tried) return tried.status >= 200 && tried.status < 300 ? say("test_taken", { status: tried.status }) : say("test_refused");
  }
  return say("test_waiting");
}

async function act(button, hook) {
  const base = `/api/v1/webhooks/${hook.dataset.hook}`;
  if (button.dataset.remove !== undefined) {
    const text = say("delete_hook_text", { url: hook.dataset.url });
    if (!(await ask({ heading: say("delete_hook"), text, confirm: say("delete") }))) return;
    await call(base, { method: "DELETE" });
  } else if (button.dataset.switch) {
    await call(base, { method: "PATCH", json: { enabled: button.dataset.switch === "on" } });
  } else {
    sessionStorage.setItem("askive-webhook", await test(base));
  }
  location.reload();
}

document.getElementById("hooks").addEventListener("click", async (event) => {
  const button = event.target.closest("[data-test], [data-switch], [data-remove]");
  if (!button) return;
  button.disabled = true;
  try {
    await act(button, button.closest("[data-hook]"));
  } catch (error) {
    toast(error.message, { kind: "error" });
  } finally {
    button.disabled = false;
  }
});

const told = sessionStorage.getItem("askive-webhook");
sessionStorage.removeItem("askive-webhook");
if (told) toast(told);
