// The Ask page: what happens from pressing Enter to the finished answer.
import { call } from "./api.js";
import { onAnswer } from "./chat-actions.js";
import "./chat-branches.js";
import "./chat-citations.js";
import { onEdited, onShown } from "./chat-branches.js";
import { composer } from "./chat-composer.js";
import { ensureConversation } from "./chat-conversation.js";
import { markEvidence } from "./chat-evidence.js";
import { busy, joinAnswer, rejoin, run, stream } from "./chat-run.js";
import { addColumns, addQuestion, follow, startAnswer, thread } from "./chat-thread.js";

composer.onSend((question) => ask(question));
onEdited((question, editOf) => ask({ ...composer.chosen, ...question }, { editOf }));

async function ask(question, { editOf } = {}) {
  if (busy()) return;
  addQuestion(question.content);
  const body = {
    content: question.content, scope: question.scope, parameters: question.parameters,
    ...(editOf ? { edit_of: editOf } : {}),
  };
  const giveBack = () => composer.refill(question.content);
  if (question.also.length) return compare(question, body, giveBack);
  await run(startAnswer(), async (signal) => {
    const address = `${await conversation(signal)}/messages?render=html`;
    return stream(address, { ...body, keep: true, ...(question.model ? { model: question.model } : {}) }, signal);
  }, giveBack);
  composer.counted();
}

/** Up to three models at once; each answer is read by itself. */
async function compare(question, body, giveBack) {
  const waiting = startAnswer();
  composer.busy(true);
  try {
    const models = [question.model, ...question.also];
    const { answers } = await call(`${await conversation()}/compare`, { method: "POST", json: { ...body, models } });
    waiting.element.remove();
    const columns = addColumns(answers.length);
    await Promise.all(answers.map((one) => joinAnswer(startAnswer({ into: columns }), one.message_id)));
  } catch (error) {
    giveBack();
    waiting.fail(error.message);
    composer.busy(false);
  }
}

/** The address of the conversation, which the first question makes. */
async function conversation(signal) {
  const fresh = !composer.form.dataset.conversation;
  const address = `${composer.form.dataset.api}/${await ensureConversation({ signal })}`;
  if (fresh && !composer.rewrites) await call(address, { method: "PATCH", json: { rewrites: false }, signal });
  return address;
}

const body = () => ({ keep: true, parameters: composer.chosen.parameters });
const model = () => (composer.model ? { model: composer.model } : {});
const again = (old, action, json) => {
  if (busy()) return;
  const answer = startAnswer({ replacing: old });
  const url = `/api/v1/messages/${old.dataset.message}/${action}?render=html`;
  run(answer, (signal) => stream(url, json, signal), () => answer.restore());
};
onAnswer("regenerate", (old) => again(old, "regenerate", { ...body(), ...model() }));
onAnswer("general", (old) => again(old, "regenerate", { ...body(), ...model(), basis: "general" }));
onAnswer("continue", (old) => again(old, "continue", body()));

function opened() {
  thread.querySelectorAll(".answer").forEach((element) => {
    markEvidence(element);
    if (element.dataset.status === "streaming") rejoin(element);
  });
}
onShown(opened);
opened();
if (!location.hash) follow();
