// The inbox: settle a question, open it again, or answer it with a document.
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const dialog = document.getElementById("answer-dialog");
const form = dialog.querySelector("form");
let item = null;

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-inbox]")?.dataset.inbox;
  if (!action) return;
  item = event.target.closest(".inbox-item");
  if (action === "answer") open();
  else settle(action === "done");
});

async function settle(done) {
  const row = item;
  const url = `/api/v1/inbox/${row.dataset.id}`;
  row.hidden = true;
  try {
    await call(url, { method: "PATCH", json: { done } });
  } catch (error) {
    row.hidden = false;
    return toast(error.message, { kind: "error" });
  }
  const back = () => call(url, { method: "PATCH", json: { done: !done } }).then(() => (row.hidden = false))
    .catch((error) => toast(error.message, { kind: "error" }));
  toast(say(done ? "settled" : "reopened"), { action: { label: say("undo"), run: back } });
}

const question = () => item.querySelector(".inbox-question").textContent.trim();

function open() {
  dialog.querySelector("[data-question]").textContent = question();
  form.elements.cabinet.replaceChildren(item.querySelector("template").content.cloneNode(true));
  form.elements.title.value = question().split("\n")[0].slice(0, 120);
  form.elements.text.value = "";
  form.querySelector(".error").textContent = "";
  dialog.showModal();
  form.elements.text.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { cabinet, title, text, golden } = form.elements;
  try {
    const json = { cabinet_id: cabinet.value, title: title.value, text: text.value };
    const made = await call(`/api/v1/inbox/${item.dataset.id}/answer`, { method: "POST", json });
    dialog.close();
    item.hidden = true;
    toast(say("answered"));
    if (golden.checked) await keepQuestion(made);
  } catch (error) {
    form.querySelector(".error").textContent = error.message;
  }
});

async function keepQuestion(made) {
  const json = { question: question(), documents: [made.filename] };
  try {
    await call(`/api/v1/cabinets/${made.cabinet_id}/golden-questions`, { method: "POST", json });
  } catch (error) {
    toast(say("golden_failed", { why: error.message }), { kind: "error" });
  }
}
