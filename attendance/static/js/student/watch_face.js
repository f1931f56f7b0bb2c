// Looks at the camera's picture again and again, asks the server how good it is, and tells.
//
// Frames that are dark all over are not even sent, and a busy server is asked less often.

import { api } from "../common/api.js";
import { _ } from "../common/strings.js";

const PAUSE_MS = 450; // between an answer and the next question
const BUSY_MS = 2_000;
const DARK = 22; // mean luminance of a frame in which no face can be judged
const CHECK_SIDE = 960;

const HINTS = {
  face_not_found: () => _("Bring your face into the oval"),
  several_faces: () => _("Only you may be in the picture"),
  face_too_small: () => _("Come closer"),
  too_blurry: () => _("Hold still"),
  too_dark: () => _("Turn towards the light"),
};

export function hintFor(code) {
  return (HINTS[code] ?? HINTS.face_not_found)();
}

// Calls `look({ blob, check })` for each judged frame, and `hint(text, problem?)` for what to do
// better, until `look` answers true or the returned function is called. The first frame is asked
// for after `pause` milliseconds, each further one `between` milliseconds after an answer.
export function watchFace(camera, { look, hint, pause = 0, between = PAUSE_MS, side = CHECK_SIDE }) {
  const stop = new AbortController();
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  async function ask(blob) {
    const form = new FormData();
    form.append("image", blob, "frame.jpg");
    return api.post("/student/check-face", { form, signal: stop.signal, timeout: 10_000 });
  }

  async function once() {
    const frame = await camera.frame(side);
    if (!frame) return between;
    if (frame.brightness < DARK) {
      hint(hintFor("too_dark"));
      return between;
    }
    const check = await ask(frame.blob);
    if (stop.signal.aborted) return null;
    if (!check.good) {
      hint(hintFor(check.code));
      return between;
    }
    return (await look({ blob: frame.blob, check })) ? null : between;
  }

  (async () => {
    while (pause !== null && !stop.signal.aborted) {
      await wait(pause);
      try {
        pause = await once();
      } catch (error) {
        if (stop.signal.aborted) return;
        hint(error.sentences?.title ?? _("Something went wrong on this page. Load it again."), error);
        if (error.code === "signed_out" || !error.sentences) return;
        pause = Math.max(BUSY_MS, 1000 * (error.retryAfter ?? 0));
      }
    }
  })();

  return () => stop.abort();
}
