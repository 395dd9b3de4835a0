// A zip that is dropped or chosen: asked about once, sent, unpacked by the server, its rejected files listed.
import { ApiError, call, csrfToken } from "./api.js";
import { refreshSoon } from "./cabinet-nav.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const LONGEST_MS = 60 * 60_000;
const POLL_MS = 1500;
const SILENT_POLLS = 20; // failed questions in a row before giving up
const DONE = new Set(["succeeded", "partial", "failed", "cancelled"]);

export const isArchive = (file) => /\.zip$/i.test(file.name);

/** Ask for each archive and unpack those that are wanted, one after another. */
export async function unpack(archives, { folder, folderName, most }) {
  for (const { file, path } of archives) {
    const { name } = file;
    if (file.size > most) {
      toast(say("file_too_large", { most: Math.round(most / 2 ** 20) }), { kind: "error" });
      continue;
    }
    const heading = say("unpack_heading", { name });
    if (await ask({ heading, text: say("unpack_text", { folder: folderName }), confirm: say("unpack_confirm"), danger: false })) await run(file, path, folder);
  }
}

async function run(file, path, folder) {
  const { name } = file;
  const line = statusLine();
  try {
    const { job } = await send(file, path, folder, (percent) => line.say(say("unpack_sending", { name, percent })));
    tell(name, await finished(job, (percent) => line.say(say("unpack_running", { name, percent }))));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const reason = error.message;
    toast(say("unpack_failed", { name, reason }), { kind: "error", action: { label: say("retry"), run: () => run(file, path, folder) } });
  } finally {
    line.end();
    refreshSoon();
  }
}

function send(file, path, folder, onProgress) {
  const body = new FormData();
  body.append("folder_id", folder);
  if (path) body.append("path", path);
  body.append("archive", file, file.name);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", "/api/v1/imports");
    xhr.timeout = LONGEST_MS;
    xhr.responseType = "json";
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.upload.addEventListener("progress", ({ loaded, total }) => onProgress(Math.round((loaded / (total || loaded)) * 100)));
    xhr.addEventListener("load", () => {
      if (xhr.status < 300 && xhr.response?.job) return resolve(xhr.response);
      reject(new ApiError(xhr.response?.detail || say("server_error"), { status: xhr.status, problem: xhr.response }));
    });
    xhr.addEventListener("error", () => reject(new ApiError(say("offline"))));
    xhr.addEventListener("timeout", () => reject(new ApiError(say("upload_timeout"))));
    xhr.send(body);
  });
}

/** The job once it has ended; a question that fails is asked again for half a minute. */
async function finished(job, onProgress) {
  let silent = 0;
  let now = job;
  while (!DONE.has(now.state)) {
    onProgress(Math.round(now.progress * 100));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    try {
      now = (await call(`/api/v1/jobs/${job.id}`)).job;
      silent = 0;
      refreshSoon();
    } catch (error) {
      silent += 1;
      if (silent >= SILENT_POLLS) throw error;
    }
  }
  if (now.state === "failed") throw new ApiError(now.error?.message || say("server_error"));
  return now.result;
}

function tell(name, { accepted, existing, rejected, items }) {
  if (!rejected) return toast(say("unpack_done", { name, accepted, existing }));
  const action = { label: say("unpack_show"), run: () => list(name, items.filter((item) => item.status === "rejected")) };
  return toast(say("unpack_rejected", { name, accepted, existing, rejected }), { kind: "error", seconds: 30, action });
}

function list(name, items) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog large" });
  const head = element("div", "dialog-head", element("h2", "", say("unpack_rejected_heading", { name })));
  const rows = items.map(({ path, message }) => element("li", "", element("strong", "", path), element("span", "soft small", ` ${message}`)));
  const close = element("button", "button", say("close"));
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(head, element("div", "dialog-body", element("ul", "preview-list", ...rows)), element("div", "dialog-foot", close));
  document.body.append(dialog);
  dialog.showModal();
}

/** One line at the foot of the page while an archive is on its way. */
function statusLine() {
  const line = Object.assign(document.createElement("p"), { className: "archive-line" });
  line.setAttribute("role", "status");
  document.body.append(line);
  return { say: (text) => { if (line.textContent !== text) line.textContent = text; }, end: () => line.remove() };
}

function element(tag, className, ...children) {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...children);
  return made;
}
