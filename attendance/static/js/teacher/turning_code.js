// The code to type, which turns: asked for again when it does.

import { api } from "../common/api.js";
import { serverNow } from "../common/clock.js";

const AFTER_CHANGE_MS = 150;
const RETRY_MS = 3_000; // when the server did not answer, and at the least between two questions

export class TurningCode {
  #timer = null;

  // changed(session) is told the session with its new code.
  constructor(id, changed) {
    this.path = `/session/${id}`;
    this.changed = changed;
  }

  // Keep in step with a session as it was told last.
  follow({ code_changes_at: at }) {
    clearTimeout(this.#timer);
    if (at) this.#later(Date.parse(at) - serverNow() + AFTER_CHANGE_MS);
  }

  #later(wait) {
    this.#timer = setTimeout(() => this.#ask(), Math.max(wait, RETRY_MS));
  }

  async #ask() {
    try {
      const { session } = await api.get(this.path);
      this.changed(session);
    } catch {
      this.#later(RETRY_MS);
    }
  }
}
