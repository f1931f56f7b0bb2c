// Reads a QR code from the camera: the browser's own BarcodeDetector, else a library.

import { Camera } from "./camera.js";

const EVERY_MS = 180;
const READ_SIDE = 800; // pixels of the longer side that the library looks at

async function nativeReader() {
  if (!("BarcodeDetector" in window)) return null;
  const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!formats.includes("qr_code")) return null;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function libraryReader() {
  const { decodeQR } = await import("../../vendor/qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, READ_SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // no code in this frame
    }
  };
}

// The ticket of a scanned text, or null: any address that ends in /join/TICKET will do, since
// only this server can have signed the ticket.
export function ticketOf(text) {
  const found = /\/join\/([0-9A-Za-z-]+)\/?$/.exec(text.trim());
  return found ? found[1] : null;
}

// Reads a QR code from a video's present picture: `await read(video)` is its text, or null.
export async function qrReader() {
  return (await nativeReader()) ?? libraryReader();
}

// Calls `found(text)` for what is read until it answers true or the scanner is stopped.
export async function startScanner(video, found) {
  const camera = new Camera(video, "environment");
  const read = await qrReader();
  await camera.start();
  let stopped = false;
  const stop = () => {
    stopped = true;
    camera.stop();
  };
  (async () => {
    while (!stopped) {
      const text = camera.running ? await read(video).catch(() => null) : null;
      if (text && !stopped && found(text)) stop();
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  })();
  return stop;
}
