// Sharing a conversation by a link, and keeping a good answer as a document of a cabinet.
import { call } from "./api.js";
import { api, onMenu } from "./chat-history.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const dialog = document.getElementById("share-dialog");
const link = dialog.querySelector("input");
let id = "";

onMenu("share", (item) => open(item.dataset.id));

async function open(conversation) {
  id = conversation;
  try {
    show(await call(`${api(id)}/share`));
  } catch (error) {
    toast(error.message, { kind: "error" });
    return;
  }
  dialog.showModal();
}

function show(share) {
  dialog.querySelector("[data-share-state]").textContent = say(share ? "share_open" : "share_closed");
  for (const part of dialog.querySelectorAll("[data-share]")) part.hidden = (part.dataset.share === "open") !== Boolean(share);
  if (share) link.value = new URL(share.url, location.href).href;
}

dialog.addEventListener("click", async (event) => {
  const action = event.target.closest("[data-share-act]")?.dataset.shareAct;
  if (!action) return;
  try {
    if (action === "copy") {
      await navigator.clipboard.writeText(link.value).catch(() => link.select());
      toast(say("copied"));
      return;
    }
    show(await call(`${api(id)}/share`, { method: action === "revoke" ? "DELETE" : "POST" }));
    toast(say(action === "revoke" ? "unshared" : "shared"));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
});

// --- an answer as a document
const saving = document.getElementById("save-dialog");
const form = saving.querySelector("form");
let message = "";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-action=save]");
  const answer = button?.closest(".answer");
  if (!answer) return;
  message = answer.dataset.message;
  const question = (answer.closest(".compared") ?? answer).previousElementSibling?.querySelector(".question")?.textContent ?? document.title;
  form.elements.title.value = question.trim().split("\n")[0].slice(0, 120);
  form.elements.text.value = await markdownOf(message);
  form.querySelector(".error").textContent = "";
  saving.showModal();
  form.elements.title.select();
});

/** The answer as it is kept, not as it is shown. */
async function markdownOf(key) {
  const conversation = document.getElementById("composer").dataset.conversation;
  const { messages } = await call(api(conversation));
  return messages.find((row) => row.id === key)?.content ?? "";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, text, cabinet } = form.elements;
  const json = { title: title.value, text: text.value, cabinet_id: cabinet.value };
  try {
    const made = await call(`/api/v1/messages/${message}/save`, { method: "POST", json });
    saving.close();
    toast(say("saved"), { action: { label: made.title, run: () => location.assign(`/documents/${made.id}/`) } });
  } catch (error) {
    form.querySelector(".error").textContent = error.message;
  }
});
