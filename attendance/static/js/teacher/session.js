// One session: the list that fills by itself, marks by hand, lock, unlock, stop, code and QR.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { CameraCard } from "./camera_card.js";
import { runClock } from "../common/clock.js";
import "../common/downloads.js";
import { drawGauge } from "./gauge.js";
import { HandDialog } from "./hand_dialog.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { QrView } from "./qr_view.js";
import { Roll } from "./roll.js";
import { RollCall } from "./roll_call.js";
import { RollTable } from "./roll_table.js";
import { SessionEdit } from "./session_edit.js";
import { spotCheck } from "./spot_check.js";
import { TurningCode } from "./turning_code.js";
import { sessionName } from "../common/names.js";
import { _, DAY, n_, zoned } from "../common/strings.js";
import "./teaching_problems.js";
import { JoinRequests } from "./join_requests.js";
import { SessionFirstMarks } from "./session_first_marks.js";
import { SessionRefused } from "./session_refused.js";
import { $, $$, announce, busy, fail, notify } from "../common/ui.js";
import { word } from "../common/words.js";

const ANNOUNCE_MS = 5_000; // a screen reader hears the number at most this often

const page = $("#session");
const id = Number(page.dataset.id);
const roll = new Roll();
const qr = new QrView($("#qr"), id, (code) => {
  if (code === "session_locked" || code === "session_ended") update().catch(fail);
});
const code = new TurningCode(id, (fresh) => session?.state === "open" && change(() => show(fresh)));
let session = null;
let zone = null; // the course's; null: the reader's
let stopClock = () => {};
let announcing = null;

// -- the list

// Who a number or name means: of the list, or else of everybody whom the teacher may see.
async function find(text) {
  const here = roll.find(text);
  if (here.length || session?.course_id !== null) return here;
  const { students } = await api.get(`/api/students/?${new URLSearchParams({ q: text, limit: 5 })}`);
  const exact = students.filter(({ student_id }) => student_id.toLowerCase() === text.toLowerCase());
  return exact.length ? exact : students;
}

const hand = new HandDialog($("#hand"), {
  known: (studentId) => roll.get(studentId),
  find,
  save,
  saved: ({ attendance }) => {
    change(() => put(attendance));
    announce(`${attendance.name}: ${word(attendance.status)}`);
  },
});

// Browsers take `.` and `..` for steps in a path, however they are written, and an old number may
// be one of them or begin with a slash: such students are marked by a roll call of one.
const FITS_NO_PATH = /^\.{1,2}$|^\/|\/\/|\/$/;

async function save(studentId, body) {
  if (!FITS_NO_PATH.test(studentId)) {
    return api.put(`/session/${id}/attendance/${encodeURIComponent(studentId)}`, { json: body });
  }
  await api.put(`/session/${id}/attendance`, { json: { changes: [{ student_id: studentId, ...body }] } });
  const { attendance } = await api.get(`/session/attendance?session_id=${id}`);
  return { attendance: attendance.find(({ student_id }) => student_id === studentId) };
}

const table = new RollTable($("#roll"), $("#roll-row"), {
  change: (studentId) => hand.open(studentId),
  mark: (studentId, status) => rollCall.mark(studentId, status),
});
const rollCall = new RollCall($("#roll"), { id, roll, put: (row) => change(() => put(row)), refresh: () => update() });
const edit = new SessionEdit(id, { session: () => session, zone: () => zone, changed: (answer) => changed(answer) });

const firstMarks = new SessionFirstMarks(id, (waiting) => change(() => roll.wait(waiting)));
const refused = new SessionRefused(id, async (studentId) => {
  const { attendance } = await save(studentId, { status: "present" });
  change(() => put(attendance));
});
let requests = null; // who asks to be let into the course, once it is known

