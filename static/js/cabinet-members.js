// Members: the list of one place is sent as a whole; what the server refuses is put back.
import { call } from "./api.js";
import { clear, complain } from "./call-form.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const root = document.getElementById("members");
const form = document.getElementById("add-member");
const PREFIXED = /^(user|department|group):|^everyone$/;

const rowsOf = (place) => [...(place?.querySelectorAll("tr[data-subject]") ?? [])];
const entriesOf = (place) => rowsOf(place).map(({ dataset }) => ({ subject: dataset.subject, role: dataset.role, download: dataset.download !== undefined || dataset.role !== "viewer" }));
const placeOf = (url) => [...root.querySelectorAll(".place")].find((place) => place.dataset.url === url);

const put = (url, entries) => call(url, { method: "PUT", json: entries });

/** What was typed as a subject: a plain name is a department if one is called so, else a person, by either of their names. */
function subjectOf(text) {
  if (PREFIXED.test(text)) return text;
  const options = [...document.querySelectorAll("#subjects option")];
  const known = options.find((option) => option.label.split(" · ").includes(text) || option.value.split(":")[1] === text);
  return known?.value ?? `user:${text}`;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clear(form);
  const text = form.elements.subject.value.trim();
  if (!text) return complain(form, refusal(say("required")));
  const url = form.elements.place?.value ?? root.dataset.cabinetUrl;
  const subject = subjectOf(text);
  const entries = entriesOf(placeOf(url));
  if (entries.some((entry) => entry.subject === subject)) return complain(form, refusal(say("member_twice", { name: text })));
  try {
    await put(url, [...entries, { subject, role: form.elements.role.value }]);
    location.reload();
  } catch (error) {
    complain(form, error.problem?.errors?.length ? refusal(error.problem.errors[0].message) : error);
  }
});

const refusal = (message) => ({ message, problem: { errors: [{ field: "subject", message }] } });

root.addEventListener("change", async (event) => {
  const select = event.target.closest("[data-role-select]");
  if (!select) return;
  const row = select.closest("tr");
  const place = row.closest(".place");
  const before = row.dataset.role;
  row.dataset.role = select.value;
  try {
    await put(place.dataset.url, entriesOf(place));
    const check = row.querySelector("[data-download-check]");
    check.disabled = select.value !== "viewer";
    check.checked = check.disabled || row.dataset.download !== undefined;
    toast(say("saved"));
  } catch (error) {
    row.dataset.role = select.value = before;
    toast(error.message, { kind: "error" });
  }
});

root.addEventListener("change", async (event) => {
  const check = event.target.closest("[data-download-check]");
  if (!check) return;
  const row = check.closest("tr");
  row.toggleAttribute("data-download", check.checked);
  try {
    const place = row.closest(".place");
    await put(place.dataset.url, entriesOf(place));
    toast(say("saved"));
  } catch (error) {
    check.checked = !check.checked;
    row.toggleAttribute("data-download", check.checked);
    toast(error.message, { kind: "error" });
  }
});

root.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-inheritance]");
  if (!button) return;
  const select = button.dataset.from && document.querySelector(button.dataset.from);
  const folder = select ? select.value : button.dataset.folder;
  const name = select ? select.selectedOptions[0].textContent : button.dataset.name;
  const kind = button.dataset.inheritance;
  if (!(await ask({ heading: say(`${kind}_heading`, { name }), text: say(`${kind}_text`), confirm: say(kind) }))) return;
  try {
    await call(`/api/v1/folders/${folder}/inheritance`, { method: "PUT", json: { inherits: kind === "mend" } });
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});

root.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-remove]");
  if (!button) return;
  const row = button.closest("tr");
  const place = row.closest(".place");
  const name = row.querySelector(".name").textContent;
  if (!(await ask({ heading: say("remove_member", { name }), text: say("remove_member_text"), confirm: say("remove") }))) return;
  try {
    await put(place.dataset.url, entriesOf(place).filter((entry) => entry.subject !== row.dataset.subject));
    row.remove();
    if (!rowsOf(place).length) place.remove();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});
