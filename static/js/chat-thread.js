// The thread: questions and answers as they are added, and scrolling that leaves a reader alone.
import { morph } from "./chat-morph.js";
import { say } from "./strings.js";

export const thread = document.getElementById("thread");
const turns = document.getElementById("turns");
const latest = document.getElementById("latest");
const NEAR = 72;
let stuck = !document.getElementById("welcome"); // a greeting is read from its top

thread.addEventListener("scroll", () => {
  stuck = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR;
  latest.hidden = stuck;
});
latest.addEventListener("click", () => follow({ force: true }));
new ResizeObserver(() => follow()).observe(turns);

/** Keep the end in view, if the reader was there. */
export function follow({ force = false } = {}) {
  if (!force && !stuck) return;
  stuck = true;
  thread.scrollTop = thread.scrollHeight;
}

const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

export function addQuestion(content) {
  document.getElementById("welcome")?.remove();
  const question = clone("question-template");
  question.querySelector(".question").textContent = content;
  turns.append(question);
  follow({ force: true });
}

/** Room for answers that are written side by side. */
export function addColumns(count) {
  const columns = Object.assign(document.createElement("div"), { className: "compared" });
  columns.dataset.columns = count;
  turns.append(columns);
  return columns;
}

/** Exchange an answer's element, and the question above it, for the server's; open folds stay open. */
export function swapTurn(element, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.querySelector(".answer");
  const question = (element.closest(".compared") ?? element).previousElementSibling;
  const asked = holder.content.querySelector(".asked");
  if (asked && question?.matches(".asked")) question.replaceWith(asked);
  if (element.querySelector(".reasoning[open]")) fresh.querySelector(".reasoning")?.setAttribute("open", "");
  element.replaceWith(fresh);
  return fresh;
}

/** An answer that is being written, in place of an older one, in a column, or at the end. */
export function startAnswer({ replacing = null, into = turns } = {}) {
  const answer = new Answer(clone("answer-template"), replacing);
  answer.status(say("starting"));
  if (replacing) replacing.replaceWith(answer.element);
  else into.append(answer.element);
  if (!replacing) follow({ force: true });
  return answer;
}

class Answer {
  #thinkingSince = 0;
  #passages = 0;
  #old;

  constructor(element, old) {
    this.element = element;
    this.#old = old;
  }

  take(event, data) {
    if (event === "start") this.#begin(data);
    else if (event === "status") this.status(this.#phase(data));
    else if (event === "sources") this.#sources(data.items);
    else if (event === "reasoning") this.#reason(data.text);
    else if (event === "delta") this.#writing();
    else if (event === "render") morph(this.element.querySelector("[data-answer]"), data.html);
    else if (event === "error") this.fail(data.message);
    follow();
  }

  /** A stream that is joined begins anew: what it told before goes. */
  #begin({ model, basis }) {
    this.element.querySelector(".reasoning-text").replaceChildren();
    this.element.querySelector(".basis").hidden = basis !== "general";
    const name = this.element.querySelector(".answer-model");
    name.textContent = model ?? "";
  }

  status(text) {
    this.element.querySelector(".phase").hidden = !text;
    this.element.querySelector(".phase-text").textContent = text;
  }

  #phase({ phase, cabinets = 0, passages = 0, queries = [] }) {
    if (phase === "understand") return say("phase_understand");
    if (phase === "search" && queries.length) return say("phase_search_for", { queries: queries.join(" · ") });
    if (phase === "read") return say("phase_read", { passages });
    const where = cabinets === 1 ? say("one_cabinet") : say("some_cabinets", { count: cabinets });
    return cabinets ? say("phase_search", { cabinets: where }) : say("phase_search_all");
  }

  #sources(items) {
    this.#passages = items.length;
    this.element.sources = items.map(({ number, title, text, location }) => ({
      number, title, quote: text.slice(0, 280), place: placeOf(location ?? {}),
    }));
  }

  #reason(text) {
    const box = this.element.querySelector(".reasoning");
    this.#thinkingSince ||= performance.now();
    box.hidden = false;
    box.querySelector(".reasoning-text").append(text);
    this.#time("thinking");
  }

  #writing() {
    if (this.#thinkingSince) this.#time("thought");
    this.#thinkingSince = 0;
    this.status(say("phase_write", { passages: this.#passages }));
  }

  #time(key) {
    const seconds = ((performance.now() - this.#thinkingSince) / 1000).toFixed(0);
    this.element.querySelector(".reasoning summary span").textContent = say(key, { seconds });
  }

  /** Say what happened below what has arrived; the finished fragment replaces it when there is one. */
  fail(message) {
    this.status("");
    const fault = this.element.querySelector(".notice") ?? clone("fault-template");
    fault.querySelector("div").textContent = message;
    this.element.append(fault);
  }

  settled() {
    this.status("");
    this.element.removeAttribute("aria-busy");
  }

  restore() {
    if (this.#old) this.element.replaceWith(this.#old);
  }

  remove() {
    this.element.previousElementSibling?.remove();
    this.element.remove();
  }
}

function placeOf({ page, page_end: last, sheet, cells, headings }) {
  if (page && last > page) return say("pages", { first: page, last });
  if (page) return say("page", { page });
  return sheet ? `${sheet} ${cells ?? ""}`.trim() : (headings?.at(-1) ?? "");
}
