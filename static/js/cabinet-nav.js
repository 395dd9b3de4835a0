// Moving between the folders of one cabinet without leaving the page, so that uploads go on.
// Links and forms with data-nav replace the view and the tree; back and forward work.
import { fragment } from "./api.js";
import { toast } from "./toast.js";

const VIEW = "cabinet-view";
const PARTS = ["cabinet-tree", VIEW];
const LIVE = ["cabinet-tree", "documents"];
let running = null;

/** Show another address of this cabinet. `push` adds it to the history, otherwise it replaces the entry. */
export async function go(url, { push = true, parts = PARTS } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  const view = document.getElementById(VIEW);
  view.setAttribute("aria-busy", "true");
  try {
    const html = await fragment(url, { signal: mine.signal });
    const page = new DOMParser().parseFromString(html, "text/html");
    if (!page.getElementById(VIEW)) return location.assign(url);
    if (push) history.pushState({ nav: true }, "", url);
    else history.replaceState({ nav: true }, "", url);
    show(page, parts);
  } catch (error) {
    if (!mine.signal.aborted) toast(error.message, { kind: "error" });
  } finally {
    document.getElementById(VIEW)?.removeAttribute("aria-busy");
  }
}

function show(page, parts) {
  document.title = page.title;
  for (const id of parts) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (!old || !fresh) continue;
    old.replaceWith(document.adoptNode(fresh));
    window.htmx?.process(fresh);
  }
  document.dispatchEvent(new CustomEvent("cabinet:shown"));
}

/** The same place again: rows, counts and folders as they are now; what is being typed stays. */
export const refresh = () => go(location.href, { push: false, parts: LIVE });

let waiting = null;
/** Many changes in a row refresh once. */
export function refreshSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 500);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-nav]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const top = link.closest(".table thead, .filters") === null;
  go(link.href).then(() => top && document.getElementById("main").scrollTo(0, 0));
});

let typing = null;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-nav-form]");
  if (!form || event.isComposing) return;
  clearTimeout(typing);
  typing = setTimeout(() => go(address(form), { push: false, parts: LIVE }), 250);
});
document.addEventListener("compositionend", (event) => {
  const form = event.target.closest?.("form[data-nav-form]");
  if (form) go(address(form), { push: false, parts: LIVE });
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-nav-form]")) return;
  event.preventDefault();
  clearTimeout(typing);
  go(address(event.target), { push: false, parts: LIVE });
});

function address(form) {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  return location.pathname + (asked.size ? `?${asked}` : "");
}

addEventListener("popstate", () => go(location.href, { push: false }));

// A poll that fails says so once, not every two seconds; the next that succeeds ends the silence.
let silent = false;
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (event.target.dataset?.poll === undefined) return;
    if (silent) event.stopImmediatePropagation();
    silent = true;
  }, true);
}
document.addEventListener("htmx:afterSwap", () => (silent = false));

// Rows ask for themselves while something is being read: not in a hidden tab, and not while a menu is open.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.dataset?.poll === undefined) return;
  if (document.hidden || document.querySelector(".menu:popover-open")) event.preventDefault();
});