function showRoll() {
  const filter = { search: $("#search").value, status: $("#filter").value, order: $("#order").value };
  const rows = roll.rows(filter);
  table.show(rows);
  const { counts, attendance } = roll;
  for (const cell of $$("[data-count]")) {
    const n = counts[cell.dataset.count];
    cell.textContent = n;
    const group = cell.parentElement;
    if ("optional" in group.dataset) group.hidden = n === 0;
  }
  drawGauge($("#gauge"), attendance);
  const missing = roll.missing.length;
  for (const way of ["#all-present", "#rest"]) $(way).hidden = missing === 0;
  $("#all-present").textContent = missing < rows.length || filter.search || filter.status ? _("The rest: present") : _("All present");
  const filtered = Boolean(filter.search || filter.status);
  $("#shown").textContent = filtered ? n_("{n} student shown", "{n} students shown", rows.length) : "";
  $("#empty").hidden = rows.length > 0;
  $("#empty").textContent = filtered
    ? _("Nobody matches your search.")
    : session?.state === "ended"
      ? _("Nobody marked in the session.")
      : _("Nobody has marked yet. Names appear here as students mark.");
}

function put(row) {
  page.setAttribute("aria-busy", "false"); // it may be known before the list is
  roll.put(row);
  showRoll();
}

function announceSoon() {
  announcing ??= setTimeout(() => {
    announcing = null;
    announce($("#gauge").getAttribute("aria-label"));
  }, ANNOUNCE_MS);
}

for (const control of ["#search", "#filter", "#order"]) $(control).addEventListener("input", showRoll);
$("#add").addEventListener("click", () => hand.open());
$("#rest").addEventListener("click", () => rollCall.askForRest());
$("#all-present").addEventListener("click", (event) => busy(event.currentTarget, async () => {
  await rollCall.rest("present").catch(fail);
  $("#undo:not([hidden]) button")?.focus(); // its own button is gone
}));
$("#spot").addEventListener("click", (event) => busy(event.currentTarget, () => spotCheck(id, (studentId) => hand.open(studentId)).catch(fail)));

// -- the session

// In the course's zone, which is said where the reader's clock shows another time.
function showWhen() {
  const clock = { hour: "numeric", minute: "2-digit" };
  const day = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  const { started_at: began, ended_at: ended } = session;
  const hours = ended
    ? `${zoned(began, zone, clock, false)}–${zoned(ended, zone, clock)}`
    : zoned(began, zone, clock);
  $("#when").textContent = `${zoned(began, zone, day, false)}, ${hours}`;
  table.zone = zone;
  refused.zone = zone;
  firstMarks.zone = zone;
}

function show(changed) {
  session = changed;
  const name = sessionName(session);
  page.dataset.state = session.state;
  document.title = `${name} · ${zoned(session.started_at, zone, DAY, false)} · ${_("Attendance")}`;
  showWhen();
  $("#note").textContent = session.note ?? "";
  $("#note").hidden = !session.note;
  $("#subject").textContent = name;
  $("#state").textContent = word(session.state);
  $("#state").className = `badge ${session.state}`;
  $("#code").textContent = session.code;
  code.follow(session);
  const live = session.state !== "ended";
  for (const control of $$("[data-while-live]")) control.hidden = !live;
  for (const part of $$("[data-while-open]")) part.hidden = session.state !== "open";
  for (const part of $$("[data-while-locked]")) part.hidden = session.state !== "locked";
  $("#lock").hidden = session.state !== "open";
  $("#unlock").hidden = session.state !== "locked";
  if (session.state === "open") qr.start();
  else qr.stop();
  stopClock();
  if (live) {
    stopClock = runClock(session, (text, remaining) => {
      $("#clock").textContent = remaining ? _("{time} left", { time: text }) : _("open for {time}", { time: text });
    });
  } else {
    stopClock = () => {};
    $("#clock").textContent = "";
  }
  $("#connection").hidden = !live;
  edit.show();
}

let told = null; // the session as it was said to be while the list was read: newer than the list's

const { update, change } = inStep(() => {
  told = null;
  return api.get(`/session/attendance?session_id=${id}`);
}, take);

async function take({ session: fresh, attendance, excused }) {
  const first = session === null;
  roll.replace(attendance, excused);
  show(told ?? fresh); // never the older one first: a button that has the focus would be gone for a moment
  if (first) {
    updateWaiting();
    await updateCourse();
  }
  showRoll();
  page.setAttribute("aria-busy", "false"); // all of it appears at once, in its place
}

const course = inStep(async () => {
  const path = `/course/${session.course_id}`;
  const [{ students }, answer] = await Promise.all([api.get(`${path}/students`), zone === null ? api.get(path) : null]);
  zone ??= answer.course.timezone;
  return { students };
}, ({ students }) => {
  showWhen();
  hand.suggest(students);
  if (session.state === "ended") roll.complete();
  else roll.expect(students);
  showRoll();
});

