// Citation marks: a card on hover and focus, the source panel on click, arrow keys from one to the next.
import { fragment } from "./api.js";
import { place } from "./menu.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const card = document.getElementById("cite-card");
const panel = document.getElementById("panel");
const SHOW_MS = 120;
const SKELETON = '<div class="panel-body"><span class="skeleton"></span><span class="skeleton"></span><span class="skeleton"></span></div>';
let timer = 0;
let open = null; // the mark or row whose source is shown
let loading = null;

// --- the card
const hoverable = (event) => event.target.closest?.(".answer a.cite");
document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && later(hoverable(event)));
document.addEventListener("focusin", (event) => later(event.target.matches?.(":focus-visible") ? hoverable(event) : null));
document.addEventListener("pointerout", (event) => hoverable(event) && hide());
document.addEventListener("focusout", (event) => hoverable(event) && hide());
document.getElementById("thread").addEventListener("scroll", () => hide());

function later(mark) {
  clearTimeout(timer);
  if (mark) timer = setTimeout(() => show(mark), SHOW_MS);
}

function hide() {
  clearTimeout(timer);
  if (card.matches(":popover-open")) card.hidePopover();
}

function show(mark) {
  const source = sourcesOf(mark.closest(".answer")).find(({ number }) => number === Number(mark.dataset.number));
  if (!source || !mark.isConnected) return;
  card.replaceChildren(line("cite-card-title", source.title, source.place), line("cite-card-quote", source.quote));
  if (!card.matches(":popover-open")) card.showPopover();
  place(card, mark);
}

function line(className, ...texts) {
  const element = Object.assign(document.createElement("div"), { className });
  element.append(...texts.filter(Boolean).map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  return element;
}

/** From the stream while it runs, else from what the server put beside the answer. */
function sourcesOf(answer) {
  if (!answer.sources) {
    const block = answer.querySelector(":scope > script[type='application/json']");
    answer.sources = block ? JSON.parse(block.textContent).sources : [];
  }
  return answer.sources;
}

// --- the panel
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.cite, a.source-row");
  if (link?.closest(".answer") && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    hide();
    reveal(link);
  }
  const action = event.target.closest("[data-source]")?.dataset.source;
  if (action === "close") close();
  else if (action) step(action === "next" ? 1 : -1);
});

async function reveal(link, { remember = true } = {}) {
  const wasClosed = panel.hidden;
  current(link);
  panel.hidden = false;
  if (wasClosed) panel.innerHTML = SKELETON;
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  try {
    panel.innerHTML = await fragment(link.getAttribute("href"), { signal });
  } catch (error) {
    if (signal.aborted) return;
    close();
    toast(error.message, { kind: "error" });
    return;
  }
  number();
  if (remember) address(link, wasClosed);
  if (wasClosed) panel.focus({ preventScroll: true });
  (panel.querySelector(".source-boxes rect") ?? panel.querySelector("mark"))?.scrollIntoView({ block: "nearest" });
}

function current(link) {
  open?.removeAttribute("aria-current");
  open = link;
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
}

function close({ remember = true } = {}) {
  if (panel.hidden) return;
  loading?.abort();
  panel.hidden = true;
  panel.replaceChildren();
  const link = open;
  current(null);
  link?.focus({ preventScroll: true });
  if (remember && location.hash) history.replaceState(null, "", location.pathname + location.search);
}

/** The marks of the same answer in reading order, each source once in a row; rows where it has no marks. */
function series() {
  const answer = open?.closest(".answer");
  if (!answer) return [];
  const marks = [...answer.querySelectorAll(open.matches(".cite") ? "a.cite" : "a.source-row")];
  const shown = marks.filter((mark) => mark === open || (mark.checkVisibility?.() ?? true));
  return shown.filter((mark, at) => mark === open || mark.dataset.number !== shown[at - 1]?.dataset.number);
}

function step(by) {
  const all = series();
  const next = all[all.indexOf(open) + by];
  if (next) reveal(next);
}

function number() {
  const all = series();
  const at = all.indexOf(open);
  const label = panel.querySelector("[data-source-place]");
  if (!label) return;
  label.textContent = all.length > 1 ? say("source_place", { index: at + 1, count: all.length }) : "";
  panel.querySelector("[data-source=previous]").disabled = at <= 0;
  panel.querySelector("[data-source=next]").disabled = at >= all.length - 1;
}

document.addEventListener("keydown", (event) => {
  if (panel.hidden || document.querySelector("dialog[open], .menu:popover-open")) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === "Escape") close();
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") step(event.key === "ArrowRight" ? 1 : -1);
  else return;
  event.preventDefault();
});

// --- the address names the open source, and back closes it
const HASH = /^#source-([0-9a-f-]{36})-(\d+)$/;

function address(link, isNew) {
  const hash = `#source-${link.closest(".answer").dataset.message}-${link.dataset.number}`;
  if (HASH.test(hash)) history[isNew ? "pushState" : "replaceState"](null, "", hash);
}

function fromAddress() {
  const [, message, wanted] = location.hash.match(HASH) ?? [];
  const answer = message && document.getElementById(`message-${message}`);
  const link = answer?.querySelector(`a[data-number="${wanted}"]`);
  if (link) reveal(link, { remember: false });
  else close({ remember: false });
}

addEventListener("popstate", fromAddress);
if (location.hash) fromAddress();
