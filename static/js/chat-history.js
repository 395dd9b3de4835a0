// The list of conversations: rename in place, delete with undo, and refresh after an answer.
import { call, fragment } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const list = document.getElementById("history");
const menu = document.getElementById("history-menu");
const waiting = new Map(); // id → whether its deletion has been sent
const actions = new Map(); // what other modules do from the menu: name → (item) => …
let item = null; // the one whose menu is open
let view = ""; // the query of what the list shows: a folder, the archive, a search

export const api = (id) => `/api/v1/conversations/${id}`;
export const onMenu = (name, run) => actions.set(name, run);
export const chosenItem = () => item;

/** Show another part of the list: "" all, "folder=…", "archived=1" or "q=…". */
export async function showList(query) {
  view = query;
  await load();
}

/** Fetch the list anew; `current` is the conversation that is shown. */
export async function refreshHistory(current) {
  if (!current) return;
  list.dataset.current = current;
  await load();
  retitle(list.querySelector(`[data-id="${current}"]`)?.dataset.title);
}

async function load() {
  const asked = view;
  const query = [view, list.dataset.current && `current=${list.dataset.current}`].filter(Boolean).join("&");
  try {
    const html = await fragment(`${list.dataset.url}?${query}`);
    if (asked !== view) return; // another one was asked for in the meantime
    list.innerHTML = html;
  } catch (error) {
    toast(error.message, { kind: "error" });
    return;
  }
  globalThis.htmx?.process(list);
  for (const id of waiting.keys()) list.querySelector(`[data-id="${id}"]`)?.setAttribute("hidden", "");
}

function retitle(title) {
  if (!title) return;
  const [, product] = document.title.split(/ · (?=[^·]*$)/);
  document.title = `${title} · ${product}`;
  document.querySelector(".top-title").textContent = title;
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("[popovertarget]");
  if (button) item = button.closest(".history-item");
});

menu.addEventListener("click", (event) => {
  const action = event.target.closest("[data-history]")?.dataset.history;
  if (action && item) ({ rename, delete: remove }[action] ?? actions.get(action))?.(item);
});

function rename(target) {
  const link = target.querySelector(".list-item");
  const field = Object.assign(document.createElement("input"), {
    className: "input", value: target.dataset.title, maxLength: 200, ariaLabel: say("name"),
  });
  link.hidden = true;
  target.prepend(field);
  field.focus();
  field.select();
  let over = false;
  const end = async (keep) => {
    if (over) return;
    over = true;
    const title = field.value.trim();
    field.remove();
    link.hidden = false;
    link.focus();
    if (keep && title && title !== target.dataset.title) await save(target, title);
  };
  field.addEventListener("blur", () => end(true));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === "Escape") {
      event.stopPropagation();
      end(event.key === "Enter");
    }
  });
}

async function save(target, title) {
  const before = target.dataset.title;
  const show = (name) => {
    target.dataset.title = name;
    target.querySelector(".list-item span").textContent = name || say("untitled");
    if (target.dataset.id === list.dataset.current) retitle(name);
  };
  show(title);
  try {
    await call(api(target.dataset.id), { method: "PATCH", json: { title } });
  } catch (error) {
    show(before);
    toast(error.message, { kind: "error" });
  }
}

/** Gone at once to the eye; deleted when the time to undo has passed, or the page is left. */
async function remove(target) {
  const { id } = target.dataset;
  target.hidden = true;
  waiting.set(id, false);
  const how = await toast(say("deleted"), { action: { label: say("undo") } });
  if (how === "action") {
    waiting.delete(id);
    target.hidden = false;
    return;
  }
  if (waiting.get(id)) return;
  waiting.set(id, true);
  try {
    await call(api(id), { method: "DELETE" });
    if (id === list.dataset.current) location.assign("/");
  } catch (error) {
    target.hidden = false;
    waiting.delete(id);
    toast(error.message, { kind: "error" });
  }
}

addEventListener("pagehide", () => {
  for (const [id, sent] of waiting) {
    if (sent) continue;
    waiting.set(id, true);
    call(api(id), { method: "DELETE", keepalive: true }).catch(() => null); // nobody is left to tell
  }
});
