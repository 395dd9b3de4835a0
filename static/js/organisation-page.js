// Departments and groups: one dialog of each kind for all rows.
import { call } from "./api.js";
import { clear } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const FIELDS = { department: { name: "name", parent_id: "parent", heads: "heads" }, group: { name: "name", description: "description", members: "members" } };
const ADDRESS = { department: "departments", group: "groups" };
let subject = null;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-edit]");
  if (opener) open(opener.dataset);
  if (event.target.closest("[data-delete]")) remove();
});

function open(row) {
  subject = { kind: row.edit, name: row.name, url: `/api/v1/${ADDRESS[row.edit]}/${row.id}` };
  const dialog = document.getElementById(`edit-${row.edit}`);
  const form = dialog.querySelector("form");
  form.reset();
  clear(form);
  form.dataset.call = `PATCH ${subject.url}`;
  for (const [field, name] of Object.entries(FIELDS[row.edit])) form.elements[field].value = row[name] ?? "";
  dialog.querySelector("h2").textContent = say("department_heading", { name: row.name });
  dialog.showModal();
}

async function remove() {
  const { kind, name, url } = subject;
  const text = say(`delete_${kind}_text`);
  if (!(await ask({ heading: say("delete_heading", { name }), text, confirm: say("delete") }))) return;
  try {
    await call(url, { method: "DELETE" });
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}
