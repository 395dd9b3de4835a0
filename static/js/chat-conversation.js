// The conversation behind the page: made by the first question, or by the first file that is attached.
import { call } from "./api.js";

const form = document.getElementById("composer");
let making = null;

/** The id of the conversation, which is made if there is none yet. */
export async function ensureConversation({ signal } = {}) {
  if (form.dataset.conversation) return form.dataset.conversation;
  making ??= make(signal).finally(() => (making = null));
  return making;
}

async function make(signal) {
  const json = {};
  const assistant = form.querySelector("input[name=assistant]:checked")?.value;
  if (assistant) json.assistant_id = assistant;
  const made = await call(form.dataset.api, { method: "POST", json, signal });
  form.dataset.conversation = made.id;
  history.replaceState(null, "", `/c/${made.id}/`);
  return made.id;
}
