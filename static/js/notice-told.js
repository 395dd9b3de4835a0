// Below the facts: warnings, the reader test, what proofreading found, and the earlier documents used.
import { make } from "./dom.js";
import { icon } from "./icon.js";
import { say } from "./strings.js";

const LOOKS = { error: ["warning", "bad"], warning: ["warning", "warn"], info: ["info", "soft"] };

export function tell(place, notice, { go }) {
  const parts = [];
  for (const text of notice.warnings) {
    parts.push(make("div", { className: "notice warn" }, icon("warning"), make("div", { textContent: text })));
  }
  if (notice.reader.length) parts.push(section(say("reader_test"), readers(notice, go), notice.reader.filter((one) => !one.answered).length));
  parts.push(section(say("self_check"), findings(notice, go), notice.findings.length));
  if (notice.precedents.length) parts.push(section(say("precedents"), notice.precedents.map(precedent)));
  place.replaceChildren(...parts);
}

function section(heading, rows, count = 0) {
  const title = make("h2", {}, heading, count ? make("span", { className: "number faint", textContent: count }) : null);
  return make("section", { className: "told" }, title, make("ul", {}, ...rows));
}

function readers(notice, go) {
  return notice.reader.map((one) => {
    const text = one.answered ? one.answer : say("reader_missing");
    const words = make("span", {}, make("span", { className: "faint", textContent: `${one.question} ` }), text);
    return row(one.answered ? ["check", "good"] : ["warning", "warn"], words, one.paragraph === null ? null : () => go(one.paragraph));
  });
}

function findings(notice, go) {
  if (!notice.findings.length) return [row(["check", "good"], make("span", { textContent: say("no_findings") }))];
  return notice.findings.map((one) => {
    const words = make("span", {}, make("strong", { textContent: one.text ? `“${one.text}” ` : "" }), one.message);
    if (one.suggestions.length) words.append(` → ${one.suggestions[0]}`);
    return row(LOOKS[one.severity] ?? LOOKS.info, words, () => go(one.paragraph));
  });
}

function precedent(one) {
  const link = make("a", { href: one.url, textContent: one.title, className: "link" });
  return row(["document", "soft"], make("span", {}, link));
}

function row([name, look], words, run = null) {
  const mark = icon(name, { small: true });
  mark.classList.add(look);
  if (!run) return make("li", {}, mark, words);
  const button = make("button", { className: "line" }, words);
  button.addEventListener("click", run);
  return make("li", {}, mark, button);
}
