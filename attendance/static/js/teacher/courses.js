// The own courses, and making one.

import { api } from "../common/api.js";
import { at } from "../common/paths.js";
import { courseValues, offerZones, ownZone } from "./course_form.js";
import { inStep } from "../common/in_step.js";
import { courseName } from "../common/names.js";
import { hereOf } from "./session_rows.js";
import { _, n_, zoned } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";
import { badge, word } from "../common/words.js";

const dialog = $("#new");
const form = $("form", dialog);

const AHEAD_DAYS = 14;
const DAY_MS = 86_400_000;
const isoDay = (moment) => new Intl.DateTimeFormat("sv").format(moment);

// What runs, else what is next.
function whatIsNext(course, running, planned) {
  const open = running.find((session) => session.course_id === course.id);
  if (open) return el("p", {}, badge("open"), " ", el("a", { href: `/teach/sessions/${open.id}` }, hereOf(open)));
  const next = planned.find((plan) => plan.course.id === course.id && ["due", "planned"].includes(plan.state));
  if (!next) return el("p", { class: "small" }, course.archived ? _("archived") : _("Nothing is planned."));
  const when = zoned(next.starts_at, next.timezone, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  return el("p", { class: "small" }, _("Next: {when}", { when }));
}

// How many came to the last session that is over.
function lastTime(course, ended) {
  const last = ended.find((session) => session.course_id === course.id);
  if (!last) return null;
  const when = zoned(last.started_at, last.timezone, { day: "numeric", month: "short" }, false);
  return el("p", { class: "small" }, _("Last: {when}, {counts}", { when, counts: hereOf(last) }));
}

function card(course, running, planned, ended) {
  const name = courseName(course);
  const part = ["owner", "administrator"].includes(course.role) ? "" : ` · ${word(course.role)}`;
  const link = (tab, label) => el("a", { href: `/teach/courses/${course.id}/${tab}`, "aria-label": `${label}: ${name}` }, label);
  return el("li", {}, el("article", {},
    el("div", {},
      el("h3", {}, el("a", { href: `/teach/courses/${course.id}` }, name)),
      el("p", { class: "small" }, course.code, part, course.archived ? ` · ${_("archived")}` : "", " · ", n_("{n} student", "{n} students", course.students)),
    ),
    whatIsNext(course, running, planned),
    lastTime(course, ended),
    el("p", { class: "links" }, link("students", _("Students")), " ", link("sessions", _("Sessions")), " ", link("report", _("Report"))),
  ));
}

const { update } = inStep(async () => {
  const query = $("#archived").checked ? "" : "?archived=false";
  const [from, to] = [isoDay(Date.now()), isoDay(Date.now() + AHEAD_DAYS * DAY_MS)];
  const sessions = (state) => api.get(`/session/mine?state=${state}&per_page=200`);
  const [{ courses }, { sessions: running }, { sessions: ended }, { planned }] = await Promise.all([
    api.get(`/course/mine${query}`),
    sessions("running"),
    sessions("ended"),
    api.get(`/session/planned?${new URLSearchParams({ from, to })}`),
  ]);
  $("#courses").replaceChildren(...courses.map((course) => card(course, running, planned, ended)));
  $("#courses").setAttribute("aria-busy", "false");
  $("#none").hidden = courses.length > 0;
});

$("#archived").addEventListener("change", () => update().catch(fail));
opensEmpty($("#add"), dialog, () => {
  form.elements.timezone.value = ownZone();
});
onSubmit(form, async (fields) => {
  const { course } = await api.post("/course", { json: courseValues(fields) });
  location.assign(at(`/teach/courses/${course.id}`));
});
offerZones(form);
update().catch(fail);
