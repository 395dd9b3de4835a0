// Popover menus (class "menu"): placed beside the button that opened them, walked with arrow keys.
const GAP = 6;
const EDGE = 8;

let pressed = null; // one menu may serve many buttons

document.addEventListener("click", (event) => (pressed = event.target.closest?.("[popovertarget]") ?? pressed), true);

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
    const opener = openerOf(menu);
    const open = event.newState === "open";
    opener?.setAttribute("aria-expanded", String(open));
    if (!open || !opener) return;
    place(menu, opener);
    focusables(menu)[0]?.focus({ preventScroll: true });
  },
  true,
);

function openerOf(menu) {
  if (pressed?.getAttribute("popovertarget") === menu.id && pressed.isConnected) return pressed;
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu:popover-open");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  if (event.target.matches("input[type=text], input[type=search], textarea")) return;
  event.preventDefault();
  const items = focusables(menu);
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  items[(next + items.length) % items.length]?.focus();
});

// A menu's own item closes it, except check boxes, which are chosen one after the other, and what unfolds more.
document.addEventListener("click", (event) => {
  const item = event.target.closest?.(".menu:popover-open .menu-item");
  if (item && !item.matches("label, summary")) item.closest(".menu").hidePopover();
});

/** Put a fixed element beside another: below, or above where there is no room; kept inside the window. */
export function place(element, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const above = box.bottom + GAP + height > innerHeight - EDGE && box.top - GAP - height >= EDGE;
  const left = Math.min(Math.max(EDGE, alignEnd(element, box) ? box.right - width : box.left), innerWidth - width - EDGE);
  const top = above ? box.top - GAP - height : Math.min(box.bottom + GAP, innerHeight - height - EDGE);
  element.style.left = `${Math.round(Math.max(EDGE, left))}px`;
  element.style.top = `${Math.round(Math.max(EDGE, top))}px`;
}

const alignEnd = (element, box) => element.dataset.align === "end" || box.left > innerWidth / 2;

const focusables = (menu) =>
  [...menu.querySelectorAll("a[href], button:not(:disabled), input:not(:disabled)")].filter((item) => item.offsetParent);
