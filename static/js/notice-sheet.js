// The sheet: a notice as paper, cut into pages by floats (see sheet.css), its paragraphs editable in place.
import { make } from "./dom.js";
import { say } from "./strings.js";

const GAP = /(［待补：[^］]{1,40}］)/;
const WIDTH = 794; // A4 in CSS pixels
const MOST_PAGES = 60;

/** Show a notice. `paragraphs` may be fewer than the notice has, while they are still being written. */
export function show(paper, notice) {
  const type = make("div", { className: "type" });
  type.append(...head(notice), title(notice.title_lines ?? [notice.title]), ...addressee(notice));
  const body = make("div", { className: "flow" });
  body.append(...notice.paragraphs.map(paragraph));
  type.append(body, ...attachments(notice), ...signature(notice));
  paper.replaceChildren(type);
  cut(paper);
  return body;
}

const value = (notice, name) => notice.fields?.[name]?.value ?? "";
const line = (className, text) => make("p", { className, textContent: text });
const blank = () => line("blank", "\u00a0");

function head(notice) {
  const issuer = value(notice, "issuer");
  const tops = ["copy_number", "secrecy", "urgency"].map((name) => value(notice, name)).filter(Boolean);
  if (!issuer) return [...tops.map((text) => line("head-1", text)), blank()];
  const mark = line("mark", /(文件|令)$/.test(issuer) ? issuer : `${issuer}文件`);
  const size = Math.max(26, Math.min(62, 442.2 / Math.max(mark.textContent.length, 4)));
  mark.style.fontSize = `${size}pt`;
  mark.style.marginBlockStart = `calc(35mm - ${tops.length} * var(--line) - ${size * 0.2}pt)`;
  const signer = value(notice, "signer");
  const number = line("number-line", value(notice, "document_number") + (signer ? `　　　　签发人：${signer}` : "") || "\u00a0");
  return [...tops.map((text) => line("head-1", text)), mark, blank(), blank(), number, make("div", { className: "red-rule" }), blank(), blank()];
}

function title(lines) {
  const made = line("title", lines[0]);
  lines.slice(1).forEach((text) => made.append(document.createElement("br"), text));
  editable(made, "title");
  return made;
}

function addressee(notice) {
  const text = value(notice, "addressees");
  return text ? [blank(), line("addressee", `${text}：`)] : [blank()];
}

/** One paragraph with its gaps marked and its sources on hover. */
export function paragraph(one) {
  const made = make("p", { className: "indent", dataset: { level: one.level, role: one.role } });
  if (one.role === "head") made.classList.add(`head-${one.level}`);
  for (const part of one.text.split(GAP)) {
    if (GAP.test(part)) made.append(make("mark", { className: "gap", textContent: part }));
    else if (part) made.append(part);
  }
  if (one.sources?.length) made.title = say("from", { sources: one.sources.map(named).join(say("comma")) });
  editable(made, "paragraph");
  return made;
}

function named(source) {
  if (source.kind === "document") return `《${source.title}》`;
  if (source.kind === "fact") return say("source_fact", { name: source.name });
  return say(`source_${source.kind}`);
}

function editable(element, what) {
  element.contentEditable = "plaintext-only";
  if (element.contentEditable !== "plaintext-only") element.contentEditable = "true";
  element.dataset.edits = what;
  element.spellcheck = false;
}

function attachments(notice) {
  const held = notice.attachments ?? [];
  if (!held.length) return [];
  const lines = held.map((one, place) => line("attached", `${place ? "　　　" : "附件："}${held.length > 1 ? `${place + 1}.` : ""}${one.title}`));
  return [blank(), ...lines];
}

function signature(notice) {
  const [issuer, day] = [value(notice, "issuer"), value(notice, "date")];
  const told = [["联系人", value(notice, "contact")], ["联系电话", value(notice, "phone")]];
  const note = told.filter(([, text]) => text).map(([word, text]) => `${word}：${text}`).join("；");
  const lines = issuer || day ? [blank(), blank()] : [];
  const [nameAt, dayAt] = places(issuer, day);
  for (const [text, at] of [[issuer, nameAt], [day, dayAt]]) {
    if (!text) continue;
    const made = line("signed", text);
    made.style.marginInlineStart = `${Math.max(0, at)}pt`;
    lines.push(made);
  }
  if (note) lines.push(line("indent", `（${note}）`));
  return lines;
}

const wide = (text) => [...text].reduce((sum, letter) => sum + (/[\x20-\x7e]/.test(letter) ? 7.75 : 15.75), 0);

/** Where name and date begin, in points: the date two characters right of the name, never nearer the edge than two. */
function places(issuer, day) {
  const right = 442.2 - 31.5;
  const name = right - wide(issuer);
  const date = Math.min(name + 31.5, right - wide(day));
  return [day ? Math.min(name, date - 31.5) : name, date];
}

/** Cut into pages, as many as it takes. */
export function cut(paper) {
  const type = paper.querySelector(".type");
  if (!type) return;
  paper.querySelectorAll(".cut-tall, .cut-gap, .between, .page-number").forEach((item) => item.remove());
  const pair = () => [make("div", { className: "cut-tall" }), make("div", { className: "cut-gap" })];
  const probe = pair();
  type.prepend(...probe);
  const [tall, gap] = probe.map((item) => item.offsetHeight);
  probe.forEach((item) => item.remove());
  const anchor = document.createElement("div");
  type.prepend(anchor);
  let pages = 1;
  while (type.offsetHeight > pages * tall + (pages - 1) * gap + 1 && pages < MOST_PAGES) {
    anchor.before(...pair());
    pages += 1;
  }
  anchor.remove();
  paper.style.minHeight = `calc(${pages} * 297mm + ${pages - 1} * 6mm)`;
  for (let page = 1; page <= pages; page += 1) paper.append(...furniture(page, pages));
}

function furniture(page, pages) {
  const number = make("div", { className: "page-number", textContent: `— ${page} —` });
  number.style.top = `calc(${page} * 297mm + ${page - 1} * 6mm - 28mm)`;
  number.style[page % 2 ? "right" : "left"] = page % 2 ? "calc(26mm + 14pt)" : "calc(28mm + 14pt)";
  if (page === pages) return [number];
  const between = make("div", { className: "between" });
  between.style.top = `calc(${page} * 297mm + ${page - 1} * 6mm)`;
  return [number, between];
}

/** As large as there is room, at most at its true size. */
export function fit(view, paper) {
  const room = view.clientWidth - 2 * parseFloat(getComputedStyle(view).paddingInlineStart);
  paper.style.zoom = Math.min(1, Math.max(0.3, room / WIDTH));
}
