// The queue of files on their way to the server: three at once, the others wait. Emits "change".
import { csrfToken } from "./api.js";
import { say } from "./strings.js";

const AT_ONCE = 3;
const LONGEST_MS = 15 * 60_000;
const RETRIES = 3; // for answers that ask to come back later

let next = 1;

/** `state` is waiting, sending, accepted or failed; then `document` is the id that ingestion works on. */
class Upload {
  constructor(file, path, folder) {
    Object.assign(this, { key: String(next++), file, path, folder, name: file.name, size: file.size });
    Object.assign(this, { state: "waiting", sent: 0, message: "", document: "", tries: 0, retryable: true, xhr: null });
  }
}

export class UploadQueue extends EventTarget {
  constructor({ extensions, maxBytes }) {
    super();
    this.extensions = new Set(extensions);
    this.maxBytes = maxBytes;
    this.items = [];
  }

  /** Queue files: [{file, path}], where `path` is the folder below `folder` (an id), or "". */
  add(files, folder) {
    for (const { file, path } of files) {
      const item = new Upload(file, path, folder);
      const fault = this.#refused(file);
      if (fault) Object.assign(item, { state: "failed", message: fault, retryable: false });
      this.items.push(item);
    }
    this.#changed();
    this.#pump();
  }

  retry(key) {
    const item = this.items.find((other) => other.key === key);
    if (!item || item.state !== "failed") return;
    Object.assign(item, { state: "waiting", sent: 0, message: "", tries: 0 });
    this.#changed(item);
    this.#pump();
  }

  /** Take a file out: a waiting or failed one goes, one on its way is stopped. */
  drop(key) {
    const item = this.items.find((other) => other.key === key);
    if (!item) return;
    this.items = this.items.filter((other) => other !== item);
    item.xhr?.abort();
    this.#changed();
    this.#pump();
  }

  clear() {
    this.items = this.items.filter((item) => item.state === "waiting" || item.state === "sending");
    this.#changed();
  }

  get running() {
    return this.items.some((item) => item.state === "waiting" || item.state === "sending");
  }

  #refused({ name, size }) {
    const extension = name.includes(".") ? name.split(".").pop().toLowerCase() : "";
    if (!this.extensions.has(extension)) return say("unsupported_file");
    if (size > this.maxBytes) return say("file_too_large", { most: Math.round(this.maxBytes / 2 ** 20) });
    return size ? "" : say("file_empty");
  }

  #pump() {
    let free = AT_ONCE - this.items.filter((item) => item.state === "sending").length;
    for (const item of this.items) {
      if (free <= 0) break;
      if (item.state !== "waiting") continue;
      this.#send(item);
      free -= 1;
    }
  }

  #send(item) {
    item.state = "sending";
    const body = new FormData();
    body.append("folder_id", item.folder);
    if (item.path) body.append("path", item.path);
    body.append("file", item.file, item.name);
    const xhr = (item.xhr = new XMLHttpRequest());
    xhr.open("POST", "/api/v1/documents");
    xhr.timeout = LONGEST_MS;
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.addEventListener("progress", (event) => {
      item.sent = event.lengthComputable ? event.loaded / event.total : 0;
      this.#changed(item);
    });
    xhr.addEventListener("load", () => this.#answered(item, xhr));
    xhr.addEventListener("error", () => this.#failed(item, say("offline")));
    xhr.addEventListener("timeout", () => this.#failed(item, say("upload_timeout")));
    xhr.addEventListener("loadend", () => {
      item.xhr = null;
      this.#pump();
    });
    xhr.send(body);
    this.#changed(item);
  }

  #answered(item, xhr) {
    const body = parsed(xhr.responseText);
    const document = body?.items?.[0];
    if (xhr.status < 300 && document) {
      Object.assign(item, { state: "accepted", sent: 1, document: document.id, file: null });
      return this.#changed(item);
    }
    const wait = Number(xhr.getResponseHeader("Retry-After"));
    if ([429, 503].includes(xhr.status) && item.tries < RETRIES) return this.#later(item, wait || 5);
    const sentence = { 401: say("signed_out"), 403: say("forbidden"), 413: say("too_large_for_server") }[xhr.status];
    const message = body?.detail || body?.rejected?.[0]?.message || sentence || say("server_error");
    this.#failed(item, message, ![413, 415, 422].includes(xhr.status));
  }

  #later(item, seconds) {
    item.tries += 1;
    Object.assign(item, { state: "sending", message: say("server_busy") });
    this.#changed(item);
    setTimeout(() => {
      if (!this.items.includes(item)) return;
      Object.assign(item, { state: "waiting", message: "" });
      this.#pump();
    }, Math.min(seconds, 60) * 1000);
  }

  #failed(item, message, retryable = true) {
    Object.assign(item, { state: "failed", message, retryable });
    this.#changed(item);
  }

  #changed(item = null) {
    this.dispatchEvent(new CustomEvent("change", { detail: item }));
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page: its status says enough
  }
}
