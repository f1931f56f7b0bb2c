// One picture for each step that was asked: which way to look, or how near to come.

import { _ } from "../common/strings.js";
import { announce, fail } from "../common/ui.js";
import { watchFace } from "./watch_face.js";

const APPROACH = 1.4; // how much larger a near face is; the server wants a little less
const STEP_SIDE = 720; // pixels: there are several pictures
const PAUSE_MS = 150; // between two looks
const LONGEST_STEP_MS = 10_000; // after that the step is what there is, and the server judges it
const OF_ITS_TIME = 0.6; // so much of a challenge's time is for the steps, the rest for sending
const WRONG_LOOKS = 2; // after so many at another side than the one that was asked, they count

const ASKED = {
  straight: () => _("Look straight into the camera"),
  left: () => _("Turn your head to your left"),
  right: () => _("Turn your head to your right"),
  near: () => _("Come nearer"),
  far: () => _("Move away a little"),
};

const SIDES = new Set(["left", "right"]);
const DISTANCES = new Set(["near", "far"]);

// Whether a judged frame shows the step, after a face of the size before.
function shows(step, { pose, face }, before) {
  if (step === "near") return before === null || face.size >= APPROACH * before;
  if (step === "far") return before === null || face.size <= before / APPROACH;
  return pose === step;
}

// Tells when the head was turned elsewhere than asked. A clip goes its own way, and must not be
// waited for until it happens to fit: what it shows is then taken, and the server judges it.
class Elsewhere {
  #from = null; // the pose of the step before, until the head has left it
  #looks = 0;

  begin(from) {
    this.#from = from;
    this.#looks = 0;
  }

  is(step, pose, first) {
    if (DISTANCES.has(step) || (first && step === "straight")) return false;
    if (pose !== this.#from) this.#from = null;
    const other = SIDES.has(pose) && pose !== step && pose !== this.#from;
    this.#looks = other ? this.#looks + 1 : 0;
    return this.#looks >= WRONG_LOOKS;
  }
}

// Calls `done(blobs)` with a picture for every step, in order; returns what ends the watching.
export function watchSteps(camera, view, { steps, seconds }, done) {
  const patience = Math.min(LONGEST_STEP_MS, (OF_ITS_TIME * 1000 * seconds) / steps.length);
  let since = performance.now();
  const blobs = [];
  const elsewhere = new Elsewhere();
  let size = null;
  const ask = () => {
    const [text, of] = [ASKED[steps[blobs.length]](), `${blobs.length + 1}/${steps.length}`];
    view.hint(`${of} ${text}`);
  };
  ask();
  announce(ASKED[steps[0]]());
  return watchFace(camera, {
    side: STEP_SIDE,
    between: PAUSE_MS,
    hint: (text, problem) => {
      view.mood("");
      view.hint(text);
      if (problem?.code === "signed_out") fail(problem);
    },
    look: ({ blob, check }) => {
      const step = steps[blobs.length];
      const other = elsewhere.is(step, check.pose, blobs.length === 0);
      if (!shows(step, check, size) && !other && performance.now() - since < patience) {
        view.mood("");
        if (check.pose === "away") view.hint(_("Not so far"));
        else ask();
        return false;
      }
      view.mood("good");
      blobs.push(blob);
      size = check.face.size;
      elsewhere.begin(check.pose);
      since = performance.now();
      if (blobs.length < steps.length) {
        ask();
        announce(ASKED[steps[blobs.length]]());
        return false;
      }
      view.hint(_("Good, one moment …"));
      done(blobs);
      return true;
    },
  });
}
