// "Are you sure", where nothing can be undone: says what will happen and how many it concerns.
import { say } from "./strings.js";

/** Ask; resolves true only when the person confirmed. `danger` colours the button; `only` leaves no way to refuse. */
export function ask({ heading, text, confirm, danger = true, only = false }) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
  dialog.setAttribute("aria-labelledby", "confirm-heading");
  const head = element("div", "dialog-head", element("h2", "", heading));
  head.firstChild.id = "confirm-heading";
  const body = element("div", "dialog-body", element("p", "soft", text));
  const cancel = element("button", "button quiet", say("cancel"));
  const go = element("button", danger ? "button danger" : "button primary", confirm);
  dialog.append(head, body, element("div", "dialog-foot", ...(only ? [go] : [cancel, go])));
  document.body.append(dialog);
  return new Promise((resolve) => {
    cancel.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    (only ? go : cancel).focus();
  });
}

function element(name, className, ...children) {
  const made = Object.assign(document.createElement(name), { className });
  if (name === "button") made.type = "button";
  made.append(...children);
  return made;
}
