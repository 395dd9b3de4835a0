// The proofreading editor: a text, its findings, and what a person decides about them.
import { call } from "./api.js";
import { readFile } from "./proofread-file.js";
import { drawFilters, item } from "./proofread-list.js";
import { draw, findingAt, shifted, toUnits } from "./proofread-text.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const page = document.getElementById("proof");
const at = (id) => document.getElementById(id);
const text = at("text");
const state = { findings: [], chosen: null, category: "", known: "", reading: page.dataset.reading ?? "", run: null };
const DRAFT = "askive-proofread";

const open = () => state.findings.filter((one) => one.state === "open" && !one.gone);
const shown = () => open().filter((one) => !state.category || one.category === state.category);

function render() {
  draw(at("mirror"), text.value, state.findings, state.chosen);
  const list = shown();
  drawFilters(at("filters"), open(), state.category, (name) => {
    state.category = name;
    choose(shown()[0] ?? null);
  });
  at("findings").replaceChildren(...list.map((one) => item(one, { chosen: one === state.chosen, choose, act: (what, value) => decide(one, what, value) })));
  const sure = open().filter((one) => one.fixable && one.severity === "error");
  at("all").hidden = sure.length < 2 || Boolean(state.reading);
  at("accept-all").textContent = say("accept_all", { count: sure.length });
  at("length").textContent = say("length", { count: [...text.value].length.toLocaleString() });
  at("stale").hidden = !state.findings.length || text.value === state.known;
}

function tell() {
  const left = open();
  const number = (severity) => left.filter((one) => one.severity === severity).length;
  const counts = say("counts", { errors: number("error"), warnings: number("warning"), hints: number("info") });
  at("count").textContent = left.length ? counts : say(state.findings.length ? "all_done" : "nothing_found");
}

function choose(finding, { focus = false } = {}) {
  state.chosen = finding;
  render();
  if (!finding) return;
  const row = at(`finding-${finding.id}`);
  row?.scrollIntoView({ block: "nearest" });
  if (focus) row?.querySelector(".finding-head")?.focus({ preventScroll: true });
  at("mirror").querySelector("mark.chosen")?.scrollIntoView({ block: "nearest" });
}

function show(answer, read) {
  const units = toUnits(read);
  state.findings = answer.findings.map((one) => ({ ...one, start: units(one.offset), end: units(one.offset + one.length), gone: false }));
  state.known = read;
  state.category = "";
  at("empty").hidden = true;
  tell();
  choose(shown()[0] ?? null);
  if (answer.engines.model === "pending") later(answer.id);
}

async function check() {
  if (state.reading) return void location.assign(location.pathname);
  const read = text.value;
  if (!read.trim()) return void toast(say("empty_text"), { kind: "error" });
  state.run?.abort();
  state.run = new AbortController();
  at("count").textContent = say("reading");
  page.setAttribute("aria-busy", "true");
  try {
    const json = { text: read, kind: at("kind").value, profile: at("profile").value };
    show(await call("/api/v1/proofread", { method: "POST", json, signal: state.run.signal }), read);
    at("findings").focus({ preventScroll: true });
  } catch (error) {
    if (error.name !== "AbortError") failed(error);
  } finally {
    page.removeAttribute("aria-busy");
  }
}

/** What the chat model adds comes when it is done, if the text is still the same. */
async function later(id, tries = 40) {
  const read = state.known;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  if (text.value !== read || state.known !== read) return;
  const answer = await call(`/api/v1/proofreadings/${id}`).catch(() => null);
  if (!answer) return;
  if (answer.engines.model === "pending") return void (tries && later(id, tries - 1));
  const decided = new Map(state.findings.map((one) => [one.id, one.state]));
  for (const one of answer.findings) one.state = decided.get(one.id) ?? one.state;
  show(answer, read);
}

function failed(error) {
  at("count").textContent = "";
  toast(error.message, { kind: "error" });
}

function replace(finding, value) {
  const before = text.value;
  text.setRangeText(value, finding.start, finding.end, "end");
  finding.state = "accepted";
  shifted(state.findings.filter((one) => one !== finding), before, text.value);
  keep();
}

