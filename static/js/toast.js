// Short messages at the foot of the page, read out politely. With an action they wait longer.
import { icon } from "./icon.js";
import { say } from "./strings.js";

const MOST = 3;

/**
 * Show a sentence. `kind` is "info" or "error"; `action` {label, run} adds one button.
 * Resolves when it is gone, with "action", "closed" or "timeout".
 */
export function toast(text, { kind = "info", action = null, seconds = action || kind === "error" ? 7 : 3.5 } = {}) {
  const region = document.getElementById("toasts");
  while (region.children.length >= MOST) region.firstElementChild.dispatchEvent(new Event("toast:close"));
  const item = document.createElement("div");
  item.className = "toast";
  if (kind === "error") item.append(icon("warning"));
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  raise(region);
  return new Promise((resolve) => {
    const close = (how) => {
      clearTimeout(timer);
      item.remove();
      if (!region.children.length && region.matches(":popover-open")) region.hidePopover();
      resolve(how);
    };
    let timer = setTimeout(() => close("timeout"), seconds * 1000);
    item.addEventListener("toast:close", () => close("timeout"));
    item.addEventListener("mouseenter", () => clearTimeout(timer));
    item.addEventListener("mouseleave", () => (timer = setTimeout(() => close("timeout"), 2500)));
    if (action) item.append(button(action.label, () => (action.run?.(), close("action"))));
    item.append(button(null, () => close("closed")));
    region.append(item);
  });
}

/** Above open dialogs too: the region is a manual popover in the top layer. */
function raise(region) {
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover?.();
}

function button(label, run) {
  const element = document.createElement("button");
  element.type = "button";
  if (label) element.textContent = label;
  else {
    element.append(icon("close", { small: true }));
    element.setAttribute("aria-label", say("close"));
  }
  element.addEventListener("click", run);
  return element;
}
