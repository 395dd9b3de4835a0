// Calls to the REST API from a signed-in browser: session cookie, CSRF header, problems as errors.
import { say } from "./strings.js";

const TIMEOUT_MS = 20_000;

/** A failed call. `message` is a sentence for the person; `status` is 0 when nothing was reached. */
export class ApiError extends Error {
  constructor(message, { status = 0, problem = null } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}

export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/**
 * fetch() with our headers. `json` becomes the body, or `body` is it; answers other than 2xx throw ApiError.
 * `timeout` in milliseconds ends waiting for the answer's head, 0 for none; `signal` ends it all.
 */
export async function send(url, { method = "GET", json, body, headers = {}, signal, timeout = TIMEOUT_MS, keepalive = false } = {}) {
  const signals = [signal, timeout ? AbortSignal.timeout(timeout) : null].filter(Boolean);
  const options = {
    method,
    keepalive,
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRFToken": csrfToken(), ...headers },
    signal: signals.length ? AbortSignal.any(signals) : undefined,
  };
  if (body !== undefined) options.body = body;
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(say("offline"));
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The JSON of a call, or null for an empty answer. */
export async function call(url, options) {
  const response = await send(url, options);
  if (response.status === 204) return null;
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/** A server-rendered fragment as one string of HTML. */
export async function fragment(url, { signal } = {}) {
  const response = await send(url, { headers: { Accept: "text/html", "HX-Request": "true" }, signal });
  if (response.redirected) throw new ApiError(say("signed_out"), { status: 401 });
  return response.text();
}

async function problemOf(response) {
  const kind = response.headers.get("Content-Type") ?? "";
  let problem = null;
  if (kind.includes("json")) problem = await response.json().catch(() => null);
  return new ApiError(sentence(response.status, problem), { status: response.status, problem });
}

function sentence(status, problem) {
  if (problem?.detail) return problem.detail;
  if (status === 401) return say("signed_out");
  if (status === 403) return say("forbidden");
  if (status === 404) return say("not_found");
  if (status === 429) return say("too_many");
  return say("server_error");
}
