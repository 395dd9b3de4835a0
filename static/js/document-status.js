// While the document is being read its state is asked for; once it ends the page shows the result. A second look
// in the background only changes the word.
import { call } from "./api.js";

const POLL_MS = 2000;
const status = document.getElementById("document-status");
const { id } = document.getElementById("document").dataset;

async function ask() {
  if (document.hidden) return void document.addEventListener("visibilitychange", ask, { once: true });
  try {
    const { items } = await call(`/documents/states/?id=${id}`);
    const reads = items.length && ["queued", "processing"].includes(items[0].state);
    if (reads !== (status.dataset.busy === "reading")) return location.reload();
    status.dataset.state = items[0].state;
    status.textContent = items[0].word;
    status.title = items[0].detail;
    const waiting = document.getElementById("document-waiting");
    if (waiting) waiting.textContent = items[0].detail || items[0].word;
    if (!reads && !items[0].deepening) return; // the second look is over; nobody's reading is interrupted for it
  } catch (error) {
    status.title = error.message; // the last state stays; it is asked for again
  }
  setTimeout(ask, POLL_MS);
}

if (status.dataset.busy !== undefined) setTimeout(ask, POLL_MS);
