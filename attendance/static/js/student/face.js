// Enrolment: consent, then three pictures from the camera (or files), a look at them, and away.

import { api } from "../common/api.js";
import { fromFile } from "./camera.js";
import { _, n_ } from "../common/strings.js";
import { $, $$, announce, busy, el, fail, problemText } from "../common/ui.js";
import { CameraView } from "./camera_view.js";
import { watchFace } from "./watch_face.js";

const POSES = ["straight", "left", "right"];
const MAX_FILES = 5;
const READING_MS = 1_200; // to read what is asked before the first look
const SKIPPABLE_AFTER_MS = 8_000;
const ASKED = {
  straight: () => _("Look straight into the camera"),
  left: () => _("Turn your head a little to your left"),
  right: () => _("Turn your head a little to your right"),
};

let pictures = []; // of the poses in their order, or chosen files
let fromCamera = true;
let again = null; // which picture is taken again, alone
let stopWatching = () => {};
let pose = 0;
let skipTimer = null;

const view = new CameraView({ onReady: takeNext, onFail: () => ($("#skip").hidden = true) });

function show(step) {
  for (const section of $$("#enrol > section")) section.hidden = section.id !== `step-${step}`;
  $(`#step-${step} h1`).focus();
  window.scrollTo(0, 0);
}

$("#consent").addEventListener("submit", (event) => {
  event.preventDefault();
  retake();
});

function retake() {
  pictures = [];
  fromCamera = true;
  again = null;
  pose = 0;
  show("camera");
  view.start();
}

// Ask for the next pose and take the first frame that shows it well.
function takeNext() {
  stopWatching();
  const wanted = POSES[pose];
  for (const item of $$("#poses li")) {
    const index = POSES.indexOf(item.dataset.pose);
    item.toggleAttribute("data-done", index < pose);
    if (index === pose) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  view.mood("");
  view.hint(ASKED[wanted]());
  $("#skip").hidden = true;
  clearTimeout(skipTimer);
  // Somebody who cannot turn the head enrols with fewer pictures; the first is needed.
  skipTimer = setTimeout(() => ($("#skip").hidden = pictures.length === 0), SKIPPABLE_AFTER_MS);
  stopWatching = watchFace(view.camera, {
    pause: READING_MS,
    hint: (text, problem) => {
      view.mood("");
      view.hint(text);
      if (problem?.code === "signed_out") fail(problem);
    },
    look: ({ blob, check }) => {
      if (check.pose !== wanted) {
        view.mood("");
        view.hint(check.pose === "away" ? _("Not so far") : ASKED[wanted]());
        return false;
      }
      view.mood("good");
      const at = again ?? pictures.length;
      pictures[at] = { blob, pose };
      announce(n_("{n} picture taken", "{n} pictures taken", pictures.length));
      if (again === null) advance();
      else review();
      return true;
    },
  });
}

function advance() {
  pose += 1;
  if (pose < POSES.length) takeNext();
  else review();
}

$("#skip").addEventListener("click", advance);
$("#retake").addEventListener("click", retake);
$("#choose").addEventListener("click", () => $("#files").click());

$("#files").addEventListener("change", async (event) => {
  const chosen = [...event.target.files].slice(0, MAX_FILES);
  event.target.value = "";
  if (!chosen.length) return;
  stopWatching();
  pictures = (await Promise.all(chosen.map(fromFile))).map((blob) => ({ blob }));
  fromCamera = false;
  review();
});

// One picture is not good: only that one is taken again, or left out where it came from a file.
function takeAgain(index) {
  if (!fromCamera) {
    pictures.splice(index, 1);
    review();
    return;
  }
  again = index;
  ({ pose } = pictures[index]);
  show("camera");
  view.start();
}

function review() {
  again = null;
  stopWatching();
  clearTimeout(skipTimer);
  view.stop();
  $("#enrol-error").textContent = "";
  $("#thumbs").replaceChildren(
    ...pictures.map(({ blob }, index) => {
      const url = URL.createObjectURL(blob);
      const text = _("Picture {number}", { number: index + 1 });
      const image = el("img", { src: url, alt: text, onload: () => URL.revokeObjectURL(url) });
      const label = fromCamera ? _("Take again") : _("Leave out");
      const button = fromCamera || pictures.length > 1
        ? el("button", { type: "button", class: "outline secondary tiny", "aria-label": `${label}: ${text}`, onclick: () => takeAgain(index) }, label)
        : null;
      return el("li", {}, image, button);
    }),
  );
  show("check");
}

$("#send").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    const form = new FormData();
    for (const { blob } of pictures) form.append("image", blob, "face.jpg");
    form.append("consent", "true");
    try {
      const { pending } = await api.post("/student/upload-face", { form, timeout: 60_000 });
      pictures = [];
      show(pending ? "pending" : "done");
    } catch (error) {
      if (!error.sentences || error.code === "signed_out") return fail(error);
      const number = error.body?.image;
      const which = number ? `${_("Picture {number}", { number })}: ` : "";
      $$("#thumbs li")[number - 1]?.classList.add("wrong");
      $("#enrol-error").textContent = which + problemText(error);
    }
    return undefined;
  }),
);

window.addEventListener("pagehide", () => view.stop());
