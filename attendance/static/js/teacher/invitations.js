// Invitations of a course: sent to all who have never signed in, or made into slips to be printed.

import { api } from "../common/api.js";
import { courseName } from "../common/names.js";
import { at } from "../common/paths.js";
import { _, date, n_ } from "../common/strings.js";
import "./teaching_problems.js";
import { $, busy, el, fail } from "../common/ui.js";

const PIXELS = 6; // of a module: sharp on paper
const QUIET = 4; // modules around a code
const page = $("#invitations-page");
const path = `/course/${page.dataset.id}`;
const address = `${location.origin}${at("/first-sign-in")}`;
const only = Number(new URLSearchParams(location.search).get("student")) || null;

function drawn(rows, label) {
  const size = (rows.length + 2 * QUIET) * PIXELS;
  const canvas = el("canvas", { width: size, height: size, role: "img", "aria-label": label });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  context.fillStyle = "#000";
  rows.forEach((row, y) => [...row].forEach((dark, x) => {
    if (dark === "1") context.fillRect((x + QUIET) * PIXELS, (y + QUIET) * PIXELS, PIXELS, PIXELS);
  }));
  return canvas;
}

// "12345678" → "1234 5678", as slips show it
const grouped = (pin) => pin.replace(/(.{4})(?=.)/g, "$1 ");

function slip({ name, student_id, username, invitation, pin, qr }) {
  if (!invitation) {
    return el("li", { class: "slip no-print" }, el("div", {},
      el("h2", {}, name), el("p", {}, student_id),
      el("p", { class: "small" }, _("No slip: another teacher made the account, and hands it out.")),
    ));
  }
  const code = drawn(qr, _("QR code of the invitation for {name}", { name }));
  return el("li", { class: "slip" }, code, el("div", {},
    el("h2", {}, name), el("p", {}, student_id), el("p", {}, courseName(course)),
    el("p", { class: "small" }, _("Scan the code with your phone and set a password. It works once, until {day}.", { day: date(invitation.expires_at) })),
    pin ? typed({ username, student_id, pin }, _("Or open {address} and type:", { address })) : null,
  ));
}

function typed({ username, student_id, pin }, how) {
  return el("div", { class: "slip-pin" },
    el("p", { class: "small" }, how),
    el("p", {}, `${username ? _("User name") : _("Student number")}: `, el("bdi", {}, username ?? student_id)),
    el("p", {}, `${_("PIN")}: `, el("strong", { dir: "ltr" }, grouped(pin.pin))));
}

// For one student who has no mailbox, also where the password is forgotten.
async function makeOne() {
  await loaded;
  const made = await api.post(`${path}/enrolments/${only}/first-pin`, { json: {} });
  const how = _("Open {address} and type this, once, until {day}:", { address, day: date(made.pin.expires_at) });
  $("#slips").replaceChildren(el("li", { class: "slip" }, el("div", {},
    el("h2", {}, made.name), el("p", {}, made.student_id), el("p", {}, courseName(course)), typed(made, how))));
  $("#print").hidden = false;
  $("#not-signed-in").textContent = n_("{n} slip is ready.", "{n} slips are ready.", 1);
}

let course = null;

async function invite(mail) {
  await loaded; // slips bear the course's name
  const { invitations, mailed } = await api.post(`${path}/invitations`, { json: { mail, pins: !mail } });
  $("#slips").replaceChildren(...(mail ? [] : invitations.map(slip)));
  $("#print").hidden = mail || !invitations.some(({ invitation }) => invitation);
  $("#not-signed-in").textContent = mail
    ? n_("{n} invitation is on its way.", "{n} invitations are on their way.", mailed)
    : n_("{n} slip is ready.", "{n} slips are ready.", invitations.filter(({ invitation }) => invitation).length);
}

async function load() {
  ({ course } = await api.get(path));
  $("#name").textContent = `${_("Invitations")} · ${courseName(course)}`;
  document.title = `${$("#name").textContent} · ${_("Attendance")}`;
  const { students } = await api.get(`${path}/students`);
  const one = students.find(({ id }) => id === only);
  $("#make-one").hidden = !one;
  $("#make-one").textContent = one ? _("Make a slip for {name}", { name: one.name }) : "";
  const waiting = students.filter((student) => !student.has_password).length;
  $("#not-signed-in").textContent = waiting
    ? n_("{n} student has never signed in.", "{n} students have never signed in.", waiting)
    : _("Everybody in this course has signed in.");
  for (const button of [$("#send"), $("#make")]) if (button) button.disabled = waiting === 0;
  $("#slips").setAttribute("aria-busy", "false");
}

const loaded = load();
$("#send")?.addEventListener("click", (event) => busy(event.currentTarget, () => invite(true).catch(fail)));
$("#make").addEventListener("click", (event) => busy(event.currentTarget, () => invite(false).catch(fail)));
$("#make-one").addEventListener("click", (event) => busy(event.currentTarget, () => makeOne().catch(fail)));
$("#print").addEventListener("click", () => window.print());
loaded.catch(fail);
