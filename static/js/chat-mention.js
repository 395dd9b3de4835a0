// @ in the composer: completes the name of a folder or document, which becomes a chip.
import { addPlace, findPlaces, option } from "./chat-scope.js";

const field = document.getElementById("content");
const menu = document.getElementById("mention-menu");
const TYPED = /(?:^|\s)@([^\s@]{0,60})$/;
const MOST = 8;
const WAIT_MS = 150;
let timer = 0;
let asked = null;
let shown = [];
let at = 0;

const typed = () => field.value.slice(0, field.selectionStart).match(TYPED);

field.addEventListener("input", () => {
  clearTimeout(timer);
  if (!typed()) return close();
  timer = setTimeout(find, WAIT_MS);
});
field.addEventListener("blur", () => setTimeout(close, 150));

field.addEventListener("keydown", (event) => {
  if (!menu.matches(":popover-open") || event.isComposing) return;
  if (event.key === "Escape") close();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(at + (event.key === "ArrowDown" ? 1 : -1));
  else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") take(shown[at]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

async function find() {
  const words = typed();
  if (!words) return close();
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const found = await findPlaces(words[1], signal).catch(() => []);
  if (signal.aborted || !typed()) return;
  shown = found.slice(0, MOST);
  if (!shown.length) return close();
  menu.replaceChildren(...shown.map((place, index) => {
    const button = option(place);
    button.setAttribute("role", "option");
    button.tabIndex = -1;
    button.id = `mention-${index}`;
    button.addEventListener("click", () => erase());
    return button;
  }));
  if (!menu.matches(":popover-open")) menu.showPopover();
  const box = field.getBoundingClientRect();
  menu.style.left = `${Math.round(box.left)}px`;
  menu.style.top = `${Math.round(Math.max(8, box.top - menu.offsetHeight - 8))}px`;
  choose(0);
}

function choose(index) {
  at = (index + shown.length) % shown.length;
  [...menu.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
  field.setAttribute("aria-activedescendant", `mention-${at}`);
  menu.children[at]?.scrollIntoView({ block: "nearest" });
}

function take(place) {
  if (!place) return;
  addPlace(place);
  erase();
}

/** Take "@words" out of the question: the chip says it now. */
function erase() {
  const words = typed();
  if (words) {
    const end = field.selectionStart;
    field.setRangeText("", end - words[1].length - 1, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  close();
  field.focus();
}

function close() {
  asked?.abort();
  field.removeAttribute("aria-activedescendant");
  if (menu.matches(":popover-open")) menu.hidePopover();
}
