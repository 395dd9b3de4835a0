// Correcting a passage in place, with what it said before; and cutting the document by settings of its own.
import { call } from "./api.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const { id } = document.getElementById("document").dataset;

document.addEventListener("click", (event) => {
  const edit = event.target.closest("[data-chunk-edit]");
  if (edit) open(edit);
});

/** The text as it is (tables as Markdown) in a text area, the earlier ones below it. */
async function open(button) {
  const passage = button.closest(".passage");
  if (passage.querySelector(".passage-edit")) return;
  const url = `/api/v1/chunks/${button.dataset.chunkEdit}`;
  try {
    const { text, items } = await call(`${url}/revisions`);
    editor(passage, url, text, items);
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

function editor(passage, url, text, items) {
  const shown = passage.querySelector(".passage-text");
  const area = Object.assign(document.createElement("textarea"), { className: "textarea", value: text, maxLength: 20000 });
  area.setAttribute("aria-label", say("chunk_text"));
  const save = button("button small primary", say("save"));
  const cancel = button("button small quiet", say("cancel"));
  const form = element("div", "passage-edit", area, element("div", "passage-tools", save, cancel), history(items, area));
  const close = () => {
    form.remove();
    shown.hidden = false;
    passage.querySelector("[data-chunk-edit]").focus();
  };
  cancel.addEventListener("click", close);
  area.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && close());
  save.addEventListener("click", async () => {
    save.disabled = true;
    try {
      const row = await call(url, { method: "PATCH", json: { text: area.value } });
      shown.textContent = row.text;
      shown.classList.remove("wide-table");
      close();
      toast(say("chunk_saved"));
    } catch (error) {
      save.disabled = false;
      toast(error.message, { kind: "error" });
    }
  });
  shown.hidden = true;
  shown.after(form);
  area.style.height = `${Math.min(480, area.scrollHeight + 4)}px`;
  area.focus();
}

function history(items, area) {
  if (!items.length) return "";
  const rows = items.map((item) => {
    const back = button("button small", say("chunk_restore"));
    back.addEventListener("click", () => {
      area.value = item.text;
      area.focus();
    });
    const when = new Date(item.replaced_at).toLocaleString(document.documentElement.lang);
    const head = element("div", "row small soft", element("span", "", say("chunk_until", { when, who: item.replaced_by ?? "–" })), back);
    return element("li", "", head, element("pre", "", item.text));
  });
  return element("details", "", element("summary", "small", say("chunk_history", { count: items.length })), element("ul", "revision-list", ...rows));
}

const dialog = document.getElementById("reading-options");
document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-reading]")?.dataset.reading;
  if (act === "preview") preview();
  if (act === "apply") apply();
});

const chosen = () => {
  const units = Number(dialog.querySelector("[name=chunk_units]").value);
  const kept = dialog.querySelector("[name=keep_headers_footers]").checked;
  return { ...(units && { chunk_units: units }), ...(kept && { keep_headers_footers: true }) };
};

async function preview() {
  const list = dialog.querySelector(".preview-list");
  const count = dialog.querySelector("[data-preview-count]");
  dialog.setAttribute("aria-busy", "true");
  count.textContent = say("preview_running");
  try {
    const found = await call(`/api/v1/documents/${id}/preview`, { method: "POST", json: chosen(), timeout: 120_000 });
    count.textContent = say("preview_count", { count: found.count, now: dialog.dataset.now });
    list.replaceChildren(...found.passages.map(({ text, headings }) => element("li", "", element("p", "small faint", headings.join(" › ")), text)));
    list.scrollTop = 0;
  } catch (error) {
    count.textContent = error.message;
    list.replaceChildren();
  } finally {
    dialog.removeAttribute("aria-busy");
  }
}

async function apply() {
  try {
    await call(`/api/v1/documents/${id}`, { method: "PATCH", json: { options: chosen() } });
    await call(`/api/v1/documents/${id}/reindex`, { method: "POST" });
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

function button(className, textContent) {
  return Object.assign(document.createElement("button"), { type: "button", className, textContent });
}

function element(name, className, ...children) {
  const made = Object.assign(document.createElement(name), { className });
  made.append(...children);
  return made;
}
