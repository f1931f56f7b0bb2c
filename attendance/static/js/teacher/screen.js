// The projector: the QR code, the code, the number present, the clock. Never a name.

import { api } from "../common/api.js";
import { runClock } from "../common/clock.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { QrView } from "./qr_view.js";
import { Roll } from "./roll.js";
import { TurningCode } from "./turning_code.js";
import { sessionName } from "../common/names.js";
import { _, number } from "../common/strings.js";
import "./teaching_problems.js";
import { $, fail } from "../common/ui.js";
import { word } from "../common/words.js";

const page = $("#screen");
const id = Number(page.dataset.id);
const qr = new QrView($("#qr"), id, (code) => {
  if (code === "session_locked" || code === "session_ended") update();
  if (page.dataset.state !== "open" || (code !== null && code !== "stale")) return;
  $("#qr").hidden = code === "stale";
  $("#message").hidden = code === null;
  if (code === "stale") $("#message").textContent = _("No connection");
});
const code = new TurningCode(id, (fresh) => change(() => show(fresh)));
let stopClock = () => {};

function show(session) {
  code.follow(session);
  $("#code").textContent = session.code;
  if (page.dataset.state === session.state && page.dataset.closes === String(session.closes_at)) return;
  page.dataset.state = session.state;
  page.dataset.closes = session.closes_at;
  const name = sessionName(session);
  $("#subject").textContent = name;
  document.title = `${name} · ${_("Projector")}`;
  // The letters are as large as the column allows: see screen.css.
  $("#code").style.setProperty("--letters", Math.max(session.code.length, 4));
  const open = session.state === "open";
  $("#qr").hidden = !open;
  $("#code-block").hidden = !open;
  $("#message").hidden = open;
  $("#message").textContent = open ? "" : word(session.state);
  if (open) qr.start();
  else qr.stop();
  stopClock();
  stopClock = () => {};
  $("#clock-block").hidden = false;
  if (session.state === "ended") return ended();
  stopClock = runClock(session, (text, remaining) => {
    $("#clock").textContent = text;
    const label = $("#clock-label");
    label.textContent = remaining ? label.dataset.left : label.dataset.running;
  });
  return undefined;
}

function ended() {
  $("#clock-block").hidden = true; // the large word says it
  live.close();
}

// Whoever is in the room is told that a camera recognises.
function looks(recognises) {
  $("#camera-looks").hidden = !recognises;
}

async function askForCamera() {
  const { camera } = await api.get(`/session/${id}/camera`);
  looks(camera.mode !== "off");
}
let of = null; // how many are expected, where somebody knows

function count({ present = 0, late = 0 }) {
  $("#present").textContent = of ? _("{here} of {of}", { here: number(present + late), of: number(of) }) : number(present + late);
}

const { update, change } = inStep(() => api.get(`/session/attendance?session_id=${id}`), take);

async function take({ session, attendance }) {
  if (session.state === "ended" && session.course_id !== null) of = attendance.length;
  else if (session.course_id !== null && of === null) of = (await api.get(`/course/${session.course_id}`).catch(() => null))?.course.students ?? null;
  const roll = new Roll();
  roll.replace(attendance);
  count(roll.counts);
  show(session);
}

const own = (action) => (message) => message.session_id === id && change(() => action(message));
const changed = own(({ session }) => show(session));
const live = connect({
  on: {
    attendance_snapshot: ({ session_id }) => session_id === id && update().catch(fail), // it may be older than a message before it
    attendance_summary_updated: own(({ counts }) => count(counts)),
    session_locked: changed,
    session_unlocked: changed,
    session_stopped: changed,
    camera_changed: ({ session_id, recognises }) => session_id === id && looks(recognises),
    qr_rotated: ({ session_id }) => session_id === id && qr.refresh(),
  },
  catchUp: () => update().catch((error) => {
    if (!error.unsent) fail(error);
    throw error;
  }),
  state: (name) => {
    page.dataset.connection = name;
    $("#connection").hidden = name !== "offline";
    $("#connection").textContent = name === "offline" ? _("No connection: trying again") : "";
  },
});
live.join(id);
askForCamera().catch(() => {}); // it is told when it changes
update().catch(fail); // the socket may take a while, or never come

// A projector that goes to sleep is no help.
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Not allowed on battery, for example: the screen then follows the device's own setting.
  }
}
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
stayAwake();

const button = $("#fullscreen");
button.hidden = !document.fullscreenEnabled;
button.addEventListener("click", () => document.documentElement.requestFullscreen());
document.addEventListener("fullscreenchange", () => {
  button.hidden = document.fullscreenElement !== null;
});
