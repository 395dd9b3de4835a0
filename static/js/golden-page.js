// Golden questions: take questions from a file or the demo, stop a run, delete one.
import { call } from "./api.js";
import { ask } from "./confirm-dialog.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

const page = document.getElementById("golden");
const file = document.getElementById("golden-file");
const acts = { import: () => file.click(), samples, cancel, "delete-run": deleteRun };

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-golden]");
  if (button) acts[button.dataset.golden](button.dataset);
});

file?.addEventListener("change", async () => {
  if (!file.files.length) return;
  const body = new FormData();
  body.append("file", file.files[0]);
  file.value = "";
  await take(`${page.dataset.base}/import`, { body, timeout: 120_000 });
});

async function samples() {
  await take(`${page.dataset.base}/samples`, { timeout: 120_000 });
}

async function take(url, options) {
  try {
    const taken = await call(url, { method: "POST", ...options });
    const counted = say("imported", { added: taken.added, updated: taken.updated, rejected: taken.rejected_count });
    if (taken.rejected.length) {
      const lines = taken.rejected.map((row) => say("rejected_line", row)).join("\n");
      await ask({ heading: say("rejected_heading"), text: `${counted}\n${lines}`, confirm: say("close"), danger: false, only: true });
    }
    location.reload();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}

async function cancel({ id }) {
  await act(`/api/v1/golden-runs/${id}/cancel`, "POST", () => location.reload());
}

async function deleteRun({ id }) {
  const sure = await ask({ heading: say("delete_run"), text: say("delete_run_text"), confirm: say("delete") });
  if (sure) await act(`/api/v1/golden-runs/${id}`, "DELETE", () => location.assign(page.dataset.home));
}

async function act(url, method, then) {
  try {
    await call(url, { method });
    then();
  } catch (error) {
    toast(error.message, { kind: "error" });
  }
}
