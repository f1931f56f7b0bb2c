// The kiosk at the door: looks, greets, and goes on; no account, only the device's key.

import { Problem } from "./common/api.js";
import { at } from "./common/paths.js";
import { _, time } from "./common/strings.js";
import { $, onSubmit } from "./common/ui.js";
import { Camera, CameraFailed } from "./student/camera.js";
import { qrReader } from "./student/scan.js";

const KEY = "kiosk-key";
const LOOK_MS = 700;
const TYPE_MS = 60_000;
const GREET_MS = 3_500;
const STATE_MS = 15_000;
const CHANGED = 6; // mean difference of two small pictures, 0 to 255, from which somebody moves
const KEPT = 20; // pictures that wait, in memory, for the network to come back
const LONGEST = 600; // seconds after which nothing is sent any more
const HINT_AFTER = 4; // looks that know nobody, before the pass is offered

const page = $("#kiosk");
const camera = new Camera($("#video"), "user");
const pinForm = $("#by-pin");
let key = localStorage.getItem(KEY);
let sessions = [];
let waiting = [];
let unknown = 0;
let last = null;

async function call(path, form) {
  let answer;
  try {
    answer = await fetch(at(path), { method: form ? "POST" : "GET", body: form, headers: { "X-API-Key": key }, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(20_000) });
  } catch {
    throw new Problem("offline");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(body.code ?? "server_error", { status: answer.status, body });
  return body;
}

function show(state) {
  page.dataset.state = state;
  $("#setup").hidden = state !== "setup";
  $("#door").hidden = state === "setup";
}

function say(greeting, hint = "", mood = "") {
  $("#greeting").textContent = greeting;
  $("#hint").textContent = hint;
  page.dataset.mood = mood;
}

// -- what is open here

async function refresh() {
  try {
    const state = await call("/kiosk/state");
    ({ sessions } = state);
    $("#subject").textContent = sessions.length
      ? sessions.map(({ subject, section }) => [subject, section].filter(Boolean).join(" · ")).join(", ")
      : state.next
        ? _("Next: {subject}, {time}", { subject: state.next.subject, time: time(state.next.starts_at) })
        : _("No session is open here.");
    $("#way").hidden = !sessions.some(({ check_out }) => check_out !== "off");
    if ($("#way").hidden) comeIn();
    if (page.dataset.mood === "offline") say("");
    await sendWaiting();
  } catch (error) {
    if (error.status === 401 || error.status === 403) return forget();
    away();
  }
  return undefined;
}

function away() {
  say(_("No connection"), waiting.length ? _("Your picture waits and is sent as soon as it is back.") : _("It is tried again."), "offline");
}

// -- who stands there

// Who leaves says so first, and the next one may come in: it goes back by itself.
const leaving = () => !$("#way").hidden && $("#way [value=out]").checked;

function comeIn() {
  clearTimeout(comeIn.timer);
  $("#way [value=in]").checked = true;
}

$("#way").addEventListener("change", () => {
  unknown = 0;
  last = null;
  clearTimeout(comeIn.timer);
  if (leaving()) comeIn.timer = setTimeout(comeIn, TYPE_MS);
});

function greet({ name, status, already, marked_at, left_at }) {
  unknown = 0;
  const since = time(marked_at);
  if (left_at) say(_("Goodbye, {name}", { name }), _("You left at {time}.", { time: time(left_at) }), "good");
  else if (already) say(_("Hello again, {name}", { name }), _("You are on the list since {time}.", { time: since }), "good");
  else if (status === "late") say(_("Good that you are here, {name}", { name }), _("It is {time}: you are noted as late.", { time: since }), "good");
  else say(_("Welcome, {name}", { name }), since, "good");
  return new Promise((done) => setTimeout(() => done(say("")), GREET_MS));
}

// What could not be sent at `since` says for how long it has waited: what counts is when somebody came.
async function send(form, since = Date.now()) {
  const waited = Math.round((Date.now() - since) / 1000);
  if (waited > LONGEST) return undefined;
  form.set("waited_seconds", waited);
  if (!form.has("leaving")) form.set("leaving", leaving());
  try {
    await greet(await call("/kiosk/mark", form));
  } catch (error) {
    if (error.code === "offline") {
      waiting = [...waiting, { form, since }].slice(-KEPT);
      return away();
    }
    if (error.code === "face_unknown" || error.code === "faces_differ") unknown += 1;
    const words = {
      pass_invalid: _("This pass is too old: show the one that is on the screen now."),
      not_enrolled: _("No session that is open here is yours."),
      no_session: _("No session is open here."),
      session_locked: _("The session is locked by the teacher."),
      face_too_small: _("Come nearer"),
      several_faces: _("One after the other, please"),
      too_many_tries: _("One moment, please"),
      pin_wrong: _("Number or PIN is wrong."),
      face_required: _("This course marks by face."),
      check_out_off: _("This course does not ask who leaves."),
      not_marked: _("You have no mark in this session: come in first."),
    };
    if (words[error.code]) say("", words[error.code]);
    else if (unknown >= HINT_AFTER) say("", _("Not recognised? Show the pass in your own page, or mark by phone."));
  }
  return undefined;
}

async function sendWaiting() {
  const kept = waiting;
  waiting = [];
  for (const { form, since } of kept) await send(form, since);
}

function hasMoved() {
  const small = document.createElement("canvas");
  [small.width, small.height] = [32, 24];
  const context = small.getContext("2d", { willReadFrequently: true });
  context.drawImage($("#video"), 0, 0, 32, 24);
  const { data } = context.getImageData(0, 0, 32, 24);
  let sum = 0;
  if (last) for (let place = 0; place < data.length; place += 4) sum += Math.abs(data[place] - last[place]);
  const moved = !last || sum / (data.length / 4) > CHANGED;
  last = data;
  return moved;
}

async function look(read) {
  for (;;) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    if (!key || !camera.running || document.hidden || !pinForm.hidden) continue;
    const text = await read($("#video")).catch(() => null);
    if (text?.startsWith("pass:")) {
      const form = new FormData();
      form.append("pass", text);
      await send(form);
      continue;
    }
    const moved = hasMoved();
    if (!sessions.length || (!moved && unknown >= HINT_AFTER)) continue;
    const form = new FormData();
    const picture = await camera.frame();
    if (!picture) continue;
    form.append("image", picture.blob, "door.jpg");
    await send(form);
  }
}

