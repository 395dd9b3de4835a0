// The queue of administrators: cancel one, read one again, read all again. The table asks for itself.
import { call } from "./api.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const queue = document.getElementById("queue");
const acts = {
  cancel: ({ id }) => act(`/api/v1/documents/${id}/cancel`, "cancelled_one"),
  retry: ({ id }) => act(`/api/v1/documents/${id}/reindex`, "requeued_one"),
  "retry-all": retryAll,
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-queue]");
  if (button) acts[button.dataset.queue](button.dataset);
});

// An open "for the log" stays open: nothing is exchanged under the reader's eyes.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === queue && queue.querySelector("details[open]")) event.preventDefault();
});

async function retryAll({ count }) {
  const sure = await ask({ heading: say("retry_all", { count }), text: say("retry_all_text"), confirm: say("retry_all_confirm"), danger: false });
  if (sure) await act("/api/v1/queue/retry", "requeued");
}

async function act(url, done) {
  try {
    const answer = await call(url, { method: "POST" });
    toast(say(done, { count: answer?.requeued ?? 1 }));
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
  window.htmx?.ajax("GET", queue.getAttribute("hx-get"), { target: queue, swap: "innerHTML" });
}
