// What can be done to the documents and folders of a cabinet, one by one or many at once.
import { ApiError, call } from "./api.js";
import { clearSelection, selection } from "./cabinet-select.js";
import { refresh } from "./cabinet-nav.js";
import { ask } from "./confirm-dialog.js";
import { place } from "./menu.js";
import { chooseFolder, nameDialog } from "./cabinet-dialogs.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const AT_ONCE = 4;
let subject = null; // what the open menu is about: {id, name, parent}

// One menu serves all rows: it is placed at the button that asked for it.
let closed = { id: "", at: 0 };
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-menu]");
  if (!opener) return;
  const menu = document.getElementById(opener.dataset.menu);
  const again = closed.id === opener.dataset.id && event.timeStamp - closed.at < 300;
  if (again) return;
  subject = { ...opener.dataset };
  const download = menu.querySelector('[data-act="document-download"]');
  if (download) download.href = `/api/v1/documents/${subject.id}/file`;
  menu.showPopover();
  place(menu, opener);
  menu.querySelector(".menu-item")?.focus({ preventScroll: true });
});
document.addEventListener("beforetoggle", (event) => {
  if (event.newState === "closed" && subject) closed = { id: subject.id, at: event.timeStamp };
}, true);

const acts = {
  "folder-new": () => newFolder(subject.id),
  "folder-rename": () => rename(`/api/v1/folders/${subject.id}`, "name", say("rename_folder")),
  "folder-delete": () => deleteFolder(subject),
  "document-rename": () => rename(`/api/v1/documents/${subject.id}`, "title", say("rename_document")),
  "document-move": () => move([subject]),
  "document-retry": () => retry([subject]),
  "document-delete": () => remove([subject]),
  "cabinet-delete": (button) => deleteCabinet(button.dataset),
};
const bulk = { move: () => move(selection()), retry: () => retry(selection()), delete: () => remove(selection()), clear: clearSelection };

document.addEventListener("click", (event) => {
  const act = event.target.closest("button[data-act]");
  if (act) return acts[act.dataset.act]?.(act);
  const many = event.target.closest("[data-bulk]");
  if (many) return bulk[many.dataset.bulk]();
  if (event.target.closest("[data-new-folder]")) newFolder(document.getElementById("cabinet-view").dataset.folder);
});

function newFolder(parent) {
  if (!parent) return toast(say("forbidden"), { kind: "error" });
  const { cabinet } = document.getElementById("cabinet-view").dataset;
  nameDialog({ heading: say("new_folder"), confirm: say("create"), value: "" }, async (name) => {
    await call(`/api/v1/cabinets/${cabinet}/folders`, { method: "POST", json: { name, parent_id: parent } });
    await refresh();
  });
}

function rename(url, field, heading) {
  nameDialog({ heading, confirm: say("save"), value: subject.name }, async (name) => {
    await call(url, { method: "PATCH", json: { [field]: name } });
    await refresh();
  });
}

async function deleteFolder({ id, name, parent }) {
  const sure = await ask({ heading: say("delete_folder", { name }), text: say("delete_folder_text"), confirm: say("delete") });
  if (!sure) return;
  try {
    await call(`/api/v1/folders/${id}`, { method: "DELETE" });
    const view = document.getElementById("cabinet-view").dataset;
    if (view.folder === id) location.assign(`/cabinets/${view.cabinet}/folders/${parent}/`);
    else await refresh();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

async function deleteCabinet({ id, name }) {
  const sure = await ask({ heading: say("delete_cabinet", { name }), text: say("delete_cabinet_text"), confirm: say("delete") });
  if (!sure) return;
  try {
    await call(`/api/v1/cabinets/${id}`, { method: "DELETE" });
    location.assign("/cabinets/");
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

function move(documents) {
  chooseFolder(say("move_heading", { count: documents.length }), async (folder) => {
    await each(documents, ({ id }) => call(`/api/v1/documents/${id}`, { method: "PATCH", json: { folder_id: folder } }), "moved");
  });
}

const retry = (documents) => each(documents, ({ id }) => call(`/api/v1/documents/${id}/reindex`, { method: "POST" }), "requeued");

async function remove(documents) {
  const heading = documents.length === 1 ? say("delete_one", { name: documents[0].name }) : say("delete_many", { count: documents.length });
  if (!(await ask({ heading, text: say("delete_text"), confirm: say("delete_count", { count: documents.length }) }))) return;
  await each(documents, ({ id }) => call(`/api/v1/documents/${id}`, { method: "DELETE" }), "deleted");
}

/** Do one call for each document, a few at a time, and say how many went well and why the others did not. */
async function each(documents, work, done) {
  const waiting = [...documents];
  const faults = [];
  const run = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await work(next);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        faults.push({ document: next, error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  clearSelection();
  await refresh();
  const good = documents.length - faults.length;
  if (!faults.length) return void toast(say(done, { count: good }));
  const text = say("some_failed", { good, bad: faults.length, reason: faults[0].error.message });
  toast(text, { kind: "error", action: { label: say("retry"), run: () => each(faults.map((fault) => fault.document), work, done) } });
}
