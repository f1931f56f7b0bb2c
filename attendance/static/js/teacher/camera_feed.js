// The frames of this device's camera: one is on its way at a time, the newest goes next, and size
// and quality follow what the line and the server can take.

import { Problem } from "../common/api.js";
import { covers, initials } from "../common/names.js";

const WIDTHS = [480, 640, 960, 1280];
const QUALITIES = [0.6, 0.7, 0.75, 0.8];
const QUICK_MS = 250; // an answer within this time allows a larger picture
const SLOW_MS = 900;
const PAUSE_MS = 60;
const AGAIN_MS = 1_500; // after an answer that was none
const LONGEST_MS = 20_000;
const NAME_HEIGHT = 20;

export class CameraFeed {
  // send(message) resolves with the server's answer; seen(answer, size) and failed(problem) tell.
  constructor(video, { session, send, seen, failed }) {
    Object.assign(this, { video, session, send, seen, failed });
    this.canvas = document.createElement("canvas");
    this.level = 2;
    this.seq = Date.now(); // also after the page was loaded again, it grows
    this.stream = null;
    this.quick = 0;
  }

  get runs() {
    return this.stream !== null;
  }

  async start(deviceId) {
    if (!navigator.mediaDevices?.getUserMedia) throw new Problem("camera_insecure");
    const wanted = { width: { ideal: 1280 }, height: { ideal: 720 } };
    if (deviceId) wanted.deviceId = { exact: deviceId };
    else wanted.facingMode = { ideal: "environment" };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    this.stop();
    this.stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
    this.#loop(stream);
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  async #loop(stream) {
    while (this.stream === stream) {
      let wait = PAUSE_MS;
      try {
        const image = await this.#picture();
        const began = performance.now();
        this.seq += 1;
        const answer = await this.send({ session_id: this.session, seq: this.seq, image, camera: "page" }, LONGEST_MS);
        if (this.stream !== stream) return;
        if (answer.ok) {
          this.#adapt(performance.now() - began);
          this.seen(answer);
        } else {
          wait = AGAIN_MS;
          this.failed(answer.code);
        }
      } catch {
        wait = AGAIN_MS; // no connection: it comes back, and the next picture goes on
        this.failed("offline");
      }
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  async #picture() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, WIDTHS[this.level] / Math.max(videoWidth, 1));
    this.canvas.width = Math.round(videoWidth * scale);
    this.canvas.height = Math.round(videoHeight * scale);
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    const blob = await new Promise((done) => this.canvas.toBlob(done, "image/jpeg", QUALITIES[this.level]));
    return blob.arrayBuffer();
  }

  #adapt(ms) {
    if (ms > SLOW_MS) {
      this.level = Math.max(0, this.level - 1);
      this.quick = 0;
      return;
    }
    this.quick = ms < QUICK_MS ? this.quick + 1 : 0;
    if (this.quick < 8) return;
    this.level = Math.min(WIDTHS.length - 1, this.level + 1);
    this.quick = 0;
  }
}

// Where a name stands: under its box and from its left edge on, but at the right edge of the picture
// up to the right edge of the box, and above the box at the bottom of the picture.
export function placeOfName([x1, y1, x2, y2], wide, [width, height]) {
  const left = x1 + wide <= width ? x1 : Math.max(0, Math.min(x2, width) - wide);
  return [left, y2 + NAME_HEIGHT <= height ? y2 : Math.max(0, y1 - NAME_HEIGHT)];
}

// Draw names over faces; of a stranger nothing is drawn. Names that would cover each other are
// shortened to initials, as they stand before the names of the list.
export function drawBoxes(canvas, video, faces) {
  // the picture fills the stage one way, and stands in its middle the other way
  const fits = Math.min(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight) || 0;
  const [width, height] = [video.videoWidth * fits, video.videoHeight * fits];
  const ratio = window.devicePixelRatio || 1;
  canvas.width = video.clientWidth * ratio;
  canvas.height = video.clientHeight * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.translate((video.clientWidth - width) / 2, (video.clientHeight - height) / 2);
  context.font = "600 14px system-ui, sans-serif";
  context.lineWidth = 2;
  const shown = faces
    .filter(({ state }) => state === "known" || state === "uncertain")
    .map(({ box: [x1, y1, x2, y2], ...face }) => ({ ...face, box: [x1 * width, y1 * height, x2 * width, y2 * height] }));
  for (const { box: [x1, y1, x2, y2], state } of shown) {
    context.strokeStyle = state === "known" ? "#2ecc71" : "#f1c40f";
    context.setLineDash(state === "known" ? [] : [6, 4]);
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  }
  for (const { text, left, top, right, bottom } of labels(context, shown, [width, height])) {
    context.fillStyle = "rgb(0 0 0 / 70%)";
    context.fillRect(left, top, right - left, bottom - top);
    context.fillStyle = "#fff";
    context.fillText(text, left + 4, top + 15);
  }
}

function labels(context, shown, size) {
  const label = (text, box) => {
    const wide = context.measureText(text).width + 8;
    const [left, top] = placeOfName(box, wide, size);
    return { text, left, top, right: left + wide, bottom: top + NAME_HEIGHT };
  };
  const whole = shown.map(({ name, box }) => label(name ?? "?", box));
  return whole.map((own, place) => {
    const { name, box } = shown[place];
    return name && whole.some((other) => other !== own && covers(own, other)) ? label(initials({ name }), box) : own;
  });
}
