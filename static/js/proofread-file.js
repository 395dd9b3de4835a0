// Files are read on the server: sent, then asked for until they are done.
import { call } from "./api.js";
import { say } from "./strings.js";

const PAUSE_MS = 700;
const MOST_ASKED = 600;

/** Send a file and wait. Resolves with the id of the reading; `signal` ends the waiting. */
export async function readFile(file, { kind, profile, signal }) {
  const body = new FormData();
  body.append("file", file);
  body.append("kind", kind);
  body.append("profile", profile);
  let { job } = await call("/api/v1/proofread/files", { method: "POST", body, signal, timeout: 120_000 });
  for (let asked = 0; asked < MOST_ASKED && ["queued", "running"].includes(job.state); asked += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    ({ job } = await call(`/api/v1/jobs/${job.id}`, { signal }));
  }
  if (job.state !== "succeeded") throw new Error(job.error?.message || say("failed"));
  return job.result.proofreading_id;
}
