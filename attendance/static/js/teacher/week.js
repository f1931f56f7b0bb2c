// A week of lessons: what is planned, what runs, and what was held with how many.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { sessionName } from "../common/names.js";
import { at } from "../common/paths.js";
import { _, CLOCK, DAY, dayOf, locale, zoned } from "../common/strings.js";
import { hereOf } from "./session_rows.js";
import "./teaching_problems.js";
import { $, el, fail } from "../common/ui.js";
import { badge } from "../common/words.js";

const DAY_MS = 86_400_000;
const WEEKEND = 5; // from Saturday on: shown where something is there

// Days are reckoned at midnight UTC, so that no change of the clocks makes one of them longer.
const moved = (day, days) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const monday = (day) => moved(day, -((new Date(day).getUTCDay() + 6) % 7));
const isDay = (text) => /^(19[789]|2\d\d)\d-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text));

const today = dayOf(new Date());
const asked = new URLSearchParams(location.search).get("of");
const first = monday(isDay(asked) ? asked : today);
const days = [...Array(7).keys()].map((place) => moved(first, place));
const last = days.at(-1);

const words = (options) => new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });

function frame() {
  $("#span").textContent = words(DAY).formatRange(new Date(first), new Date(last));
  for (const [id, of] of [["#before", moved(first, -7)], ["#after", moved(first, 7)]]) {
    $(id).href = at(`/teach/week?${new URLSearchParams({ of })}`);
  }
  if (days.includes(today)) $("#now").setAttribute("aria-current", "true");
}

// A lesson that was opened is its session; one that was not is what the plan says.
function lessons(planned, sessions) {
  const opened = new Map(planned.map((plan) => [plan.session_id, plan]));
  const held = sessions.map((session) => ({
    ...session,
    from: session.started_at,
    to: session.ended_at ?? session.closes_at,
    room: opened.get(session.id)?.room,
    href: `/teach/sessions/${session.id}`,
  }));
  const waiting = planned.filter(({ session_id }) => session_id === null).map((plan) => ({
    ...plan,
    from: plan.starts_at,
    to: plan.ends_at,
    href: plan.state === "due" ? "/teach" : `/teach/courses/${plan.course.id}/plan`,
  }));
  return [...held, ...waiting].sort((one, other) => one.from.localeCompare(other.from));
}

const STATES = {
  open: () => badge("open"),
  locked: () => badge("locked"),
  due: () => badge("pending", _("due now")),
  missed: () => badge("pending", _("not held")),
};

function lesson({ from, to, timezone, state, room, href, ...rest }) {
  const begins = zoned(from, timezone, CLOCK, !to);
  const hours = to ? `${begins}–${zoned(to, timezone, CLOCK)}` : begins;
  const more = [room ? _("room {room}", { room }) : null, "here" in rest ? hereOf(rest) : null].filter(Boolean);
  return el("li", { class: `lesson ${state}` },
    el("span", { class: "small numbers" }, hours),
    el("a", { href }, sessionName(rest)),
    ...more.map((text) => el("span", { class: "small" }, text)),
    STATES[state]?.() ?? null,
  );
}

function dayOfWeek(day, found, free, place) {
  if (place >= WEEKEND && !found.length && !free.length && day !== today) return null;
  const name = words({ weekday: "long", day: "numeric", month: "short" }).format(new Date(day));
  return el("li", { class: "week-day", "aria-current": day === today ? "date" : null },
    el("h2", {}, name),
    ...free.map((holiday) => el("p", { class: "small" }, holiday.name)),
    found.length ? el("ul", {}, ...found.map(lesson)) : free.length ? null : el("p", { class: "small", "aria-hidden": "true" }, "–"),
  );
}

// Sessions are asked for by the school's days: one more on each side holds those of every zone.
const { update } = inStep(() => Promise.all([
  api.get(`/session/planned?${new URLSearchParams({ from: first, to: last })}`),
  api.get(`/session/mine?${new URLSearchParams({ from: moved(first, -1), to: moved(last, 1), per_page: 200 })}`),
  api.get("/school/days"),
]), ([{ planned }, { sessions }, { holidays }]) => {
  const all = lessons(planned, sessions).map((each) => ({ ...each, on: dayOf(each.from, each.timezone) }));
  const shown = days.map((day, place) => dayOfWeek(
    day,
    all.filter(({ on }) => on === day),
    holidays.filter(({ from, to }) => from <= day && day <= to),
    place,
  ));
  $("#week").replaceChildren(...shown.filter(Boolean));
  $("#week").setAttribute("aria-busy", "false");
  $("#none").hidden = all.some(({ on }) => days.includes(on));
});

frame();
const again = () => update().catch(fail);
connect({
  on: { session_started: again, session_stopped: again, session_locked: again, session_unlocked: again, session_changed: again, session_discarded: again, staff_changed: again },
  catchUp: update,
});
again();
