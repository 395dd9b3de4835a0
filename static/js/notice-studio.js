// The notice studio: facts become a draft, the draft is written by a model while one looks on, and is edited in place.
import { call, send } from "./api.js";
import { clear, complain } from "./call-form.js";
import { readEvents } from "./chat-stream.js";
import { ask } from "./confirm-dialog.js";
import { make } from "./dom.js";
import { addFact, facts, focusGap, setFacts, showGaps, usual } from "./notice-facts.js";
import { cut, fit, paragraph, show } from "./notice-sheet.js";
import { tell } from "./notice-told.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const form = document.getElementById("notice-form");
const paper = document.getElementById("paper");
const view = document.getElementById("paper-view");
const state = document.getElementById("paper-state");
const told = document.getElementById("told");
const button = document.getElementById("draft");
let notice = null;

function request() {
  const body = { stream: true, writer: document.getElementById("n-model")?.checked ? "auto" : "template", facts: facts() };
  for (const name of ["subject", "kind", "direction", "issuer", "addressees", "document_number", "date"]) body[name] = form.elements[name].value.trim();
  return body;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clear(form);
  if (!form.elements.subject.value.trim()) return form.elements.subject.focus();
  button.disabled = true;
  working(say("drafting"));
  try {
    const options = { method: notice ? "PUT" : "POST", json: request(), timeout: 0, headers: { Accept: "text/event-stream" } };
    await follow(await send(notice ? `${form.dataset.url}/${notice.id}` : form.dataset.url, options));
  } catch (error) {
    complain(form, error);
    working("");
  } finally {
    button.disabled = false;
  }
});

/** The draft at once, then the model's paragraphs one by one in its place, in the end the notice. */
async function follow(response) {
  let body = null;
  let fresh = false;
  let ended = false;
  for await (const { event, data } of readEvents(response)) {
    if (event === "start" && data.model) working(say("writing", { name: data.model }));
    if (event === "draft") body = show(paper, { ...frameOf(), ...data });
    if (event === "paragraph" && body) {
      if (!fresh) body.replaceChildren();
      fresh = true;
      const made = paragraph(data);
      made.classList.add("new");
      body.append(made);
      cut(paper);
    }
    if (event === "done") {
      ended = true;
      take(data);
    }
  }
  if (!ended) throw new Error(say("cut_off"));
}

/** What stands around the text while it is being written. */
function frameOf() {
  const fields = {};
  for (const name of ["issuer", "addressees", "document_number"]) fields[name] = { value: form.elements[name].value.trim() };
  return { fields, attachments: [] };
}

function take(made) {
  const isNew = notice === null;
  notice = made;
  show(paper, notice);
  facet();
  showGaps(notice.gaps);
  tell(told, notice, { go });
  button.querySelector("span").textContent = say("again");
  document.getElementById("paper-bar").hidden = false;
  links();
  working(notice.written_by === "template" ? say("by_template") : say("by_model", { name: notice.written_by }), "ready");
  if (isNew) listed();
}

/** A new notice gets its address and its place in the list. */
function listed() {
  const href = `${form.dataset.page}${notice.id}/`;
  history.replaceState(null, "", href);
  const list = document.querySelector(".list-body");
  list.querySelector(".list-note")?.remove();
  const link = make("a", { className: "list-item", href, title: notice.title }, make("span", { textContent: notice.title }), make("span", { className: "number", textContent: notice.kind }));
  link.setAttribute("aria-current", "page");
  list.prepend(link);
}

function facet() {
  const why = document.getElementById("kind-why");
  why.hidden = form.elements.kind.value !== "";
  why.replaceChildren(Object.assign(document.createElement("strong"), { textContent: notice.kind }), ` · ${notice.kind_choice.source.name || notice.kind_choice.purpose}`);
}

function links() {
  const query = document.getElementById("sealed").checked ? "?sealed=true" : "";
  document.getElementById("get-word").href = notice.docx_url + query;
  const pdf = document.getElementById("get-pdf");
  if (pdf) pdf.href = (notice.pdf_url ?? "") + query;
}

function working(text, kind = "processing") {
  document.getElementById("paper-bar").hidden = !text && !notice;
  state.textContent = text;
  state.dataset.state = kind;
}

function go(place) {
  const target = place < 0 ? paper.querySelector(".title") : paper.querySelectorAll(".flow > p")[place];
  target?.scrollIntoView({ block: "center", behavior: "smooth" });
  target?.focus({ preventScroll: true });
}

paper.addEventListener("focusout", async (event) => {
  const edited = event.target.closest("[data-edits]");
  if (!edited || !notice) return;
  const lines = [...paper.querySelectorAll(".flow > p")];
  const same = lines.length === notice.paragraphs.length && lines.every((line, place) => line.textContent === notice.paragraphs[place].text);
  const title = paper.querySelector(".title").textContent;
  if (same && title === notice.title) return;
  const paragraphs = lines.map((line) => ({ text: line.textContent, level: Number(line.dataset.level), role: line.dataset.role }));
  try {
    take(await call(`${form.dataset.url}/${notice.id}`, { method: "PATCH", json: { title, paragraphs } }));
    working(say("kept"), "ready");
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});

paper.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.closest("[data-edits]")) return;
  event.preventDefault(); // a paragraph is one line of the document
  event.target.blur();
});

paper.addEventListener("click", (event) => {
  const mark = event.target.closest("mark.gap");
  if (mark) focusGap(mark.textContent);
});

document.getElementById("fact-menu").addEventListener("click", (event) => {
  const item = event.target.closest("[data-fact]");
  if (!item) return;
  document.getElementById("fact-menu").hidePopover();
  addFact(item.dataset.fact, "", { focus: true });
});

document.getElementById("sealed").addEventListener("change", () => notice && links());
document.getElementById("print").addEventListener("click", () => window.print());
document.getElementById("remove").addEventListener("click", async () => {
  if (!notice || !(await ask({ heading: say("delete_notice"), text: say("delete_notice_text"), confirm: say("delete") }))) return;
  try {
    await call(`${form.dataset.url}/${notice.id}`, { method: "DELETE" });
    location.assign(form.dataset.page);
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});

new ResizeObserver(() => fit(view, paper)).observe(view);
const kept = document.getElementById("notice");
if (kept) {
  const data = JSON.parse(kept.textContent);
  for (const name of ["subject", "kind", "direction", "issuer", "document_number", "date"]) form.elements[name].value = data.request[name] ?? "";
  form.elements.addressees.value = [data.request.addressees ?? ""].flat().join("，");
  setFacts(data.request.facts);
  notice = data;
  take(data);
} else {
  usual.forEach((name) => addFact(name));
}
