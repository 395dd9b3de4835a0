// The frame: the list column folds away (remembered), and is a drawer on a phone; Escape closes it.
import "./dialog.js";
import "./menu.js";
import "./shown.js";
import { toast } from "./toast.js";
import { say } from "./strings.js";

const frame = document.querySelector(".frame");
const phone = matchMedia("(max-width: 767px)");
const toggles = document.querySelectorAll(".list-toggle");
const YEAR = 365 * 24 * 3600;

const isOpen = () => (phone.matches ? frame.dataset.drawer === "open" : frame.dataset.list !== "closed");
const mark = () => toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", String(isOpen())));

function show(open) {
  if (phone.matches) {
    frame.dataset.drawer = open ? "open" : "closed";
    if (open) document.querySelector(".list :is(a, button, input)")?.focus({ preventScroll: true });
  } else {
    frame.dataset.list = open ? "open" : "closed";
    document.cookie = `askive_list=${frame.dataset.list}; path=/; max-age=${YEAR}; samesite=lax`;
  }
  mark();
}

if (frame) {
  toggles.forEach((toggle) => toggle.addEventListener("click", () => show(!isOpen())));
  phone.addEventListener("change", mark);
  mark();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && phone.matches && isOpen()) {
      show(false);
      toggles.forEach((toggle) => toggle.offsetParent && toggle.focus());
    }
  });
  document.addEventListener("click", (event) => {
    if (!phone.matches || !isOpen()) return;
    if (event.target === frame || event.target.closest(".list a")) show(false);
  });
}

// Fragments that htmx could not fetch say so, instead of nothing happening.
document.addEventListener("htmx:sendError", () => toast(say("offline"), { kind: "error" }));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const key = { 401: "signed_out", 403: "forbidden", 404: "not_found", 429: "too_many" }[status] ?? "server_error";
  toast(say(key), { kind: "error" });
});

// Messages that the server left for this page (django.contrib.messages).
document.querySelectorAll("[data-toast]").forEach((item) => {
  toast(item.textContent.trim(), { kind: item.dataset.toast === "error" ? "error" : "info" });
});

// Copy buttons: [data-copy="text"] or [data-copy-from="#id"].
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const text = button.dataset.copy ?? document.querySelector(button.dataset.copyFrom)?.innerText ?? "";
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    toast(say("copy_failed"), { kind: "error" });
  }
});
