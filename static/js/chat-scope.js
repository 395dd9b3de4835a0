// What is searched beside whole cabinets: folders, single documents, a day, attached files; each a chip that can go.
import { call } from "./api.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";

const chips = document.getElementById("scope-chips");
const day = document.getElementById("as-of");
const search = document.getElementById("place-search");
const results = document.getElementById("place-results");
const kept = JSON.parse(document.getElementById("places")?.textContent ?? "{}");
const ICONS = { folder: "folder", document: "document", file: "clip", day: "clock" };
const WAIT_MS = 180;
let places = []; // {kind: folder | document, id, name}
let files = []; // attached: {id, name, state: uploading | reading | ready | failed, text, remove}
let changed = () => {};
let timer = 0;
let asked = null;

export const onPlaces = (run) => (changed = run);

/** The chosen places in the shape of the REST contract; cabinets are the composer's. */
export const chosenPlaces = () => ({
  folder_ids: ids("folder"),
  document_ids: ids("document"),
  as_of: day.value || null,
});

const ids = (kind) => places.filter((place) => place.kind === kind).map(({ id }) => id);

export function addPlace(place) {
  if (!places.some(({ id }) => id === place.id)) places.push(place);
  show();
}

export function clearPlaces() {
  places = [];
  show();
}

/** The attached files as they are now. */
export function showFiles(now) {
  files = now;
  show();
}

/** The name of a file that cannot be searched yet, or nothing. */
export const stillReading = () => files.find(({ state }) => state === "uploading" || state === "reading")?.name;

/** Folders and documents whose names hold these words. */
export async function findPlaces(query, signal) {
  const found = await call(`/api/v1/places?q=${encodeURIComponent(query)}`, { signal });
  const turn = (kind) => (row) => ({ kind, id: row.id, name: row.name, where: row.where });
  return [...found.folders.map(turn("folder")), ...found.documents.map(turn("document"))];
}

function show() {
  const dated = day.value ? [{ kind: "day", name: say("as_of", { day: day.value }), remove: () => (day.value = "") }] : [];
  const removable = places.map((place) => ({ ...place, remove: () => (places = places.filter((one) => one !== place)) }));
  chips.replaceChildren(...[...removable, ...dated].map(chip), ...files.map((file) => chip({ ...file, kind: "file" })));
  chips.hidden = !chips.children.length;
  changed();
}

function chip({ kind, name, state, text, remove }) {
  const item = Object.assign(document.createElement("li"), { className: "chip scope-chip" });
  if (state) item.dataset.state = state;
  const label = Object.assign(document.createElement("span"), { className: "truncate", textContent: name, title: name });
  item.append(icon(ICONS[kind], { small: true }), label);
  if (text) item.append(Object.assign(document.createElement("small"), { textContent: text }));
  const button = Object.assign(document.createElement("button"), { type: "button", ariaLabel: say("remove", { name }) });
  button.append(icon("close", { small: true }));
  button.addEventListener("click", () => {
    remove();
    show();
    document.getElementById("content").focus();
  });
  item.append(button);
  return item;
}

search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, WAIT_MS);
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
  if (event.key === "ArrowDown") results.querySelector("button")?.focus();
});

async function find() {
  const query = search.value.trim();
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const found = query ? await findPlaces(query, signal).catch(() => null) : [];
  if (!found || signal.aborted) return;
  const nothing = Object.assign(document.createElement("p"), { className: "menu-label", textContent: say("no_place") });
  results.replaceChildren(...(query && !found.length ? [nothing] : found.map(option)));
}

/** One found place as a button of a menu. */
export function option(place) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "menu-item place-item" });
  const words = document.createElement("span");
  words.className = "assistant-item";
  words.append(Object.assign(document.createElement("span"), { className: "truncate", textContent: place.name }));
  words.append(Object.assign(document.createElement("small"), { className: "truncate", textContent: place.where ?? "" }));
  button.append(icon(ICONS[place.kind], { small: true }), words);
  button.addEventListener("click", () => addPlace(place));
  return button;
}

day.addEventListener("change", show);
if (kept.as_of) day.value = kept.as_of;
for (const kind of ["folder", "document"]) {
  for (const { id, name } of kept[`${kind}s`] ?? []) places.push({ kind, id, name });
}
queueMicrotask(show);