// -- number and PIN

function typing(on) {
  pinForm.reset();
  pinForm.hidden = !on;
  $("#with-pin").hidden = on;
  if (on) pinForm.elements.student_id.focus();
  clearTimeout(typing.timer);
  if (on) typing.timer = setTimeout(() => typing(false), TYPE_MS); // who went away leaves nothing behind
}

$("#with-pin").addEventListener("click", () => typing(true));
$("#no-pin").addEventListener("click", () => typing(false));
onSubmit(pinForm, async (fields) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  typing(false);
  await send(form);
});

// -- the device

async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Not allowed on battery, for example.
  }
}

async function open() {
  show("door");
  await refresh();
  if (!key) return;
  try {
    await camera.start();
  } catch (error) {
    const { title, help } = error instanceof CameraFailed ? error.sentences : { title: _("No camera could be started."), help: "" };
    say(title, help, "bad");
  }
  stayAwake();
}

function forget() {
  localStorage.removeItem(KEY);
  key = null;
  camera.stop();
  show("setup");
}

onSubmit($("#setup form"), async ({ key: given }) => {
  key = given.trim();
  try {
    await call("/kiosk/state");
  } catch (error) {
    key = null;
    throw error;
  }
  localStorage.setItem(KEY, key);
  await open();
});
$("#forget").addEventListener("click", forget);
$("#fullscreen").hidden = !document.fullscreenEnabled;
$("#fullscreen").addEventListener("click", () => document.documentElement.requestFullscreen());
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
setInterval(() => key && refresh(), STATE_MS);
window.addEventListener("online", () => key && refresh());

if (key) open();
else show("setup");
qrReader().then(look);
