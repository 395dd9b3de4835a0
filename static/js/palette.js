// Ctrl/⌘ K: one field that finds commands, conversations and documents through the REST API.
import { call } from "./api.js";
import { icon } from "./icon.js";

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const results = document.getElementById("palette-results");
const commands = [...(document.getElementById("palette-commands")?.content.querySelectorAll("a") ?? [])];
const WAIT_MS = 160;
const MOST = 6;
let asked = null;
let timer = 0;

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  open();
});
document.addEventListener("click", (event) => event.target.closest("[data-palette-open]") && open());

function open() {
  if (!dialog || dialog.open) return;
  input.value = "";
  show([group(results.dataset.labelCommands, matching(""))]);
  dialog.showModal();
  input.focus();
}

input?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, WAIT_MS);
});

input?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const options = [...results.querySelectorAll("[role=option]")];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(options, (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
  } else if (event.key === "Enter" && options[at]) {
    event.preventDefault();
    options[at].click();
  }
});

async function find() {
  const query = input.value.trim();
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const local = group(results.dataset.labelCommands, matching(query));
  if (!query) return show([local]);
  const search = (url) => call(`${url}?q=${encodeURIComponent(query)}&limit=${MOST}`, { signal });
  const [conversations, documents] = await Promise.allSettled([
    search(results.dataset.conversations),
    search(results.dataset.documents),
  ]);
  if (signal.aborted) return;
  show([
    local,
    group(results.dataset.labelConversations, items(conversations, (item) => ({
      label: item.title || results.dataset.untitled, href: `/c/${item.id}/`, icon: "ask",
    }))),
    group(results.dataset.labelDocuments, items(documents, (item) => ({
      label: item.title || item.filename, href: `/documents/${item.id}/`, icon: "document",
    }))),
  ], query);
}

const items = (settled, turn) => (settled.value?.items ?? []).slice(0, MOST).map(turn);

function matching(query) {
  const wanted = query.toLowerCase();
  return commands
    .filter((link) => (wanted || link.dataset.asked === undefined) && link.textContent.toLowerCase().includes(wanted))
    .map((link) => ({ label: link.textContent, href: link.getAttribute("href"), icon: link.dataset.icon }));
}

function group(label, entries) {
  if (!entries.length) return null;
  const box = document.createElement("div");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  box.append(Object.assign(document.createElement("div"), { className: "menu-label", textContent: label }));
  for (const entry of entries) {
    const link = Object.assign(document.createElement("a"), { className: "menu-item", href: entry.href, tabIndex: -1 });
    link.setAttribute("role", "option");
    const text = Object.assign(document.createElement("span"), { className: "truncate", textContent: entry.label });
    link.append(icon(entry.icon), text);
    box.append(link);
  }
  return box;
}

function show(groups, query = "") {
  const found = groups.filter(Boolean);
  if (!found.length) {
    const nothing = results.dataset.nothing.replace("{query}", query);
    found.push(Object.assign(document.createElement("p"), { className: "palette-nothing", textContent: nothing }));
  }
  results.replaceChildren(...found);
  choose([...results.querySelectorAll("[role=option]")], 0);
}

function choose(options, index) {
  options.forEach((option, at) => {
    option.id ||= `palette-option-${at}`;
    option.setAttribute("aria-selected", String(at === index));
  });
  if (!options[index]) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", options[index].id);
  options[index].scrollIntoView({ block: "nearest" });
}
