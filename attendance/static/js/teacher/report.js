// A course's attendance as charts and tables, and who is at risk.

import { api } from "../common/api.js";
import { tell } from "../common/ask.js";
import "../common/downloads.js";
import { inStep } from "../common/in_step.js";
import { drawOverTime, drawSpread } from "./report_charts.js";
import { courseName } from "../common/names.js";
import { _, date, n_, percent } from "../common/strings.js";
import "./teaching_problems.js";
import { $, $$, el, fail, onSubmit } from "../common/ui.js";
import { badge, letter, word } from "../common/words.js";

const AT_A_TIME = 25; // rows of the matrix drawn before the browser may breathe

const id = Number($("#report").dataset.id);
const path = `/course/${id}`;
let report = { sessions: [], students: [] };
let course = null;
let sorting = { key: "percentage", up: true };
let drawing = 0;

const share = ({ total, percentage }) => (total === 0 ? "–" : percent(percentage));

function showCharts() {
  const { sessions, students } = report;
  const sum = (name) => sessions.reduce((all, session) => all + session[name], 0);
  const [here, missed] = [sum("present") + sum("late"), sum("absent")];
  $("#summary").textContent = [
    n_("{n} session", "{n} sessions", sessions.length),
    n_("{n} student", "{n} students", students.length),
    _("{share} attended on average", { share: here + missed ? percent((100 * here) / (here + missed)) : "–" }),
  ].join(" · ");
  drawOverTime($("#time-chart"), sessions);
  drawSpread($("#spread-chart"), students, course.min_percentage);
  const last = sessions.at(-1);
  const came = last.present + last.late;
  $("#time-text").textContent = _("In the last session: {here} of {all}.", { here: came, all: came + last.absent });
  const below = students.filter(({ total, percentage }) => total > 0 && percentage < course.min_percentage).length;
  $("#spread-text").textContent = n_("{n} student is below {limit}.", "{n} students are below {limit}.", below, { limit: percent(course.min_percentage) });
}

// -- tables

function compare(one, other) {
  if (!one.total || !other.total) return !one.total - !other.total; // nothing to judge by: last
  const [a, b] = [one[sorting.key], other[sorting.key]];
  const order = typeof a === "number" ? a - b : a.localeCompare(b);
  return (sorting.up ? order : -order) || one.name.localeCompare(other.name);
}

function showStudents() {
  for (const button of $$(".sort")) {
    const chosen = button.dataset.key === sorting.key;
    button.closest("th").setAttribute("aria-sort", chosen ? (sorting.up ? "ascending" : "descending") : "none");
  }
  $("#students").replaceChildren(...[...report.students].sort(compare).map((student) => el("tr", {},
    el("th", { scope: "row" }, el("button", { class: "link", onclick: () => showHistory(student) }, student.name)),
    el("td", {}, student.student_id),
    ...["present", "late", "absent", "excused"].map((status) => el("td", { class: "number" }, student[status])),
    el("td", { class: "number" }, share(student)),
  )));
}

function showRisk(students) {
  $("#risk-none").hidden = students.length > 0;
  $("#risk-table").hidden = students.length === 0;
  $("#risk").replaceChildren(...students.map((student) => el("tr", {},
    el("th", { scope: "row" }, student.name, " ", el("span", { class: "small" }, student.student_id)),
    el("td", { class: "number" }, share(student)),
    el("td", { class: "number" }, student.absent),
    el("td", { class: "number" }, student.absent_in_a_row),
    el("td", {}, student.reasons.map(reason).join(", ")),
    el("td", {}, student.last_seen_at ? date(student.last_seen_at) : _("never")),
  )));
}

const REASONS = {
  below_percentage: () => _("below the limit"),
  too_many_absences: () => _("too many absences"),
  absent_in_a_row: () => _("absent several times in a row"),
};
const reason = (name) => REASONS[name]?.() ?? name;

// One student's sessions, the newest first.
function showHistory(student) {
  const lines = [...report.sessions].reverse().map((session) => el("tr", {},
    el("td", {}, date(session.started_at)),
    el("td", {}, session.subject),
    el("td", {}, student.marks[session.id] ? badge(student.marks[session.id]) : "–"),
  ));
  const heads = [_("Day"), _("Subject"), _("Status")].map((head) => el("th", { scope: "col" }, head));
  tell({
    title: `${student.name} (${student.student_id})`,
    body: [
      el("p", {}, _("{share} attended", { share: share(student) })),
      el("div", { class: "table-wrap", role: "region", tabindex: "0", "aria-label": student.name },
        el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...lines))),
    ],
  });
}

// Thousands of cells: drawn when asked for, some rows at a time.
async function showMatrix() {
  drawing += 1;
  const mine = drawing;
  const { sessions, students } = report;
  const progress = $("#matrix-progress");
  $("#matrix-head").replaceChildren(el("tr", {},
    el("th", { scope: "col" }, _("Name")),
    ...sessions.map(({ started_at }) => el("th", { scope: "col" }, date(started_at, { dateStyle: "short" }))),
  ));
  $("#matrix").replaceChildren();
  progress.hidden = students.length <= AT_A_TIME;
  for (let first = 0; first < students.length && mine === drawing; first += AT_A_TIME) {
    $("#matrix").append(...students.slice(first, first + AT_A_TIME).map((student) => el("tr", {},
      el("th", { scope: "row" }, student.name),
      ...sessions.map((session) => el("td", {}, inOneLetter(student.marks[session.id]))),
    )));
    progress.value = Math.min(1, (first + AT_A_TIME) / students.length);
    await new Promise(requestAnimationFrame);
  }
  progress.hidden = true;
}

function inOneLetter(status) {
  return status ? el("abbr", { class: `mark ${status}`, title: word(status) }, letter(status)) : "";
}

// -- loading

function query() {
  const given = Object.entries(Object.fromEntries(new FormData($("#range")))).filter(([, value]) => value);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

const { update } = inStep(async () => {
  const range = query();
  for (const link of $$("[data-with-range]")) link.setAttribute("href", link.getAttribute("href").split("?")[0] + range);
  const [whole, risk] = await Promise.all([api.get(`${path}/report${range}`), api.get(`${path}/at-risk${range}`)]);
  report = whole;
  ({ course } = whole);
  $("#name").textContent = `${_("Report")}: ${courseName(course)}`;
  document.title = `${$("#name").textContent} · ${_("Attendance")}`;
  const empty = report.sessions.length === 0;
  $("#none").hidden = !empty;
  $("#full").hidden = empty;
  $("#report").setAttribute("aria-busy", "false");
  if (empty) return;
  showCharts();
  showRisk(risk.students);
  showStudents();
  if ($("#matrix-part").open) await showMatrix();
});

onSubmit($("#range"), update);
for (const button of $$(".sort")) {
  button.addEventListener("click", () => {
    const { key } = button.dataset;
    sorting = { key, up: sorting.key === key ? !sorting.up : true };
    showStudents();
  });
}
$("#matrix-part").addEventListener("toggle", (event) => event.target.open && showMatrix());
update().catch(fail);
