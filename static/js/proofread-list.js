// Findings as a list in the margin; the chosen one is open and has its buttons.
import { icon } from "./icon.js";
import { say } from "./strings.js";

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
};

/** Counts by category as buttons; the pressed one filters. */
export function drawFilters(box, findings, chosen, onChoose) {
  const counts = new Map();
  for (const one of findings) counts.set(one.category, (counts.get(one.category) ?? 0) + 1);
  const entries = [["", findings.length], ...[...counts].sort((a, b) => b[1] - a[1])];
  box.replaceChildren(
    ...(findings.length ? entries : []).map(([name, count]) => {
      const button = make("button", "chip");
      button.type = "button";
      button.setAttribute("aria-pressed", String(name === chosen));
      button.append(name ? say(`category_${name}`) : say("all_categories"), " ", make("span", "number", String(count)));
      button.addEventListener("click", () => onChoose(name));
      return button;
    }),
  );
}

/** One finding. `act` is called with accept (and a value), ignore or whitelist. */
export function item(finding, { chosen, choose, act }) {
  const row = make("li", "finding");
  row.id = `finding-${finding.id}`;
  row.dataset.severity = finding.severity;
  if (chosen) row.setAttribute("aria-current", "true");
  const head = make("button", "finding-head");
  head.type = "button";
  head.setAttribute("aria-expanded", String(chosen));
  head.append(kindLine(finding), changeLine(finding));
  head.addEventListener("click", () => choose(finding));
  row.append(head);
  if (chosen) row.append(body(finding, act));
  return row;
}

function kindLine(finding) {
  const line = make("span", "finding-kind");
  line.append(make("span", "finding-severity", say(`severity_${finding.severity}`)), make("span", "", say(`category_${finding.category}`)), make("span", "finding-rule", finding.rule.id));
  return line;
}

function changeLine(finding) {
  const line = make("span", "finding-change");
  const first = finding.suggestions[0];
  if (!first) {
    line.append(make("span", "", finding.text || finding.message));
    return line;
  }
  line.append(make("del", "", finding.text.trim() ? finding.text : "␣"), icon("chevron-right", { small: true }), first.value ? make("ins", "", first.value) : make("span", "soft", say("delete_text")));
  return line;
}

function body(finding, act) {
  const box = make("div", "finding-body");
  box.append(make("p", "finding-message", finding.message));
  if (finding.explanation) box.append(make("p", "finding-why", finding.explanation));
  if (finding.conflicts.length) box.append(make("p", "finding-why", say("conflict")));
  for (const source of finding.sources) box.append(sourceLine(source));
  const row = make("div", "row finding-actions");
  const values = finding.suggestions.length ? finding.suggestions.slice(0, 4) : [{ value: null }];
  values.forEach(({ value }, place) => {
    const word = /[\p{L}\p{N}]/u.test(value ?? ""); // a sign alone is no label
    const label = value === null ? say("accept") : word ? value : value ? `${say("accept")} ${value}` : say("delete_text");
    row.append(action(label, () => act("accept", value), place === 0 ? "button small primary" : "button small"));
  });
  row.append(action(say("ignore"), () => act("ignore"), "button small quiet"), action(say("whitelist"), () => act("whitelist"), "button small quiet"));
  box.append(row);
  return box;
}

function sourceLine(source) {
  const line = make("p", "finding-source");
  const link = make("a", "link", source.title);
  link.href = source.url;
  line.append(`${say(source.kind === "precedent" ? "precedent" : "source")} `, link);
  if (source.quote) line.append(make("q", "", source.quote));
  return line;
}

function action(label, run, name) {
  const button = make("button", name, label);
  button.type = "button";
  button.addEventListener("click", run);
  return button;
}
