// One picture for each step that was asked: which way to look, or how near to come.

import { _ } from "../common/strings.js";
import { announce, fail } from "../common/ui.js";
import { watchFace } from "./watch_face.js";

const APPROACH = 1.4; // how much larger a near face is; the server wants a little less
const STEP_SIDE = 720; // pixels: there are several pictures

const ASKED = {
  straight: () => _("Look straight into the camera"),
  left: () => _("Turn your head to your left"),
  right: () => _("Turn your head to your right"),
  near: () => _("Come nearer"),
  far: () => _("Move away a little"),
};

// Whether a judged frame shows the step, after a face of the size before.
function shows(step, { pose, face }, before) {
  if (step === "near") return before === null || face.size >= APPROACH * before;
  if (step === "far") return before === null || face.size <= before / APPROACH;
  return pose === step;
}

// Calls `done(blobs)` when every step was shown, in order; returns what ends the watching.
export function watchSteps(camera, view, steps, done) {
  const blobs = [];
  let size = null;
  const ask = () => {
    const [text, of] = [ASKED[steps[blobs.length]](), `${blobs.length + 1}/${steps.length}`];
    view.hint(`${of} ${text}`);
  };
  ask();
  announce(ASKED[steps[0]]());
  return watchFace(camera, {
    side: STEP_SIDE,
    hint: (text, problem) => {
      view.mood("");
      view.hint(text);
      if (problem?.code === "signed_out") fail(problem);
    },
    look: ({ blob, check }) => {
      if (!shows(steps[blobs.length], check, size)) {
        view.mood("");
        if (check.pose === "away") view.hint(_("Not so far"));
        else ask();
        return false;
      }
      view.mood("good");
      blobs.push(blob);
      size = check.face.size;
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
