// A passage shows its place in the original; a switch takes it out of search or puts it back.
import { call, fragment } from "./api.js";
import { drawBoxes, showPage } from "./document-viewer.js";
import { showPane } from "./document-tabs.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const reader = document.getElementById("reader");

// The whole passage can be clicked, its text can still be selected; the link in its head is for the keyboard.
document.addEventListener("click", (event) => {
  const passage = event.target.closest(".passage");
  if (!passage || event.target.closest(".switch, .passage-pen, .passage-edit") || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (!event.target.closest("[data-chunk]") && !getSelection().isCollapsed) return;
  event.preventDefault();
  open(passage.querySelector("[data-chunk]"));
});

function open(button) {
  document.querySelectorAll(".passage[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  button.closest(".passage").setAttribute("aria-current", "true");
  const address = new URL(location.href);
  address.searchParams.delete("page");
  address.searchParams.set("chunk", button.dataset.chunk);
  history.replaceState(history.state, "", address);
  showPane("original");
  if (reader) return openText(button.dataset.chunk);
  const boxes = JSON.parse(button.dataset.boxes || "[]");
  const page = Number(button.dataset.page) || boxes[0]?.[0];
  if (!page) return;
  drawBoxes(boxes);
  if (!showPage(page, { box: boxes.find((box) => box[0] === page) })) location.assign(address);
}

async function openText(chunk) {
  try {
    reader.innerHTML = await fragment(`${reader.dataset.url}?chunk=${chunk}`);
    window.htmx?.process(reader); // its buttons load more
    toMark();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

/** The first marked block, a little below the top. */
function toMark() {
  reader?.querySelector(".passage-mark")?.scrollIntoView({ block: "center" });
}
if (reader) requestAnimationFrame(toMark);
document.querySelector(".passage[aria-current]")?.scrollIntoView({ block: "nearest" });

document.addEventListener("change", async (event) => {
  const box = event.target.closest("[data-chunk-switch]");
  if (!box) return;
  const passage = box.closest(".passage");
  const enabled = box.checked;
  passage.classList.toggle("off", !enabled);
  try {
    await call(`/api/v1/chunks/${box.dataset.chunkSwitch}`, { method: "PATCH", json: { enabled } });
    toast(say(enabled ? "passage_on" : "passage_off", { number: box.dataset.number }));
  } catch (error) {
    box.checked = !enabled;
    passage.classList.toggle("off", enabled);
    toast(error.message, { kind: "error" });
  }
});

// Up and down walk the passages when one has the focus.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches?.("[data-chunk]")) return;
  const all = [...document.querySelectorAll("[data-chunk]")];
  const next = all[all.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
});
