// Calls of the API with the cookies of the pages: CSRF header, refreshed tokens, problems by name.
//
//   const { student } = await api.get("/student/me");
//   await api.post("/session/join", { json: { code } });
//   await api.post("/session/mark", { form });          // FormData
//
// Every failure is a Problem: `code` as in the API, or offline, timeout, signed_out, server_error.

import { at } from "./paths.js";
import { explain } from "./problems.js";

// For whom the page was made; the server refuses its calls once another account has signed in.
const { account } = document.documentElement.dataset;

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const TIMEOUT_MS = 30_000;
const REFRESHABLE = new Set(["token_expired", "token_missing"]);

export class Problem extends Error {
  constructor(code, { status = 0, detail = "", body = {}, retryAfter = 0 } = {}) {
    super(detail || code);
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  // Nothing came back: the same call may be made again later.
  get unsent() {
    return this.code === "offline" || this.code === "timeout";
  }

  // {title, help}: what happened and what to do, in the language of the page.
  get sentences() {
    return explain(this);
  }
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

export function isSignedIn() {
  return cookie("csrf_refresh_token") !== "";
}

async function send(method, path, { json, form, csrf = "csrf_access_token", timeout = TIMEOUT_MS, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (account) headers["X-Page-Account"] = account;
  if (UNSAFE.has(method) && cookie(csrf)) headers["X-CSRF-TOKEN"] = cookie(csrf);
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  signal?.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  try {
    return await fetch(at(path), {
      method,
      headers,
      body: form ?? (json === undefined ? undefined : JSON.stringify(json)),
      credentials: "same-origin",
      cache: "no-store",
      signal: stop.signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(stop.signal.aborted ? "timeout" : "offline");
  } finally {
    clearTimeout(timer);
  }
}

async function problemOf(answer) {
  const body = await answer.json().catch(() => ({}));
  const code = body.code ?? (answer.status >= 500 ? "server_error" : "unknown");
  const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
  if (code === "account_changed") dispatchEvent(new Event("account_changed"));
  return new Problem(code, { status: answer.status, detail: body.detail ?? "", body, retryAfter });
}

let refreshing = null;

// A new access token for the refresh token; many calls at once share one.
export function refresh() {
  refreshing ??= (async () => {
    const answer = await send("POST", "/auth/refresh?transport=cookie", { csrf: "csrf_refresh_token" });
    if (answer.ok) return;
    const problem = await problemOf(answer);
    const ended = answer.status === 401 || (answer.status === 403 && problem.code !== "account_changed");
    throw ended
      ? new Problem("signed_out", { status: answer.status, detail: problem.detail })
      : problem;
  })().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

// Before the first call after the access token has run out, so that not every call of a page is refused
// first. A browser forgets the cookie when the token is at its end.
let inVain = false;

async function keepFresh() {
  if (inVain || !isSignedIn() || cookie("access_token_is_fresh")) return;
  try {
    await refresh();
  } catch (problem) {
    if (problem.unsent) throw problem;
    inVain = true; // the call itself is answered with what is the matter
  }
}

async function call(method, path, options = {}) {
  if (options.refresh !== false) await keepFresh();
  let answer = await send(method, path, options);
  if (answer.status === 401 && options.refresh !== false) {
    const problem = await problemOf(answer);
    if (!isSignedIn()) throw new Problem("signed_out", { status: 401, detail: problem.detail });
    if (REFRESHABLE.has(problem.code)) {
      await refresh();
      answer = await send(method, path, options);
    } else if (problem.code === "token_invalid") {
      throw new Problem("signed_out", { status: 401, detail: problem.detail });
    } else {
      throw problem;
    }
  }
  if (!answer.ok) throw await problemOf(answer);
  if (options.raw) return answer;
  if (answer.status === 204) return null;
  return answer.json();
}

export const api = {
  get: (path, options) => call("GET", path, options),
  post: (path, options) => call("POST", path, options),
  put: (path, options) => call("PUT", path, options),
  patch: (path, options) => call("PATCH", path, options),
  delete: (path, options) => call("DELETE", path, options),
};

// Lead to the sign-in, and from there back to this page.
export function toSignIn() {
  location.assign(at(signInUrl()));
}

// As scripts write paths.
export function signInUrl() {
  const role = document.documentElement.dataset.role;
  const query = new URLSearchParams({ next: location.pathname + location.search });
  if (role) query.set("role", role === "admin" ? "teacher" : role);
  return `/sign-in?${query}`;
}
