// The tray at the bottom right: each file's way from sending to "ready", in words, with retry.
import { call } from "./api.js";
import { refreshSoon } from "./cabinet-nav.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";

const POLL_MS = 2000;
const MOST_ASKED = 100;
const DONE = new Set(["ready", "warn", "failed", "deleting", "gone"]);

export class UploadTray {
  constructor(element, queue) {
    this.element = element;
    this.queue = queue;
    this.list = element.querySelector(".tray-list");
    this.rows = new Map(); // key → <li>
    this.states = new Map(); // document id → {state, word, detail, progress}
    this.timer = null;
    queue.addEventListener("change", ({ detail }) => this.#changed(detail));
    element.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask());
  }

  #changed(item) {
    if (item) this.#paint(item);
    else this.#rebuild();
    this.element.hidden = !this.queue.items.length;
    this.#headline();
    if (item?.state === "accepted") {
      refreshSoon();
      this.#schedule();
    }
  }

  #rebuild() {
    const kept = new Set(this.queue.items.map((item) => item.key));
    for (const [key, row] of this.rows) {
      if (kept.has(key)) continue;
      row.remove();
      this.rows.delete(key);
    }
    this.queue.items.forEach((item) => this.#paint(item));
  }

  #paint(item) {
    let row = this.rows.get(item.key);
    if (!row) {
      row = document.createElement("li");
      row.className = "tray-item";
      row.dataset.key = item.key;
      this.rows.set(item.key, row);
      this.list.append(row);
    }
    const { state, word, detail, progress } = this.#status(item);
    const mark = `${state}|${word}|${detail}|${Math.round((progress ?? -1) * 100)}`;
    if (row.dataset.mark === mark) return;
    row.dataset.mark = mark;
    row.replaceChildren(this.#name(item), status(state, word), ...this.#more(item, detail, progress));
  }

  #status(item) {
    if (item.state === "waiting") return { state: "queued", word: say("upload_waiting") };
    if (item.state === "failed") return { state: "failed", word: say("upload_failed"), detail: item.message };
    if (item.state === "sending") {
      const word = item.message || say("upload_sending", { percent: Math.round(item.sent * 100) });
      return { state: "processing", word, progress: item.sent };
    }
    return this.states.get(item.document) ?? { state: "queued", word: say("upload_accepted") };
  }

  #name(item) {
    const text = item.path ? `${item.path}/${item.name}` : item.name;
    const name = Object.assign(document.createElement(item.document ? "a" : "span"), { className: "tray-name truncate", textContent: text, title: text });
    if (item.document) {
      name.href = `/documents/${item.document}/`;
      name.target = "_blank";
    }
    return name;
  }

  #more(item, detail, progress) {
    const parts = [];
    const button = this.#button(item);
    if (button) parts.push(button);
    if (progress !== undefined && progress !== null) {
      const bar = Object.assign(document.createElement("progress"), { className: "progress", max: 1, value: progress });
      bar.setAttribute("aria-label", item.name);
      parts.push(bar);
    }
    if (detail) parts.push(Object.assign(document.createElement("p"), { className: "tray-detail", textContent: detail }));
    return parts;
  }

  #button(item) {
    const known = this.states.get(item.document);
    if (item.state === "failed" && item.retryable) return control("retry", "refresh", say("retry"));
    if (known?.state === "failed" && known.retryable) return control("again", "refresh", say("retry"));
    if (item.state === "waiting" || item.state === "sending") return control("drop", "close", say("upload_stop"));
    return null;
  }

  #headline() {
    const { items } = this.queue;
    const sent = items.filter((item) => item.state === "accepted").length;
    const failed = items.filter((item) => item.state === "failed").length;
    const left = items.length - sent - failed;
    let text = say("tray_done", { count: sent });
    if (left) text = say("tray_sending", { done: sent + failed, count: items.length });
    else if (failed) text = say("tray_failed", { count: sent, failed });
    const title = this.element.querySelector(".tray-title");
    if (title.textContent !== text) title.textContent = text;
  }

  #clicked(event) {
    const button = event.target.closest("button");
    const key = button?.closest(".tray-item")?.dataset.key;
    if (!button) return;
    if (button.dataset.tray === "fold") {
      const folded = this.element.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!folded));
    } else if (button.dataset.tray === "close") {
      this.queue.clear();
      if (this.queue.items.length) this.element.classList.add("folded");
    } else if (button.dataset.do === "retry") this.queue.retry(key);
    else if (button.dataset.do === "drop") this.queue.drop(key);
    else if (button.dataset.do === "again") this.#again(key);
  }

  async #again(key) {
    const item = this.queue.items.find((other) => other.key === key);
    try {
      await call(`/api/v1/documents/${item.document}/reindex`, { method: "POST" });
      this.states.delete(item.document);
    } catch (error) {
      this.states.set(item.document, { state: "failed", word: say("upload_failed"), detail: error.message, retryable: true });
    }
    this.#paint(item);
    refreshSoon();
    this.#schedule();
  }

  #open() {
    return this.queue.items.filter((item) => item.document && !DONE.has(this.states.get(item.document)?.state));
  }

  #schedule() {
    this.timer ??= setTimeout(() => this.#ask(), POLL_MS);
  }

  async #ask() {
    clearTimeout(this.timer);
    this.timer = null;
    const open = this.#open().slice(0, MOST_ASKED);
    if (!open.length || document.hidden) return;
    const asked = new URLSearchParams(open.map((item) => ["id", item.document]));
    try {
      const { items } = await call(`/documents/states/?${asked}`);
      const found = new Map(items.map((state) => [state.id, state]));
      for (const item of open) {
        this.states.set(item.document, found.get(item.document) ?? { state: "gone", word: say("upload_gone") });
        this.#paint(item);
      }
      if (open.some((item) => DONE.has(this.states.get(item.document).state))) refreshSoon();
    } catch {
      this.element.dataset.unreachable = ""; // asked again below; the words stay as they were
    }
    if (this.#open().length) this.#schedule();
  }
}

function status(state, word) {
  const span = Object.assign(document.createElement("span"), { className: "status", textContent: word });
  span.dataset.state = state === "gone" ? "deleting" : state;
  return span;
}

function control(action, name, label) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button icon small", title: label });
  button.dataset.do = action;
  button.setAttribute("aria-label", label);
  button.append(icon(name, { small: true }));
  return button;
}
