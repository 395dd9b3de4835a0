// Below the last whole answer: questions to go on with. They are asked for once the answer stands, and go when
// the next question is put.
import { call } from "./api.js";
import { say } from "./strings.js";

const turns = document.getElementById("turns");
let offered = ""; // the message that they are for

new MutationObserver(look).observe(turns, { childList: true });
look();

async function look() {
  const last = turns.lastElementChild;
  const box = turns.querySelector(".followups");
  if (box && box.nextElementSibling) box.remove(); // something was asked since
  const answer = last?.matches(".answer[data-status=complete]") ? last : null;
  if (!answer || answer.dataset.message === offered) return;
  offered = answer.dataset.message;
  const url = `/api/v1/messages/${offered}/followups`;
  const found = await call(url, { method: "POST" }).catch(() => null); // an offer, nothing that must come
  if (!found?.items.length || turns.lastElementChild !== answer) return;
  turns.append(list(found.items));
}

function list(questions) {
  const box = Object.assign(document.createElement("ul"), { className: "followups", ariaLabel: say("go_on") });
  for (const question of questions) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "suggestion", textContent: question });
    button.dataset.suggestion = "";
    const item = document.createElement("li");
    item.append(button);
    box.append(item);
  }
  return box;
}
