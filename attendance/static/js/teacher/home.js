// Today's sessions, and starting one: by course or by what was taught lately in one click.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import "../common/downloads.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { courseName, sessionName } from "../common/names.js";
import { _, date, n_, zoned } from "../common/strings.js";
import { hereOf, sessionRow } from "./session_rows.js";
import { JoinRequests } from "./join_requests.js";
import { start } from "./starting.js";
import "./teaching_problems.js";
import { $, busy, el, fail, icon, notify, onSubmit } from "../common/ui.js";
import { badge } from "../common/words.js";

const LATELY = 50; // sessions looked at
const OFFERED = 6; // subjects offered again

$("#day").textContent = date(new Date(), { weekday: "long", day: "numeric", month: "long" });

const isRunning = ({ state }) => state !== "ended";
const isOfToday = ({ started_at: moment }) => new Date(moment).toDateString() === new Date().toDateString();

// What runs: how many are here, and what a teacher wants of it.
function card(session) {
  const name = sessionName(session);
  const of = session.enrolled;
  return el("li", { "data-session": session.id }, el("article", { class: "running" },
    el("div", {},
      el("h3", {}, el("a", { href: `/teach/sessions/${session.id}` }, name)),
      el("p", {}, badge(session.state), " ", el("span", { class: "small" }, until(session))),
    ),
    el("div", {},
      el("p", { class: "figure here" }, hereOf(session)),
      of ? el("progress", { value: Math.min(session.here, of), max: of, "aria-label": _("Here") }) : null,
    ),
    el("div", { class: "actions" },
      el("a", { class: "button", href: `/teach/sessions/${session.id}`, "aria-label": `${_("Open it")}: ${name}` }, _("Open it")),
      el("button", { class: "outline danger", "aria-label": `${_("Stop")}: ${name}`, onclick: () => stop(session) }, icon("stop"), " ", _("Stop")),
    ),
  ));
}

function until({ started_at: began, closes_at: closes, timezone }) {
  const clock = { hour: "numeric", minute: "2-digit" };
  const from = zoned(began, timezone, clock, !closes);
  return closes ? _("{from} to {to}", { from, to: zoned(closes, timezone, clock) }) : _("since {time}", { time: from });
}

async function stop(session) {
  const missing = session.enrolled === null ? 0 : Math.max(0, session.enrolled - session.here);
  const stopped = await ask({
    title: _("Stop {name}?", { name: sessionName(session) }),
    text: missing
      ? n_("{n} student without a mark counts as absent. You can open the session again within a day.", "{n} students without a mark count as absent. You can open the session again within a day.", missing)
      : _("Nobody can mark any more. You can open it again within a day, and mark by hand at any time."),
    yes: _("Stop the session"),
    no: _("Keep it open"),
    danger: true,
    run: () => api.post("/session/stop", { json: { session_id: session.id } }),
  });
  if (!stopped) return;
  notify("good", _("The session has ended."), { key: "ended" });
  again();
}

// What is planned and not begun: what is due is the one thing to do.
function plannedRow(plan) {
  const name = sessionName(plan);
  const clock = { hour: "numeric", minute: "2-digit" };
  const hours = `${zoned(plan.starts_at, plan.timezone, clock, false)}–${zoned(plan.ends_at, plan.timezone, clock)}`;
  const open = (event) => busy(event.currentTarget, async () => {
    await start({ day: plan.day }, `/plan/${plan.plan_id}/start`).catch(fail);
  });
  const missed = plan.state === "missed";
  const label = missed ? _("Hold it after all") : _("Start now");
  return el("li", {},
    el("div", { class: "row-main" },
      el("strong", {}, name),
      el("span", { class: "small" }, [hours, plan.automatic ? _("opens and closes by itself") : null].filter(Boolean).join(" · ")),
    ),
    missed ? badge("pending", _("not held")) : null,
    el("button", { class: plan.state === "due" ? null : "outline", onclick: open, "aria-label": `${label}: ${name}` }, icon("play"), " ", label),
  );
}

function starter(name, detail, body) {
  const go = (event) => busy(event.currentTarget, () => start(body).catch(fail));
  return el("li", {},
    el("div", { class: "row-main" }, el("strong", {}, name), el("span", { class: "small" }, detail)),
    el("button", { class: "outline", onclick: go, "aria-label": `${_("Start")}: ${name}` }, icon("play"), " ", _("Start")),
  );
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

// What to do next where nothing runs.
function nothingRuns(waiting, courses) {
  if (waiting.some(({ state }) => state === "due")) return _("Nothing runs yet. The lesson that is due begins with “Start now”.");
  if (courses.length === 0) return _("Nothing runs. Make a course first, or start a session without one under “Another subject”.");
  return _("Nothing runs. Start a session: the students scan the code, and the list fills by itself.");
}

const { update } = inStep(async () => {
  const [{ sessions }, { courses }, { planned }] = await Promise.all([
    api.get(`/session/mine?per_page=${LATELY}`),
    api.get("/course/mine?archived=false"),
    api.get("/session/planned"),
  ]);
  const running = sessions.filter(isRunning);
  const earlier = sessions.filter((session) => !isRunning(session) && isOfToday(session));
  const waiting = planned.filter(({ session_id }) => session_id === null);
  $("#sessions").replaceChildren(...running.map(card));
  $("#planned").replaceChildren(...waiting.map(plannedRow));
  $("#earlier").replaceChildren(...earlier.map(sessionRow));
  $("#coming").hidden = waiting.length === 0;
  $("#over").hidden = earlier.length === 0;
  $("#none").hidden = running.length > 0;
  $("#none").textContent = nothingRuns(waiting, courses);
  for (const { id } of running) live.join(id);
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

// Somebody has marked in a session that runs: its number follows.
function counted({ session_id: id, counts: { present = 0, late = 0 } }) {
  const line = $(`[data-session="${id}"]`);
  const progress = line && $("progress", line);
  if (!line) return;
  if (progress) progress.value = Math.min(present + late, progress.max);
  $(".here", line).textContent = hereOf({ here: present + late, enrolled: progress ? progress.max : null });
}

const again = () => update().catch(fail);
const live = connect({
  on: {
    attendance_summary_updated: counted,
    session_started: again, session_stopped: again, session_locked: again, session_unlocked: again, session_changed: again, session_discarded: again, staff_changed: again,
  },
  catchUp: update,
});
again();
new JoinRequests($("#requests"), "/course/requests").update().catch(fail);
