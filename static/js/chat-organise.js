// Keeping conversations in order: pin, archive with undo, folders, and searching the list.
import { call } from "./api.js";
import { api, chosenItem, onMenu, showList } from "./chat-history.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const list = document.getElementById("history");
const menu = document.getElementById("history-menu");
const search = document.getElementById("history-search");
const dialog = document.getElementById("folder-dialog");
const FOLDERS = "/api/v1/conversation-folders";
const WAIT_MS = 200;
let timer = 0;
let view = "";
let folders = null; // what the open dialog does with a name

const show = (query) => {
  view = query;
  return showList(query);
};

async function attempt(work, text, undo) {
  try {
    await work();
    await show(view);
  } catch (error) {
    toast(error.message, { kind: "error" });
    return;
  }
  if (text) toast(text, undo ? { action: { label: say("undo"), run: undo } } : {});
}

const patch = (id, json) => call(api(id), { method: "PATCH", json });

// --- the menu of one conversation
menu.addEventListener("toggle", (event) => {
  const item = chosenItem();
  if (event.newState !== "open" || !item) return;
  const { pinned, archived, folder, id } = item.dataset;
  for (const entry of menu.querySelectorAll("[data-when]")) {
    const [name, value] = entry.dataset.when.split("=");
    entry.hidden = { pinned, archived }[name] !== value;
  }
  menu.querySelector("[data-history=unfile]").hidden = !folder;
  for (const link of menu.querySelectorAll("[data-href]")) link.href = link.dataset.href.replace("ID", id);
});

const setting = (name, value) => (item) => attempt(() => patch(item.dataset.id, { [name]: value }));
onMenu("pin", setting("pinned", true));
onMenu("unpin", setting("pinned", false));
onMenu("archive", ({ dataset: { id } }) =>
  attempt(() => patch(id, { archived: true }), say("archived"), () => attempt(() => patch(id, { archived: false }))));
onMenu("unarchive", ({ dataset: { id } }) => attempt(() => patch(id, { archived: false }), say("unarchived")));
onMenu("unfile", ({ dataset: { id } }) => attempt(() => patch(id, { folder_id: null }), say("moved_out")));

// --- folders: one dialog names a new one, renames one, or chooses where a conversation goes
onMenu("move", async ({ dataset: { id } }) => {
  const { items } = await call(FOLDERS);
  open(async (name) => {
    const known = items.find((folder) => folder.name === name);
    const folder = known ?? (await call(FOLDERS, { method: "POST", json: { name } }));
    await patch(id, { folder_id: folder.id });
    toast(say("moved", { name: folder.name }));
  }, { names: items.map((folder) => folder.name) });
});

document.getElementById("folder-new").addEventListener("click", () =>
  open((name) => call(FOLDERS, { method: "POST", json: { name } })));

list.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-list-view], [data-folder-rename], [data-folder-delete]");
  if (!target) return;
  const { listView, folderRename, folderDelete, name } = target.dataset;
  if (listView !== undefined) {
    search.value = "";
    await show(listView);
    list.querySelector("button, a")?.focus({ preventScroll: true });
  } else if (folderRename) {
    open((to) => call(`${FOLDERS}/${folderRename}`, { method: "PATCH", json: { name: to } }), { value: name });
  } else if (await ask({ heading: say("delete_folder", { name }), text: say("delete_folder_text"), confirm: say("delete") })) {
    view = "";
    await attempt(() => call(`${FOLDERS}/${folderDelete}`, { method: "DELETE" }), say("folder_deleted"));
  }
});

function open(run, { value = "", names = [] } = {}) {
  folders = run;
  const field = dialog.querySelector("input");
  field.value = value;
  dialog.querySelector(".error").textContent = "";
  const known = names.map((name) => Object.assign(document.createElement("button"), {
    type: "button", className: "chip", textContent: name,
  }));
  dialog.querySelector("[data-known]").replaceChildren(...known);
  dialog.showModal();
  field.select();
}

dialog.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-known] .chip");
  if (chip) save(chip.textContent);
});
dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  save(dialog.querySelector("input").value);
});

async function save(name) {
  try {
    await folders(name.trim());
  } catch (error) {
    dialog.querySelector(".error").textContent = error.message;
    return;
  }
  dialog.close();
  await show(view);
}

// --- search in titles and messages
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => show(search.value.trim() ? `q=${encodeURIComponent(search.value.trim())}` : ""), WAIT_MS);
});
search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") list.querySelector("a.list-item")?.focus();
});
