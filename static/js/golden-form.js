// One golden question: documents are chosen one by one, words stand one in a line.
import { call } from "./api.js";
import { clear, complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const form = document.getElementById("golden-form");
const chosen = document.getElementById("g-chosen");
const field = document.getElementById("g-document");
const unanswerable = document.getElementById("g-unanswerable");
const remove = document.getElementById("delete-question");

const names = () => [...chosen.children].map((row) => row.dataset.name);

function removable(row) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button icon small" });
  button.setAttribute("aria-label", say("remove_document", { name: row.dataset.name }));
  button.append(icon("close", { small: true }));
  button.addEventListener("click", () => {
    row.remove();
    field.focus();
  });
  row.append(button);
}

/** What is typed becomes one of the chosen documents; false where nothing was typed. */
function choose() {
  const name = field.value.trim();
  if (!name) return false;
  if (!names().includes(name)) {
    const row = Object.assign(document.createElement("li"), {});
    row.dataset.name = name;
    row.append(Object.assign(document.createElement("span"), { textContent: name }));
    removable(row);
    chosen.append(row);
  }
  field.value = "";
  return true;
}

const show = () => (document.getElementById("g-answerable").hidden = unanswerable.checked);

[...chosen.children].forEach(removable);
show();
unanswerable.addEventListener("change", show);
document.getElementById("g-add").addEventListener("click", () => {
  choose();
  field.focus();
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (!choose()) form.requestSubmit();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clear(form);
  choose();
  const { question, answer, passage, words } = form.elements;
  const open = !unanswerable.checked;
  const body = {
    question: question.value,
    answer: answer.value,
    unanswerable: !open,
    documents: open ? names() : [],
    passage: open ? passage.value : "",
    words: open ? words.value.split("\n").map((word) => word.trim()).filter(Boolean) : [],
  };
  const button = form.querySelector("button.primary");
  button.disabled = true;
  try {
    await call(form.dataset.url, { method: form.dataset.method, json: body });
    location.assign(form.dataset.then);
  } catch (error) {
    complain(form, error);
    button.disabled = false;
  }
});

remove?.addEventListener("click", async () => {
  if (!(await ask({ heading: say("delete_question"), text: say("delete_question_text"), confirm: say("delete") }))) return;
  try {
    await call(remove.dataset.url, { method: "DELETE" });
    location.assign(form.dataset.then);
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});
