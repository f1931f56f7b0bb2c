// A session's QR code on a canvas, always the one of this moment.
//
//   const view = new QrView($("#qr"), sessionId, (code) => …);
//   // null, a problem's code, or "stale": the last code counts no more and is not shown any more
//   view.start(); view.refresh(); view.stop();

import { api } from "../common/api.js";
import { learnTime, serverNow } from "../common/clock.js";

const RETRY_MS = 3_000; // when the server did not answer
const AFTER_CHANGE_MS = 150; // clocks tick in steps: ask for the new code a little after it changes
const SHORTEST_MS = 1_000;
const STALE_MS = 10_000; // so long after its change a code is still shown while none has come
const PIXELS_PER_MODULE = 16;

export class QrView {
  #timer = null;
  #stale = null;
  #running = false;
  #asked = 0;

  constructor(canvas, sessionId, answered = () => {}) {
    this.canvas = canvas;
    this.path = `/session/${sessionId}/qr.png?size=${PIXELS_PER_MODULE}`;
    this.answered = answered;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.refresh();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#stale);
    this.#clear();
  }

  // Put the present code in the place of the last, which stays until the new one is there.
  async refresh() {
    if (!this.#running) return;
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    let wait = RETRY_MS;
    try {
      const answer = await api.get(this.path, { raw: true });
      learnTime(answer);
      const bitmap = await createImageBitmap(await answer.blob());
      if (asked !== this.#asked || !this.#running) return;
      this.#draw(bitmap);
      wait = Date.parse(answer.headers.get("X-QR-Changes-At")) - serverNow() + AFTER_CHANGE_MS;
      clearTimeout(this.#stale);
      this.#stale = setTimeout(() => {
        this.#clear();
        this.answered("stale");
      }, wait + STALE_MS);
      this.answered(null);
    } catch (error) {
      if (asked !== this.#asked || !this.#running) return;
      this.answered(error.code ?? "offline");
    }
    this.#timer = setTimeout(() => this.refresh(), Math.max(wait || RETRY_MS, SHORTEST_MS));
  }

  #clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  #draw(bitmap) {
    this.canvas.width = bitmap.width;
    this.canvas.height = bitmap.height;
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  }
}
