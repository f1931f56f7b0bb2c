// A course's attendance as charts and tables, and who is at risk.

import { api } from "../common/api.js";
import { ask, tell } from "../common/ask.js";
import { path } from "./course_page.js";
import "../common/downloads.js";
import { inStep } from "../common/in_step.js";
import { drawOverTime, drawSpread } from "./report_charts.js";
import { attendedOf, held } from "./shares.js";
import { Matrix } from "./matrix.js";
import { byName, compareText, finder } from "../common/search.js";
import { chosenReason, offer, reasonField, reasons } from "../common/reasons.js";
import { _, DAY, n_, percent, zoned } from "../common/strings.js";
import { $, $$, el, fail, notify, onSubmit } from "../common/ui.js";
import { badge, word } from "../common/words.js";

const least = Number($("#report").dataset.least); // sessions before anybody is called at risk
const AT_FIRST = 50; // rows of the table before "more"
const STATUSES = ["present", "late", "absent", "excused"];

let report = { sessions: [], students: [] };
let course = null;
let sorting = { key: "percentage", up: true };
let all = false;
let stale = false;
let given = new Map(); // the school's reasons, by id

const share = ({ total, percentage }) => (total === 0 ? "–" : percent(percentage));

function showCharts() {
  const { students } = report;
  const sessions = held(report.sessions);
  const average = attendedOf(sessions);
  $("#summary").textContent = [
    n_("{n} session", "{n} sessions", sessions.length),
    n_("{n} student", "{n} students", students.length),
    _("{share} attended on average", { share: average === null ? "–" : percent(average) }),
  ].join(" · ");
  drawOverTime($("#time-chart"), sessions, course.timezone);
  drawSpread($("#spread-chart"), students, course.min_percentage);
  const last = sessions.at(-1);
  const came = last && last.present + last.late;
  $("#time-text").textContent = last ? _("In the last session: {here} of {all}.", { here: came, all: came + last.absent }) : "";
  const below = students.filter(({ total, percentage }) => total > 0 && percentage < course.min_percentage).length;
  $("#spread-text").textContent = n_("{n} student is below {limit}.", "{n} students are below {limit}.", below, { limit: percent(course.min_percentage) });
}

// -- tables

function compare(one, other) {
  if (!one.total || !other.total) return !one.total - !other.total; // nothing to judge by: last
  const [a, b] = [one[sorting.key], other[sorting.key]];
  const order = typeof a === "number" ? a - b : compareText(a, b);
  return (sorting.up ? order : -order) || byName(one, other);
}

function showStudents(whole = all) {
  for (const button of $$(".sort")) {
    const chosen = button.dataset.key === sorting.key;
    button.closest("th").setAttribute("aria-sort", chosen ? (sorting.up ? "ascending" : "descending") : "none");
  }
  const fits = finder($("#search").value);
  const found = report.students.filter(({ name, student_id }) => fits(name, student_id)).sort(compare);
  const shown = whole ? found : found.slice(0, AT_FIRST);
  $("#students").replaceChildren(...shown.map((student) => el("tr", {},
    el("th", { scope: "row" }, nameOf(student)),
    el("td", {}, student.student_id),
    ...["present", "late", "absent", "excused"].map((status) => el("td", { class: "number" }, student[status])),
    el("td", { class: "number" }, share(student)),
  )));
  $("#more").hidden = shown.length === found.length;
  $("#more").textContent = n_("Show {n} more", "Show {n} more", found.length - shown.length);
}

const nameOf = (student) => el("button", { class: "link", onclick: () => showHistory(student) }, student.name);

