// Today's sessions, and starting one: by course or by what was taught lately in one click.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { courseName, sessionName } from "../common/names.js";
import { _, time } from "../common/strings.js";
import { JoinRequests } from "./join_requests.js";
import { start } from "./starting.js";
import "./teaching_problems.js";
import { $, busy, el, fail, icon, onSubmit } from "../common/ui.js";
import { badge } from "../common/words.js";

const LATELY = 50; // sessions looked at
const OFFERED = 6; // subjects offered again

function isOfToday({ state, started_at }) {
  return state !== "ended" || new Date(started_at).toDateString() === new Date().toDateString();
}

function card(session) {
  const hours = [session.started_at, session.ended_at].filter(Boolean).map(time).join("–");
  return el("li", {}, el("article", {},
    el("h3", {}, el("a", { href: `/teach/sessions/${session.id}` }, sessionName(session))),
    el("p", {}, badge(session.state), " ", hours),
  ));
}

function plannedCard(plan) {
  const name = sessionName(plan);
  const hours = `${time(plan.starts_at)}–${time(plan.ends_at)}`;
  const open = (event) => busy(event.currentTarget, async () => {
    await start({ day: plan.day }, `/plan/${plan.plan_id}/start`).catch(fail);
  });
  return el("li", {}, el("article", {},
    el("div", {}, el("h3", {}, name), el("p", { class: "small" }, `${_("Planned")}: ${hours}`)),
    el("button", { class: "outline", onclick: open, "aria-label": `${_("Start now")}: ${name}` }, icon("play"), " ", _("Start now")),
  ));
}

function starter(name, detail, body) {
  const go = (event) => busy(event.currentTarget, () => start(body).catch(fail));
  return el("li", {}, el("article", {},
    el("div", {}, el("h3", {}, name), el("p", { class: "small" }, detail)),
    el("button", { onclick: go, "aria-label": `${_("Start")}: ${name}` }, icon("play"), " ", _("Start")),
  ));
}

function starters(courses, sessions) {
  const fromCourses = courses.map((course) =>
    starter(courseName(course), course.code,
      { subject: course.name, section: course.section, course_id: course.id }),
  );
  const seen = new Set();
  const again = sessions.filter((session) => {
    const key = sessionName(session);
    if (session.course_id !== null || seen.has(key)) return false;
    return seen.add(key);
  });
  const subjects = again.slice(0, OFFERED).map((session) =>
    starter(sessionName(session), _("without a course"), {
      subject: session.subject,
      section: session.section,
      late_after_minutes: session.late_after_minutes,
    }),
  );
  return [...fromCourses, ...subjects];
}

const { update } = inStep(async () => {
  const [{ sessions }, { courses }, { planned }] = await Promise.all([
    api.get(`/session/mine?per_page=${LATELY}`),
    api.get("/course/mine?archived=false"),
    api.get("/session/planned"),
  ]);
  const today = sessions.filter(isOfToday);
  $("#sessions").replaceChildren(...today.map(card));
  const waiting = planned.filter(({ session_id }) => session_id === null);
  $("#planned").replaceChildren(...waiting.map(plannedCard));
  $("#none").hidden = today.length + waiting.length > 0;
  const offered = starters(courses, sessions);
  $("#starts").replaceChildren(...offered);
  $("#other").open ||= offered.length === 0;
  $("#today").setAttribute("aria-busy", "false");
});

onSubmit($("#start"), async (fields) => {
  const given = Object.entries(fields).filter(([, value]) => value.trim() !== "");
  const numbers = new Set(["late_after_minutes", "duration_minutes"]);
  await start(Object.fromEntries(given.map(([name, value]) => [name, numbers.has(name) ? Number(value) : value.trim()])));
});

const again = () => update().catch(fail);
connect({
  on: { session_started: again, session_stopped: again, session_locked: again, session_unlocked: again, session_changed: again, session_discarded: again, staff_changed: again },
  catchUp: update,
});
again();
new JoinRequests($("#requests"), "/course/requests").update().catch(fail);
