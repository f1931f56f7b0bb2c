// The camera of this device: start, switch, take a frame, stop; and what to say when it fails.

import { _ } from "../common/strings.js";
import { canvasIsTrue, insideAnotherApp } from "./odd_browsers.js";

export const MAX_SIDE = 1280; // pixels of a frame's longer side that are worth sending
const JPEG_QUALITY = 0.9;

export class CameraFailed extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }

  get sentences() {
    return SENTENCES[this.code]();
  }
}

const SENTENCES = {
  insecure: () => ({
    title: _("Browsers give no camera to this address"),
    help: _("It does not begin with https. Take a picture with the camera app of your phone, or tell your teacher."),
    link: { href: "/help/camera", text: _("Why, and what the administrator can do") },
  }),
  denied: () => ({
    title: _("The camera is not allowed"),
    help: _("Tap the lock or camera sign beside the address, allow the camera, and try again."),
  }),
  inside: () => ({
    title: _("This is the browser of another app"),
    help: _("It gives pages no camera. Choose “Open in browser” in its menu, or copy the address of this page into Safari, Chrome or Firefox."),
  }),
  blurred: () => ({
    title: _("This browser blurs the pictures of its camera"),
    help: _("It protects you from being tracked, and so no face can be seen. Let this page read its canvas (tap the sign beside the address), open the page in another browser, or take a picture with the camera app."),
  }),
  none: () => ({
    title: _("No camera was found"),
    help: _("Use a device that has one, take a picture with another app, or ask your teacher to mark you by hand."),
  }),
  in_use: () => ({
    title: _("The camera is in use"),
    help: _("Close other apps and tabs that use it, for example a video call, and try again."),
  }),
  failed: () => ({
    title: _("The camera could not be started"),
    help: _("Load the page again, or take a picture with another app."),
  }),
};

const CODES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  DevicesNotFoundError: "none",
  NotReadableError: "in_use",
  TrackStartError: "in_use",
  AbortError: "in_use",
};

export class Camera {
  // `facing` is "user" (selfie) or "environment" (the back of a phone).
  constructor(video, facing = "user") {
    this.video = video;
    this.facing = facing;
    this.deviceId = null;
    this.stream = null;
    this.canvas = document.createElement("canvas");
    this.wanted = false;
    this.asleep = () => this.#followVisibility();
    document.addEventListener("visibilitychange", this.asleep);
  }

  get running() {
    return Boolean(this.stream?.active) && this.video.videoWidth > 0;
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new CameraFailed(!window.isSecureContext ? "insecure" : insideAnotherApp() ? "inside" : "none");
    }
    this.wanted = true;
    this.#release();
    const which = this.deviceId ? { deviceId: { exact: this.deviceId } } : { facingMode: this.facing };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { ...which, width: { ideal: MAX_SIDE }, height: { ideal: 720 } },
      });
      if (!this.wanted) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.stream = stream;
    } catch (error) {
      throw new CameraFailed(insideAnotherApp() ? "inside" : (CODES[error.name] ?? "failed"), error);
    }
    if (!canvasIsTrue()) {
      this.stop();
      throw new CameraFailed("blurred");
    }
    const [track] = this.stream.getVideoTracks();
    // Only a selfie is mirrored, as people know themselves.
    const facing = track.getSettings().facingMode ?? this.facing;
    this.video.classList.toggle("mirrored", facing === "user");
    this.video.srcObject = this.stream;
    await this.video.play().catch(() => {});
    track.addEventListener("ended", () => {
      if (this.wanted && this.stream?.getVideoTracks()[0] === track) this.onlost?.();
    });
  }

  // The other cameras of the device, after the first start (before it they have no names).
  async others() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput");
    return cameras.length > 1 ? cameras : [];
  }

  async next() {
    const cameras = await this.others();
    if (!cameras.length) return;
    const current = this.stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const index = cameras.findIndex((camera) => camera.deviceId === current);
    this.deviceId = cameras[(index + 1) % cameras.length].deviceId;
    await this.start();
  }

  // The present frame as JPEG, and how bright it is (0 to 255); null while there is none.
  async frame(maxSide = MAX_SIDE) {
    if (!this.running) return null;
    return picture(this.video, this.video.videoWidth, this.video.videoHeight, maxSide, this.canvas);
  }

  stop() {
    this.wanted = false;
    this.#release();
  }

  #release() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  // A page in the background holds no camera.
  #followVisibility() {
    if (!this.wanted) return;
    if (document.hidden) this.#release();
    else this.start().catch((error) => this.onfail?.(error));
  }
}

async function picture(source, width, height, maxSide, canvas) {
  const scale = Math.min(1, maxSide / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const brightness = meanLuminance(context, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
  return { blob, brightness };
}

// Of the middle of the frame, where the face is; every 16th pixel is enough.
function meanLuminance(context, width, height) {
  const { data } = context.getImageData(width >> 2, height >> 2, Math.max(1, width >> 1), Math.max(1, height >> 1));
  let sum = 0;
  let count = 0;
  for (let i = 0; i < data.length; i += 64) {
    sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    count += 1;
  }
  return sum / count;
}

// A picture file of any size as a JPEG that is quickly sent. What the browser cannot read is sent
// as it is: the server says what it thinks of it.
export async function fromFile(file) {
  if (!canvasIsTrue()) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const { blob } = await picture(bitmap, bitmap.width, bitmap.height, 1600, document.createElement("canvas"));
    bitmap.close();
    return blob ?? file;
  } catch {
    return file;
  }
}