function showRisk(students) {
  const byNumber = new Map(report.students.map((student) => [student.student_id, student]));
  $("#risk-none").hidden = students.length > 0;
  $("#risk-none").textContent = held(report.sessions).length < least
    ? n_("Who is at risk stands here after {n} session.", "Who is at risk stands here after {n} sessions.", least)
    : _("Nobody is at risk.");
  $("#risk-table").hidden = students.length === 0;
  $("#risk").replaceChildren(...students.map((student) => el("tr", {},
    el("th", { scope: "row" }, nameOf(byNumber.get(student.student_id) ?? student), " ", el("span", { class: "small" }, student.student_id)),
    el("td", { class: "number" }, share(student)),
    el("td", { class: "number" }, student.absent),
    el("td", { class: "number" }, student.absent_in_a_row),
    el("td", {}, student.reasons.map(reason).join(", ")),
    el("td", {}, student.last_seen_at ? zoned(student.last_seen_at, course.timezone, DAY, false) : _("never")),
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
    el("td", {}, zoned(session.started_at, course.timezone, DAY, false)),
    el("td", {}, session.subject),
    el("td", {}, student.marks[session.id] ? badge(student.marks[session.id]) : "–", " ", given.get(student.mark_reasons[session.id])?.name ?? ""),
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

// -- the matrix

const matrix = new Matrix($("#matrix"), (student, session, status) => {
  if (status) return mark(student, session, status).catch(fail);
  const now = student.marks[session.id];
  const why = reasonField();
  const choose = (one) => offer(why, one, one === now ? student.mark_reasons[session.id] ?? null : null);
  choose(now);
  return ask({
    title: `${student.name}, ${zoned(session.started_at, course.timezone, DAY, false)}`,
    body: [
      el("fieldset", { class: "statuses", onchange: ({ target }) => choose(target.value) }, el("legend", {}, _("Status")),
        ...STATUSES.map((one) => el("label", {}, el("input", { type: "radio", name: "status", value: one, checked: one === now }), " ", word(one)))),
      why,
      el("label", {}, _("Remark"), " ", el("small", {}, `(${_("kept in the audit log")})`), el("input", { name: "remark", maxlength: 200, autocomplete: "off" })),
    ],
    yes: _("Save"),
    run: ({ status: chosen, remark, ...fields }) => mark(student, session, chosen, remark.trim() || null, chosenReason(fields)),
  });
});

async function mark(student, session, status, remark = null, reason_id = null) {
  await api.put(`/session/${session.id}/attendance/${encodeURIComponent(student.student_id)}`, { json: { status, remark, reason_id } });
  matrix.put(student, session, status, reason_id);
  notify("good", _("{name}: {status}", { name: student.name, status: word(status) }), { key: "marked" });
  stale = true; // the sums follow when the matrix is left
}

function showMatrix() {
  matrix.show({ students: [...report.students].sort(byName), sessions: report.sessions, zone: course.timezone, reasons: given });
  matrix.toEnd();
}

window.addEventListener("beforeprint", () => {
  showStudents(true);
  if ($("#matrix-part").open) $("#paper").replaceChildren(matrix.table());
});
window.addEventListener("afterprint", () => {
  showStudents();
  $("#paper").replaceChildren();
});

// -- loading

function query() {
  const given = Object.entries(Object.fromEntries(new FormData($("#range")))).filter(([, value]) => value);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

const { update } = inStep(async () => {
  const range = query();
  for (const link of $$("[data-with-range]")) link.setAttribute("href", link.getAttribute("href").split("?")[0] + range);
  const [whole, risk, all] = await Promise.all([api.get(`${path}/report${range}`), api.get(`${path}/at-risk${range}${range ? "&" : "?"}min_sessions=${least}`), reasons()]);
  given = new Map(all.map((one) => [one.id, one]));
  report = whole;
  ({ course } = whole);
  const empty = report.sessions.length === 0;
  $("#none").hidden = !empty;
  $("#full").hidden = empty;
  $("#report").setAttribute("aria-busy", "false");
  if (empty) return;
  showCharts();
  showRisk(risk.students);
  showStudents();
  if ($("#matrix-part").open) showMatrix();
  stale = false;
});

onSubmit($("#range"), update);
for (const button of $$(".sort")) {
  button.addEventListener("click", () => {
    const { key } = button.dataset;
    sorting = { key, up: sorting.key === key ? !sorting.up : true };
    showStudents();
  });
}
$("#matrix-part").addEventListener("toggle", (event) => (event.target.open ? showMatrix() : stale && update().catch(fail)));
$("#search").addEventListener("input", () => {
  all = false;
  showStudents();
  if ($("#matrix-part").open) matrix.search($("#search").value);
});
$("#more").addEventListener("click", () => {
  all = true;
  showStudents();
});
update().catch(fail);
