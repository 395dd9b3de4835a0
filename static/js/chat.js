// The Ask page: what happens from pressing Enter to the finished answer.
import { ApiError, call, fragment, send } from "./api.js";
import "./chat-actions.js";
import "./chat-citations.js";
import { answeredAgain } from "./chat-actions.js";
import { composer } from "./chat-composer.js";
import { ensureConversation } from "./chat-conversation.js";
import { refreshHistory } from "./chat-history.js";
import { readEvents } from "./chat-stream.js";
import { addQuestion, follow, startAnswer, swapAnswer, thread } from "./chat-thread.js";
import { markEvidence } from "./chat-evidence.js";
import { say } from "./strings.js";

const FIRST_POLL_MS = 1500;
const MOST_POLLS = 120;
let running = null; // {controller, messageId} of the answer that is being written

composer.onSend(async (question) => {
  if (running) return;
  addQuestion(question.content);
  await run(startAnswer(), async (signal) => {
    const conversation = await ensureConversation({ signal });
    const body = { content: question.content, scope: question.scope };
    if (question.model) body.model = question.model;
    return stream(`${composer.form.dataset.api}/${conversation}/messages?render=html`, body, signal);
  }, () => composer.refill(question.content));
});

composer.onStop(async () => {
  if (!running) return;
  running.answer.status(say("stopping"));
  if (!running.messageId) return running.controller.abort();
  const url = `/api/v1/messages/${running.messageId}/stop`;
  await call(url, { method: "POST" }).catch(() => running?.controller.abort());
});

answeredAgain(async (old) => {
  if (running) return;
  const answer = startAnswer({ replacing: old });
  const url = `/api/v1/messages/${old.dataset.message}/regenerate?render=html`;
  const body = composer.model ? { model: composer.model } : {};
  await run(answer, (signal) => stream(url, body, signal), () => answer.restore());
});

// The head of the answer may wait for the model; the server has its own limits.
const stream = (url, json, signal) =>
  send(url, { method: "POST", json, signal, timeout: 0, headers: { Accept: "text/event-stream" } });

async function run(answer, open, giveBack) {
  const controller = new AbortController();
  running = { controller, answer, messageId: null };
  composer.busy(true);
  let end = null;
  try {
    const response = await open(controller.signal);
    for await (const { event, data } of readEvents(response)) {
      if (event === "start") {
        running.messageId = data.message_id;
        refreshHistory(data.conversation_id ?? composer.form.dataset.conversation);
      }
      if (event === "done" || event === "error") end = event;
      answer.take(event, data);
    }
    if (!end) throw new ApiError(say("lost"));
  } catch (error) {
    if (!running.messageId) giveBack();
    if (!controller.signal.aborted || running.messageId) answer.fail(error instanceof ApiError ? error.message : say("lost"));
    else answer.remove();
  }
  await settle(answer, running.messageId);
  running = null;
  composer.busy(false);
}

/** Put the saved answer, as the server renders it, in place of the streamed one. */
async function settle(answer, messageId) {
  answer.settled();
  if (!messageId) return;
  try {
    const html = await fragment(`/messages/${messageId}/fragment/`);
    show(answer.element, html);
    document.getElementById("announce").textContent = say("finished");
  } catch (error) {
    answer.fail(error.message);
  }
  refreshHistory(composer.form.dataset.conversation);
}

function show(element, html) {
  const finished = swapAnswer(element, html);
  markEvidence(finished);
  follow();
  return finished;
}

/** An answer that was being written when the page was opened: look again until it is whole. */
async function watch(element) {
  for (let polls = 0, wait = FIRST_POLL_MS; polls < MOST_POLLS; polls += 1) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.2, 10_000);
    const html = await fragment(element.dataset.fragment).catch(() => null);
    if (html === null) continue;
    element = show(element, html);
    if (element.dataset.status !== "streaming") return refreshHistory(composer.form.dataset.conversation);
  }
}

thread.querySelectorAll(".answer").forEach((element) => {
  markEvidence(element);
  if (element.dataset.status === "streaming") watch(element);
});
if (!location.hash) follow({ force: true });
