// What can be done to this document: rename, move, a new version, reading it again, deleting it.
import { ApiError, call, csrfToken } from "./api.js";
import { chooseFolder, nameDialog } from "./cabinet-dialogs.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const { id, name, back } = document.getElementById("document").dataset;
const url = `/api/v1/documents/${id}`;
const LONGEST_MS = 15 * 60_000;
const RECEIPT_TRIES = 10;

const actions = { rename, move, retry, cancel, delete: remove, version: () => document.getElementById("pick-version").click() };

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-doc]");
  if (button) actions[button.dataset.doc]();
});
document.getElementById("pick-version")?.addEventListener("change", ({ target }) => {
  if (target.files[0]) newVersion(target.files[0]);
  target.value = "";
});

function rename() {
  nameDialog({ heading: say("rename_document"), confirm: say("save"), value: name }, async (title) => {
    await call(url, { method: "PATCH", json: { title } });
    location.reload();
  });
}

function move() {
  chooseFolder(say("move_heading"), async (folder) => {
    await call(url, { method: "PATCH", json: { folder_id: folder } });
    location.reload();
  });
}

async function retry() {
  try {
    await call(`${url}/reindex`, { method: "POST" });
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error", action: { label: say("retry"), run: retry } });
  }
}

async function cancel() {
  try {
    await call(`${url}/cancel`, { method: "POST" });
    location.reload();
  } catch (error) {
    if (error.status === 409) return location.reload(); // it ended meanwhile
    toast(error.message, { kind: "error", action: { label: say("retry"), run: cancel } });
  }
}

async function remove() {
  if (!(await ask({ heading: say("delete_one", { name }), text: say("delete_text"), confirm: say("delete") }))) return;
  try {
    const { job } = await call(url, { method: "DELETE" });
    const receipt = await finished(job.id);
    const { vectors_left: vectors, files_left: files, previews_left: previews } = receipt ?? {};
    const text = receipt ? say("receipt", { vectors, files, previews }) : say("receipt_late");
    await ask({ heading: say("receipt_heading"), text, confirm: say("back_to_folder"), danger: false, only: true });
    location.assign(back);
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

/** The receipt of a deletion once it is written; null when it takes longer than ten seconds. */
async function finished(job) {
  for (let tries = 0; tries < RECEIPT_TRIES; tries += 1) {
    if (tries === 1) toast(say("receipt_pending"));
    const { job: now } = await call(`/api/v1/jobs/${job}`);
    if (now.state === "succeeded") return now.result;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return null;
}

async function newVersion(file) {
  try {
    await send(file);
    toast(say("version_done"));
    setTimeout(() => location.reload(), 800);
  } catch (error) {
    const again = error.status === 0 || error.status >= 500; // otherwise the same file is refused again
    toast(error.message, { kind: "error", action: again ? { label: say("retry"), run: () => newVersion(file) } : null });
  }
}

/** XMLHttpRequest, since fetch does not say how much of a body was sent. */
function send(file) {
  const status = document.getElementById("document-status");
  const body = new FormData();
  body.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", `${url}/versions`);
    xhr.timeout = LONGEST_MS;
    xhr.responseType = "json";
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.upload.addEventListener("progress", ({ loaded, total }) => {
      status.dataset.state = "processing";
      status.textContent = say("version_sending", { percent: Math.round((loaded / (total || loaded)) * 100) });
    });
    xhr.addEventListener("load", () => {
      if (xhr.status < 300) return resolve(xhr.response);
      reject(new ApiError(xhr.response?.detail || say("server_error"), { status: xhr.status, problem: xhr.response }));
    });
    xhr.addEventListener("error", () => reject(new ApiError(say("offline"))));
    xhr.addEventListener("timeout", () => reject(new ApiError(say("version_timeout"))));
    xhr.send(body);
  });
}
