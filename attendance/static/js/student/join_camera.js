// The cameras of marking: one looks for a good face, the other for a session's QR code.

import { at } from "../common/paths.js";
import { _ } from "../common/strings.js";
import { $, busy, fail } from "../common/ui.js";
import { fromFile } from "./camera.js";
import { CameraView } from "./camera_view.js";
import { onLeave, show } from "./join_steps.js";
import { startScanner, ticketOf } from "./scan.js";
import { watchSteps } from "./join_turns.js";
import { watchFace } from "./watch_face.js";

const FIRST_TRIES = 50;
const FIRST_PAUSE_MS = 100;
const BURST = 3;
const BURST_SIDE = 640;
const BURST_PAUSE_MS = 120;

// -- the selfie

let stopWatching = () => {};
let taken = async () => {};
let challenge = null;

const view = new CameraView({ onReady: watch, onFail: () => ($("#shoot").hidden = true) });

// Call `action(blobs, burst)` with one picture: the first good one, one taken by hand, or a file. Of
// the camera's, `burst()` takes a few more of the same moment. With steps: with one picture a step.
export function onPicture(action) {
  taken = action;
}

// `asked` is { steps, seconds }, what to show one after the other; null: any good face.
export function selfie(asked = null) {
  challenge = asked;
  const steps = asked?.steps ?? [];
  const inSteps = asked !== null;
  $("#other-way").hidden = !inSteps;
  $("#other-way").textContent = steps.includes("near") ? _("I can turn my head") : _("I cannot turn my head");
  $("#choose").hidden = inSteps;
  show("selfie");
  view.start();
}

// Small pictures, since there are several, a little apart, so that one blink spoils one of them.
async function burst(camera) {
  const blobs = [];
  while (blobs.length < BURST) {
    if (blobs.length) await new Promise((done) => setTimeout(done, BURST_PAUSE_MS));
    const frame = await camera.frame(BURST_SIDE);
    if (!frame) return [];
    blobs.push(frame.blob);
  }
  return blobs;
}

function watch(camera) {
  stopWatching();
  if (challenge !== null) {
    $("#shoot").hidden = true;
    stopWatching = watchSteps(camera, view, challenge, (blobs) => taken(blobs));
    return;
  }
  $("#shoot").hidden = false;
  view.mood("");
  view.hint(_("Bring your face into the oval"));
  stopWatching = watchFace(camera, {
    hint: (text, problem) => {
      view.mood("");
      view.hint(text);
      if (problem?.code === "signed_out") fail(problem);
    },
    look: ({ blob }) => {
      view.mood("good");
      view.hint(_("Good, one moment …"));
      taken([blob], () => burst(camera));
      return true;
    },
  });
}

// Who presses before the camera has shown anything means its first picture.
async function firstFrame(camera) {
  for (let tries = 0; tries < FIRST_TRIES; tries += 1) {
    const frame = await camera.frame();
    if (frame) return frame;
    await new Promise((done) => setTimeout(done, FIRST_PAUSE_MS));
  }
  return null;
}

$("#shoot").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    const frame = await firstFrame(view.camera);
    if (!frame) return;
    stopWatching();
    view.hint(_("One moment …"));
    await taken([frame.blob], () => burst(view.camera));
  }),
);

$("#choose").addEventListener("click", () => $("#file").click());
$("#file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  stopWatching();
  await taken([await fromFile(file)]);
});

onLeave("selfie", () => {
  stopWatching();
  view.stop();
});

// -- the scan

let stopScanner = null;

function found(text) {
  const ticket = ticketOf(text);
  if (!ticket) {
    $("#scan-hint").textContent = _("This is not a code of a session");
    return false;
  }
  $("#scan-hint").textContent = _("Good, one moment …");
  location.assign(at(`/join/${encodeURIComponent(ticket)}`));
  return true;
}

$("#scan").addEventListener("click", async () => {
  $("#scanner").hidden = false;
  $("#scan").hidden = true;
  try {
    stopScanner = await startScanner($("#scan-video"), found);
    $("#stop-scan").focus();
  } catch (error) {
    stopScanning();
    const { title, help } = error.sentences ?? { title: _("The scanner could not be started"), help: _("Type the code instead.") };
    $("#code-form .form-error").textContent = `${title}. ${help}`;
  }
});

function stopScanning() {
  stopScanner?.();
  stopScanner = null;
  $("#scanner").hidden = true;
  $("#scan").hidden = false;
}

$("#stop-scan").addEventListener("click", stopScanning);
onLeave("code", stopScanning);

window.addEventListener("pagehide", () => {
  view.stop();
  stopScanning();
});
