// The profile: a changed password, a new key shown once, a key revoked.
import { call } from "./api.js";
import { complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const passwordForm = document.getElementById("password-form");
const keyForm = document.getElementById("key-form");
const secretDialog = document.getElementById("key-secret");

// Before call-form.js sends it (it listens on the document, after this).
passwordForm.addEventListener("submit", (event) => {
  const again = document.getElementById("new-password-again");
  if (!again.value || again.value === passwordForm.elements.new_password.value) return;
  event.preventDefault();
  event.stopPropagation();
  complain(passwordForm, { message: say("password_differs"), problem: { errors: [{ field: again.id, message: say("password_differs") }] } });
});
passwordForm.addEventListener("called", () => {
  passwordForm.reset();
  toast(say("password_changed"));
});

keyForm.addEventListener("submit", (event) => {
  if (keyForm.querySelector("[name=scopes]:checked")) return;
  event.preventDefault();
  event.stopPropagation();
  complain(keyForm, { message: say("choose_scope"), problem: null });
});
keyForm.addEventListener("called", ({ detail }) => {
  keyForm.closest("dialog").close();
  show(detail);
});

function show(key) {
  document.getElementById("secret-text").textContent = key.secret;
  document.getElementById("secret-key").textContent = key.id;
  for (const hint of secretDialog.querySelectorAll("[data-when]")) {
    const when = hint.dataset.when;
    hint.hidden = when === "renewed" ? !key.previous_until : when !== (key.signed ? "signed" : "sent");
  }
  secretDialog.showModal();
}

// The cabinets to choose from are asked for when the dialog is first opened.
const cabinets = document.getElementById("key-cabinets");
document.querySelector('[data-dialog-open="new-key"]').addEventListener("click", offerCabinets, { once: true });

async function offerCabinets() {
  const { items } = await call("/api/v1/cabinets?limit=200");
  cabinets.hidden = !items.length;
  cabinets.querySelector(".check-list").append(...items.map(({ id, name }) => {
    const label = Object.assign(document.createElement("label"), { className: "check" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "cabinet_ids", value: id });
    box.dataset.kind = "list";
    label.append(box, Object.assign(document.createElement("span"), { textContent: name }));
    return label;
  }));
}
// The secret is gone for good once this closes: only the button closes it, not Escape or a slip.
secretDialog.addEventListener("cancel", (event) => event.preventDefault());
secretDialog.querySelector("[data-secret-kept]").addEventListener("click", () => location.reload());

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-rotate]");
  if (!button) return;
  const { key, name } = button.closest("tr").dataset;
  if (!(await ask({ heading: say("renew_key", { name }), text: say("renew_key_text"), confirm: say("renew") }))) return;
  try {
    show(await call(`/api/v1/keys/${key}/rotate`, { method: "POST", json: {} }));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-revoke]");
  if (!button) return;
  const { key, name } = button.closest("tr").dataset;
  if (!(await ask({ heading: say("revoke_key", { name }), text: say("revoke_key_text"), confirm: say("revoke") }))) return;
  try {
    await call(`/api/v1/keys/${key}`, { method: "DELETE" });
    button.closest("tr").remove();
    toast(say("revoked"));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});