async function updateCourse() {
  if (session === null || session.course_id === null) return;
  await course.update().catch(fail);
}

// Who was refused, has a face that waits, wrote an appeal or asks to be let in.
function updateWaiting() {
  refused.update().catch(fail);
  firstMarks.update().catch(fail);
  if (session === null || session.course_id === null) return;
  requests ??= new JoinRequests($("#requests"), `/course/${session.course_id}/requests`, { names: false });
  requests.update().catch(fail);
}

const changed = ({ session: fresh }) => {
  told = fresh;
  change(() => show(fresh));
};
const own = (action) => (message) => message.session_id === id && action(message);
const cameraCard = new CameraCard(id, { live: () => live });
const live = connect({
  on: {
    ...cameraCard.events,
    attendance_snapshot: own(() => {
      update().catch(fail); // it may be older than a mark before it
      updateCourse();
    }),
    course_changed: ({ course_id }) => course_id === session?.course_id && updateCourse(),
    attendance_marked: own(({ session_id, ...row }) => {
      change(() => put(row));
      if (!$("#refused").hidden) refused.update().catch(fail);
      cameraCard.marked(row.student_id);
      announceSoon();
    }),
    session_locked: own(changed),
    session_unlocked: own(changed),
    session_changed: own(changed),
    session_started: own((message) => {
      changed(message); // opened again
      update().catch(fail);
    }),
    session_discarded: own(() => edit.gone()),
    session_stopped: own((message) => {
      changed(message);
      update().catch(fail); // who did not come is on the list now
      cameraCard.ended();
    }),
    first_mark_added: own((message) => firstMarks.heard(message)),
    face_decided: () => firstMarks.update().catch(fail),
    refusal_noted: own((message) => refused.heard(message)),
    appeal_changed: ({ appeal }) => appeal.session_id === id && refused.update().catch(fail),
    qr_rotated: own(() => qr.refresh()),
  },
  catchUp: () =>
    update().catch((error) => {
      if (!error.unsent) fail(error);
      throw error;
    }),
  state: (name) => {
    const words = { live: _("live"), polling: _("updated every few seconds"), offline: _("no connection: trying again") };
    $("#connection").hidden = session?.state === "ended";
    $("#connection").textContent = words[name];
    $("#connection").dataset.connection = name;
  },
});
live.join(id);
update().catch(fail); // the socket may take a while, or never come
cameraCard.update().catch(fail);

// -- lock, unlock, stop

function command(button, path) {
  $(button).addEventListener("click", (event) =>
    busy(event.currentTarget, async () => {
      try {
        changed(await api.post(path, { json: { session_id: id } }));
      } catch (error) {
        fail(error);
      }
      $(session?.state === "locked" ? "#unlock" : "#lock").focus();
    }),
  );
}
command("#lock", "/session/lock");
command("#unlock", "/session/unlock");

$("#stop").addEventListener("click", async () => {
  const stopped = await ask({
    title: _("Stop the session?"),
    text: _("Nobody can mark any more. You can open it again within a day, and mark by hand at any time."),
    body: rollCall.restFields() ?? [],
    yes: _("Stop the session"),
    no: _("Keep it open"),
    danger: true,
    run: async ({ rest }) => {
      if (rest && rest !== "absent") await rollCall.rest(rest);
      changed(await api.post("/session/stop", { json: { session_id: id } }));
    },
  });
  if (!stopped) return;
  notify("good", _("The session has ended."), { key: "ended" });
  $("#subject").focus();
});

// -- clear the list, and bring it back

$("#clear").addEventListener("click", async () => {
  const here = $("#gauge").getAttribute("aria-label");
  const cleared = await ask({
    title: _("Clear the list?"),
    text: `${here}. ${_("Every mark of the session is removed. You can bring them back.")}`,
    yes: _("Clear the list"),
    danger: true,
    run: () => api.delete(`/session/${id}/attendance?confirm=true`),
  });
  if (cleared) await update().catch(fail);
});
$("#restore").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    try {
      const { restored } = await api.post(`/session/${id}/attendance/restore`);
      notify("good", n_("{n} mark came back.", "{n} marks came back.", restored), { key: "restored" });
      await update();
    } catch (error) {
      fail(error);
    }
  }),
);
