// One picture for each step that was asked: which way to look, or how near to come.

import { _ } from "../common/strings.js";
import { announce, fail } from "../common/ui.js";
import { withTurn } from "./extra_turn.js";
import { watchFace } from "./watch_face.js";

const APPROACH = 1.4; // how much larger a near face is; the server wants a little less
// In distances between the eyes. The head is turned from where it looked at first, since who holds the
// phone at a side looks into it from there; and the look ahead is apart from each turn, as the server
// wants it (a little less).
const TURNED = 0.1;
const APART = 0.06;
const STEP_SIDE = 720; // pixels: there are several pictures
const PAUSE_MS = 150; // between two looks
const LONGEST_STEP_MS = 10_000; // after that the step is what there is, and the server judges it
const OF_ITS_TIME = 0.6; // so much of a challenge's time is for the steps, the rest for sending
const WRONG_LOOKS = 2; // after so many at another side than the one that was asked, they count
const SLOW_LOOK_MS = 700; // so long after the look before, one counts as much: a slow line hides no turn

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

// Whether a frame is turned from where the head rested, and from the frames before it.
export function isApart(step, turn, { rest, before }) {
  if (step === "left" && turn - rest < TURNED) return false;
  if (step === "right" && rest - turn < TURNED) return false;
  return before.every((other) => {
    const isStraight = step === "straight";
    if (isStraight === (other.step === "straight")) return true;
    const [straight, side] = isStraight ? [turn, other] : [other.turn, { step, turn }];
    return (side.step === "left" ? side.turn - straight : straight - side.turn) >= APART;
  });
}

// Tells when the head was turned elsewhere than asked. A clip goes its own way, and must not be
// waited for until it happens to fit: what it shows is then taken, and the server judges it.
class Elsewhere {
  #from = null; // the pose of the step before, until the head has left it
  #looks = 0;
  #at = performance.now(); // of the last look

  begin(from) {
    this.#from = from;
    this.#looks = 0;
  }

  is(step, pose, first) {
    const now = performance.now();
    const worth = now - this.#at > SLOW_LOOK_MS ? WRONG_LOOKS : 1;
    this.#at = now;
    if (DISTANCES.has(step) || (first && step === "straight")) return false;
    if (pose !== this.#from) this.#from = null;
    const other = SIDES.has(pose) && pose !== step && pose !== this.#from;
    this.#looks = other ? this.#looks + worth : 0;
    return this.#looks >= WRONG_LOOKS;
  }
}

// Calls `taken(blobs)` with a picture for every step, in order; returns what ends the watching.
// What is asked is one turn more (extra_turn.js); where that one is missed, no blobs fit the steps.
export function watchSteps(camera, view, { steps, seconds }, taken) {
  const asked = withTurn(steps);
  const patience = Math.min(LONGEST_STEP_MS, (OF_ITS_TIME * 1000 * seconds) / asked.length);
  let since = performance.now();
  const blobs = [];
  let done = 0;
  const elsewhere = new Elsewhere();
  let size = null;
  const before = []; // the frames that were taken: { step, turn }
  let rest = null; // where the head looked at first, unless it was turned already
  const ask = () => {
    view.hint(`${done + 1}/${asked.length} ${ASKED[asked[done].step]()}`);
  };
  ask();
  announce(ASKED[asked[0].step]());
  return watchFace(camera, {
    side: STEP_SIDE,
    between: PAUSE_MS,
    hint: (text, problem) => {
      view.mood("");
      view.hint(text);
      if (problem?.code === "signed_out") fail(problem);
    },
    look: ({ blob, check }) => {
      const { step, sent } = asked[done];
      const other = elsewhere.is(step, check.pose, done === 0);
      const looks = shows(step, check, size);
      rest ??= check.pose === "straight" ? check.turn : 0;
      const shown = looks && (DISTANCES.has(step) || isApart(step, check.turn, { rest, before }));
      if (!shown && !other && performance.now() - since < patience) {
        view.mood("");
        if (check.pose === "away") view.hint(_("Not so far"));
        else if (looks && step !== "straight") view.hint(_("A little further"));
        else ask();
        return false;
      }
      view.mood("good");
      if (sent) blobs.push(blob);
      before.push({ step, turn: check.turn });
      done += 1;
      size = check.face.size;
      elsewhere.begin(check.pose);
      since = performance.now();
      const missed = !sent && !shown;
      if (done < asked.length && !missed) {
        ask();
        announce(ASKED[asked[done].step]());
        return false;
      }
      view.hint(_("Good, one moment …"));
      // The server refuses one picture for every step, or tells the teacher, as the course wants it.
      taken(missed ? steps.map(() => blobs[0] ?? blob) : blobs);
      return true;
    },
  });
}
