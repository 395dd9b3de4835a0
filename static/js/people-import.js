// A CSV file of people: looked at first, taken over by a second click with the very same file.
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const STATES = { create: "ready", update: "processing", same: "queued", error: "failed" };
const form = document.getElementById("people-import");
const preview = document.getElementById("import-preview");
const apply = document.getElementById("import-apply");
const failure = document.getElementById("import-error");

form.elements.file.addEventListener("change", () => form.elements.file.files.length && look());
form.addEventListener("submit", (event) => event.preventDefault());
apply.addEventListener("click", () => send(true));

function look() {
  document.getElementById("import-name").textContent = form.elements.file.files[0].name;
  return send(false);
}

async function send(taking) {
  const body = new FormData();
  body.append("file", form.elements.file.files[0]);
  body.append("apply", String(taking));
  failure.hidden = true;
  apply.disabled = true;
  try {
    show(await call("/api/v1/users/import", { method: "POST", body, timeout: 120_000 }));
  } catch (error) {
    preview.hidden = true;
    failure.hidden = false;
    failure.querySelector("p").textContent = error.message;
  }
}

function show(answer) {
  const { applied, rows, create, update, same, error } = answer;
  preview.hidden = false;
  document.getElementById("import-summary").textContent = say("summary", { create, update, same, error });
  document.getElementById("import-rows").replaceChildren(...rows.map(line));
  apply.hidden = applied;
  apply.disabled = Boolean(error) || !(create + update);
  if (applied) toast(say("applied", { create, update }));
}

function line(row) {
  const cells = [say("line", { line: row.line }), row.username, "", [...row.errors, row.changes.join(", ")].filter(Boolean).join(" ")];
  const element = document.createElement("tr");
  element.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
  const state = Object.assign(document.createElement("span"), { className: "status", textContent: say(row.action) });
  state.dataset.state = STATES[row.action];
  element.children[1].className = "grow card-title";
  element.children[2].append(state);
  return element;
}
