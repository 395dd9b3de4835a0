// One answer from its first event to its end: read, joined again where the line was lost, stopped, settled.
import { ApiError, call, fragment, send } from "./api.js";
import { composer } from "./chat-composer.js";
import { markEvidence } from "./chat-evidence.js";
import { refreshHistory } from "./chat-history.js";
import { readEvents } from "./chat-stream.js";
import { follow, startAnswer, swapTurn } from "./chat-thread.js";
import { say } from "./strings.js";

const MOST_TRIES = 5;
const FIRST_WAIT_MS = 400;
const running = new Set(); // {controller, answer, messageId, end} of the answers that are being written

export const busy = () => running.size > 0;

// The head of an answer may wait for the model; the server has its own limits.
export const stream = (url, json, signal) =>
  send(url, { method: json ? "POST" : "GET", json, signal, timeout: 0, headers: { Accept: "text/event-stream" } });

const join = (messageId, signal) => stream(`/api/v1/messages/${messageId}/stream?render=html`, undefined, signal);

/** Show an answer as it is written. `open` starts its stream; `giveBack` undoes a question that never arrived. */
export async function run(answer, open, giveBack) {
  const state = { controller: new AbortController(), answer, messageId: null, end: null };
  running.add(state);
  composer.busy(true);
  try {
    await read(state, await open(state.controller.signal));
    await again(state);
    if (!state.end) throw new ApiError(say("lost"));
  } catch (error) {
    failed(state, error, giveBack);
  }
  await settle(state);
  running.delete(state);
  composer.busy(busy());
  return state.end;
}

/** An answer that is being written already: its element on a page just opened, or one of several compared. */
export const joinAnswer = (answer, messageId) => run(answer, (signal) => join(messageId, signal), () => null);

export function rejoin(element) {
  const answer = startAnswer({ replacing: element });
  return joinAnswer(answer, element.dataset.message);
}

async function read(state, response) {
  for await (const { event, data } of readEvents(response)) {
    if (event === "start") {
      state.messageId = data.message_id;
      refreshHistory(data.conversation_id ?? composer.form.dataset.conversation);
    }
    if (event === "done" || event === "error") state.end = event;
    state.answer.take(event, data);
  }
}

/** The answer goes on without us: where the line was lost, come back to it. */
async function again(state) {
  for (let tries = 0; !state.end && state.messageId && tries < MOST_TRIES; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** tries));
    try {
      await read(state, await join(state.messageId, state.controller.signal));
    } catch (error) {
      if (error instanceof ApiError && error.status && error.status < 500) throw error;
    }
  }
}

function failed(state, error, giveBack) {
  const { answer, messageId, controller } = state;
  if (!messageId) giveBack();
  if (!controller.signal.aborted || messageId) answer.fail(error instanceof ApiError ? error.message : say("lost"));
  else answer.remove();
}

composer.onStop(() => running.forEach(async (state) => {
  state.answer.status(say("stopping"));
  if (!state.messageId) return state.controller.abort();
  const url = `/api/v1/messages/${state.messageId}/stop`;
  return call(url, { method: "POST" }).catch(() => state.controller.abort());
}));

/** Put the saved answer, as the server renders it, in place of the streamed one. */
async function settle({ answer, messageId }) {
  answer.settled();
  if (!messageId) return;
  try {
    markEvidence(swapTurn(answer.element, await fragment(`/messages/${messageId}/fragment/`)));
    follow();
    document.getElementById("announce").textContent = say("finished");
  } catch (error) {
    answer.fail(error.message);
  }
  refreshHistory(composer.form.dataset.conversation);
}
