// Under an answer: copy, answer again, and what the reader thinks of it.
import { call } from "./api.js";
import { toast } from "./toast.js";
import { say } from "./strings.js";

const others = {};
/** What else the buttons of an answer do: `regenerate`, `general`, `continue`. */
export const onAnswer = (action, run) => (others[action] = run);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  const answer = button?.closest(".answer");
  if (!answer) return;
  const run = { copy, markdown, up: rate, down: rate, golden, resend, ...others }[button.dataset.action];
  run?.(answer, button);
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-feedback]")) return;
  event.preventDefault();
  const given = new FormData(event.target);
  const why = { reason: given.get("reason") ?? "", comment: given.get("comment").trim() };
  if (await tell(event.target.closest(".answer"), "down", why)) event.target.hidden = true;
});

/** The words without marks, then the sources with their numbers, so that what is pasted can be checked. */
async function copy(answer) {
  const text = answer.querySelector("[data-answer]").cloneNode(true);
  text.querySelectorAll(".cite").forEach((mark) => mark.replaceWith(`[${mark.dataset.number}]`));
  const holder = document.createElement("div");
  holder.className = "prose visually-hidden";
  holder.append(text);
  document.body.append(holder);
  const words = holder.innerText.trim();
  holder.remove();
  const rows = [...answer.querySelectorAll(":scope > .sources .source-row")].map((row) => {
    const part = (name) => row.querySelector(`.source-${name}`).textContent.trim();
    return `[${part("number")}] ${[part("title"), part("place")].filter(Boolean).join(" · ")}`;
  });
  try {
    await navigator.clipboard.writeText([words, ...(rows.length ? ["", ...rows] : [])].join("\n"));
    toast(say("copied"));
  } catch {
    toast(say("copy_failed"), { kind: "error" });
  }
}

/** As the model wrote it, with its sources as footnotes. */
async function markdown(answer) {
  try {
    const { content, citations } = await call(`/api/v1/messages/${answer.dataset.message}`);
    const text = content.replace(/\[(\d{1,3})\](?!\()/g, "[^$1]");
    const notes = citations.map(({ number, title, page }) => `[^${number}]: ${title}${page ? `, ${say("page", { page })}` : ""}`);
    await navigator.clipboard.writeText([text, ...(notes.length ? ["", ...notes] : [])].join("\n"));
    toast(say("copied"));
  } catch (error) {
    toast(error.status ? error.message : say("copy_failed"), { kind: "error" });
  }
}

/** A question that never reached the server is in the composer again: send it from there. */
function resend(answer) {
  answer.previousElementSibling?.remove();
  answer.remove();
  document.getElementById("composer").requestSubmit();
}

async function rate(answer, button) {
  const rating = button.dataset.action;
  if (button.getAttribute("aria-pressed") === "true" && rating === "up") return;
  const form = answer.querySelector("[data-feedback]");
  form.hidden = rating !== "down";
  if (!form.hidden) form.elements.comment.focus();
  if (button.getAttribute("aria-pressed") !== "true") await tell(answer, rating);
}

/** For managers: the question, its answer and the cited documents become a golden question of the cabinet. */
async function golden(answer, button) {
  const { golden } = JSON.parse(answer.querySelector('script[type="application/json"]').textContent);
  const { cabinet_id, ...kind } = golden;
  button.disabled = true;
  try {
    const kept = await call(`/api/v1/cabinets/${cabinet_id}/golden-questions`, {
      method: "POST",
      json: { ...kind, origin: "answer" },
    });
    const edit = () => location.assign(`/search/golden/questions/${kept.id}/`);
    toast(say("golden_kept"), { action: { label: say("golden_edit"), run: edit } });
  } catch (error) {
    button.disabled = error.status === 409;
    toast(error.message, { kind: "error" });
  }
}

async function tell(answer, rating, why = {}) {
  const keep = answer.querySelector("[data-action=golden]");
  const pressed = (now) => {
    ["up", "down"].forEach((name) =>
      answer.querySelector(`[data-action=${name}]`)?.setAttribute("aria-pressed", String(name === now)));
    if (keep) keep.hidden = now !== "up";
  };
  const before = answer.querySelector("[data-action][aria-pressed=true]")?.dataset.action;
  pressed(rating);
  try {
    await call(`/api/v1/messages/${answer.dataset.message}/feedback`, { method: "POST", json: { rating, ...why } });
    toast(say("thanks"));
    return true;
  } catch (error) {
    pressed(before);
    toast(error.message, { kind: "error" });
    return false;
  }
}
