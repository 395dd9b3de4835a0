// Files of this conversation alone: chosen, dropped or pasted; read in the background; gone with the conversation.
import { call } from "./api.js";
import { ensureConversation } from "./chat-conversation.js";
import { showFiles } from "./chat-scope.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const form = document.getElementById("composer");
const field = document.getElementById("content");
const chooser = document.getElementById("attach-files");
const POLL_MS = 1500;
const MOST_POLLS = 400;
const UPLOAD_MS = 600_000;
let files = [];
let polling = false;

const api = () => `/api/v1/conversations/${form.dataset.conversation}/attachments`;
const show = () => showFiles(files.map((file) => ({ ...file, remove: () => remove(file) })));

document.getElementById("attach").addEventListener("click", () => chooser.click());
chooser.addEventListener("change", () => {
  add([...chooser.files]);
  chooser.value = "";
});
form.addEventListener("paste", (event) => {
  const pasted = [...(event.clipboardData?.files ?? [])];
  const long = tooLong(event);
  if (!pasted.length && !long) return;
  event.preventDefault();
  add(long ? [new File([long], `${say("pasted_name")}.txt`, { type: "text/plain" })] : pasted);
  if (long) toast(say("pasted_long", { most: field.maxLength.toLocaleString() }), { seconds: 7 });
});

/** Pasted text of which the field would keep a part only: it becomes a file, so that nothing of it is lost. */
function tooLong(event) {
  const text = event.target === field ? event.clipboardData?.getData("text/plain") ?? "" : "";
  const kept = field.value.length - (field.selectionEnd - field.selectionStart);
  return text.length + kept > field.maxLength ? text : "";
}

form.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  form.dataset.drop = "";
});
for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => delete form.dataset.drop);
form.addEventListener("drop", (event) => {
  event.preventDefault();
  add([...(event.dataTransfer?.files ?? [])]);
});

async function add(chosen) {
  for (const file of chosen) {
    const entry = { name: file.name, state: "uploading", text: say("file_uploading") };
    files.push(entry);
    show();
    try {
      await ensureConversation();
      const body = new FormData();
      body.append("file", file);
      Object.assign(entry, known(await call(api(), { method: "POST", body, timeout: UPLOAD_MS })));
    } catch (error) {
      files = files.filter((one) => one !== entry);
      toast(`${file.name}: ${error.message}`, { kind: "error" });
    }
    show();
  }
  poll();
}

function known(row) {
  const state = row.searchable ? "ready" : row.status === "failed" ? "failed" : "reading";
  const text = { ready: "", reading: say("file_reading"), failed: row.error || say("file_failed") }[state];
  return { id: row.id, name: row.filename, state, text };
}

async function remove(file) {
  files = files.filter((one) => one.id !== file.id || one !== file && one.id === undefined);
  if (!file.id) return;
  try {
    await call(`${api()}/${file.id}`, { method: "DELETE" });
  } catch (error) {
    toast(error.message, { kind: "error" });
    await load();
  }
}

async function load() {
  const { items } = await call(api());
  files = [...items.map(known), ...files.filter(({ id }) => !id)];
  show();
}

/** Look again until every file was read. */
async function poll() {
  if (polling) return;
  polling = true;
  for (let looks = 0; looks < MOST_POLLS && files.some(({ state }) => state === "reading"); looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    await load().catch(() => null); // the next look asks again
  }
  polling = false;
}

if (form.dataset.conversation && form.dataset.attachments !== undefined) {
  load().then(poll).catch((error) => toast(error.message, { kind: "error" }));
}
