// A student's home: what runs now, a mark that waits to be sent, and how one stands.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { sessionName } from "../common/names.js";
import { _, CLOCK, n_, percent, zoned } from "../common/strings.js";
import { $, el, fail, icon, notify } from "../common/ui.js";
import { badge, word } from "../common/words.js";
import { offerJoining, showCourses } from "./own_courses.js";
import { listen } from "./notices.js";
import * as unsent from "./unsent.js";

function card(session) {
  const started = el("time", { datetime: session.started_at }, zoned(session.started_at, session.timezone, CLOCK));
  const about = el("p", { class: "small" }, _("since"), " ", started);
  const state = session.status
    ? badge(session.status)
    : session.locked
      ? badge("locked", icon("lock"), word("locked"))
      : badge("open");
  const name = sessionName(session);
  const markable = !session.status && !session.locked;
  const title = markable ? el("a", { href: "/join" }, name) : name;
  return el("article", { class: "session-row" }, el("div", {}, el("h3", {}, title), about), state);
}

async function showSessions() {
  const { sessions } = await api.get("/student/sessions");
  const none = el("p", { class: "small" }, _("No session is open for you right now. This page tells you when one starts."));
  $("#sessions").replaceChildren(...(sessions.length ? sessions.map(card) : [none]));
}

async function showStanding() {
  const { overall } = await api.get("/student/attendance/summary");
  if (!overall.total) {
    $("#percentage").textContent = "–";
    $("#present-of").textContent = _("No session has counted yet.");
    return;
  }
  $("#percentage").textContent = percent(overall.percentage);
  $("#present-of").textContent = n_("present in {present} of {n} session", "present in {present} of {n} sessions", overall.total, { present: overall.present });
  $("#share-ring").setAttribute("stroke-dasharray", `${overall.percentage} 100`);
}

async function tellUnsent() {
  const { student } = await api.get("/student/me");
  const kept = await unsent.kept(student.id);
  if (!kept) return;
  const send = el("a", { class: "button", href: "/join" }, _("Send now"));
  notify("warning", _("Your mark in {subject} has not been sent yet.", { subject: kept.subject }), { key: "unsent", actions: [send], closable: false });
}

const { update } = inStep(() => Promise.all([showSessions(), showStanding()]));

Promise.allSettled([update().catch(fail), showCourses().catch(fail)])
  .then(() => $("#now-part").setAttribute("aria-busy", "false"));
offerJoining(update);
if (location.hash === "#join-course-title") $("#join-course-title").parentElement.open = true;
tellUnsent().catch(() => {});
listen({ changed: update });
