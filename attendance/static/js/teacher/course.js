// A course at a glance: what is next, how many students, how it stands, the last sessions.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { changeCourse, id, loaded, path } from "./course_page.js";
import "../common/downloads.js";
import { hereOf, sessionRow } from "./session_rows.js";
import { attendedOf, held } from "./shares.js";
import { start } from "./starting.js";
import { _, dayOf, n_, number, percent, zoned } from "../common/strings.js";
import { $, busy, el, fail, icon } from "../common/ui.js";

const LAST = 5; // sessions shown
const AHEAD_DAYS = 21;
const DAY_MS = 86_400_000;

function showCode(course) {
  $("#join").hidden = course.archived;
  $("#join-code").textContent = course.join_code;
}

function showNext(running, planned) {
  const next = planned.find(({ state }) => state === "due") ?? planned.find(({ state }) => state === "planned");
  if (running) {
    $("#next").replaceChildren(
      el("p", {}, _("A session is running: {counts}.", { counts: hereOf(running) })),
      el("p", {}, el("a", { class: "button", href: `/teach/sessions/${running.id}` }, _("Open it"))),
    );
  } else if (next) {
    const when = zoned(next.starts_at, next.timezone, { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
    const begin = (event) => busy(event.currentTarget, () => start({ day: next.day }, `/plan/${next.plan_id}/start`).catch(fail));
    $("#next").replaceChildren(
      el("p", {}, when),
      next.state === "due" ? el("button", { onclick: begin }, icon("play"), " ", _("Start now")) : el("p", { class: "small" }, _("It stands on “Today” when it is time.")),
    );
  } else {
    $("#next").replaceChildren(
      el("p", {}, _("Nothing is planned.")),
      el("p", {}, el("a", { href: `/teach/courses/${id}/plan` }, _("Plan sessions"))),
    );
  }
}

function showStudents(students) {
  const waiting = students.filter(({ has_password: signed }) => !signed).length;
  $("#students").textContent = number(students.length);
  $("#students-more").textContent = students.length === 0
    ? _("Import a list, or give the students the join code.")
    : waiting ? n_("{n} student has never signed in.", "{n} students have never signed in.", waiting) : _("All have signed in.");
}

function showShare(sessions, atRisk) {
  const average = attendedOf(sessions);
  $("#share").textContent = average === null ? "–" : percent(average);
  $("#risk").textContent = sessions.length === 0 ? _("It is known after the first session.") : n_("{n} student is at risk.", "{n} students are at risk.", atRisk);
}

async function show() {
  const course = await loaded;
  showCode(course);
  const [from, to] = [Date.now(), Date.now() + AHEAD_DAYS * DAY_MS].map((moment) => dayOf(moment, course.timezone));
  const [{ sessions, total }, { planned }, { students }] = await Promise.all([
    api.get(`/session/mine?course_id=${id}&per_page=${LAST}`),
    api.get(`/session/planned?${new URLSearchParams({ from, to })}`),
    api.get(`${path}/students`),
  ]);
  showNext(sessions.find(({ state }) => state !== "ended"), planned.filter((lesson) => lesson.course.id === id));
  showStudents(students);
  $("#sessions").replaceChildren(...sessions.map(sessionRow));
  $("#sessions").setAttribute("aria-busy", "false");
  $("#none").hidden = total > 0;
  $("#overview").setAttribute("aria-busy", "false");
  const [report, risk] = await Promise.all([api.get(`${path}/report`), api.get(`${path}/at-risk?min_sessions=${$("#overview").dataset.least}`)]);
  showShare(held(report.sessions), risk.students.length);
}

$("#new-code").addEventListener("click", () =>
  ask({
    title: _("Replace the join code?"),
    text: _("The old code stops working. Who is enrolled stays enrolled."),
    yes: _("Replace"),
    run: async () => showCode(await changeCourse({ new_join_code: true })),
  }),
);
show().catch(fail);