async function decide(finding, what, value = finding.suggestions[0]?.value ?? null) {
  const following = shown()[shown().indexOf(finding) + 1] ?? shown()[0];
  const applied = what === "accept" && value !== null && !state.reading;
  if (applied) replace(finding, value);
  else finding.state = { accept: "accepted", ignore: "ignored", whitelist: "whitelisted" }[what];
  tell();
  choose(following === finding || following?.gone ? (shown()[0] ?? null) : following, { focus: true });
  try {
    const json = what === "accept" ? { value } : {};
    const answer = await call(`/api/v1/findings/${finding.id}/${what}`, { method: "POST", json });
    if (what === "whitelist") toast(say("whitelisted", { word: answer.kept }));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

function acceptAll() {
  const sure = open().filter((one) => one.fixable && one.severity === "error").sort((a, b) => b.start - a.start);
  for (const one of sure) {
    if (one.gone) continue;
    replace(one, one.suggestions[0].value);
    call(`/api/v1/findings/${one.id}/accept`, { method: "POST", json: {} }).catch((error) => toast(error.message, { kind: "error" }));
  }
  tell();
  choose(shown()[0] ?? null);
}

async function take(file) {
  if (!file) return;
  at("count").textContent = say("reading_file", { name: file.name });
  at("empty").hidden = true;
  page.setAttribute("aria-busy", "true");
  try {
    const id = await readFile(file, { kind: at("kind").value, profile: at("profile").value });
    location.assign(`${location.pathname}?reading=${id}`);
  } catch (error) {
    page.removeAttribute("aria-busy");
    failed(error);
  }
}

async function openReading() {
  const base = `/api/v1/proofread/files/${state.reading}`;
  try {
    const answer = await call(`${base}/report.json?text=true`);
    text.value = answer.text ?? "";
    show(answer, text.value);
  } catch (error) {
    failed(error);
  }
  const papers = page.dataset.type === "docx" ? ["report.html", "tracked.docx", "clean.docx"] : ["report.html"];
  for (const paper of papers) {
    const link = at(paper.split(".")[0]);
    link.href = `${base}/${paper}`;
    link.hidden = false;
  }
}

const keep = () => state.reading || sessionStorage.setItem(DRAFT, text.value);

function step(by) {
  const list = shown();
  const place = list.indexOf(state.chosen) + by;
  if (list.length) choose(list[Math.max(0, Math.min(place, list.length - 1))], { focus: true });
}

function key(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return void (event.preventDefault(), check());
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === text) {
    if (event.key === "Escape") at("findings").focus();
    return;
  }
  if (event.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  const run = { j: () => step(1), k: () => step(-1), a: () => decide(state.chosen, "accept"), i: () => decide(state.chosen, "ignore"), w: () => decide(state.chosen, "whitelist") }[event.key];
  if (!run || (!state.chosen && !"jk".includes(event.key))) return;
  event.preventDefault();
  run();
}

let before = text.value;
text.addEventListener("beforeinput", () => (before = text.value));
text.addEventListener("input", () => {
  shifted(state.findings, before, text.value);
  if (state.chosen?.gone) state.chosen = null;
  before = text.value;
  keep();
  render();
});
text.addEventListener("click", () => {
  const finding = findingAt(state.findings, text.selectionStart);
  if (finding) choose(finding);
});
text.addEventListener("scroll", () => (at("mirror").scrollTop = text.scrollTop));
addEventListener("keydown", key);
at("check").addEventListener("click", check);
at("accept-all").addEventListener("click", acceptAll);
at("sample").addEventListener("click", () => ((text.value = say("sample")), keep(), check()));
at("upload").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", () => take(at("file").files[0]));
at("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(text.value).then(() => toast(say("copied_text")), () => toast(say("copy_failed"), { kind: "error" }));
});
at("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text.value], { type: "text/plain;charset=utf-8" }));
  link.download = `${(page.dataset.name ?? "askive").replace(/\.\w+$/, "")}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
page.addEventListener("dragover", (event) => event.preventDefault());
page.addEventListener("drop", (event) => {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
if (state.reading) openReading();
else text.value = sessionStorage.getItem(DRAFT) ?? "";
render();
