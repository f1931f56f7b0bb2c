// How much waits for the teacher, as numbers in the navigation of every page, and as the list on Today.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { _, n_ } from "../common/strings.js";
import { $, el, fail, notify } from "../common/ui.js";

const CHANGES = new Set(["absence_changed", "appeal_changed", "join_request_changed", "teacher_waiting", "staff_changed", "refusal_noted", "session_stopped"]);
const AGAIN_MS = 60_000; // on pages that hear nothing by themselves

let refused = false; // whether somebody who was refused has no mark yet

function badge(entry, count, text) {
  const link = $(`.site-nav a[data-entry="${entry}"]`);
  if (!link) return;
  $(".count", link)?.remove();
  if (count) link.append(el("span", { class: "count" }, el("span", { "aria-hidden": "true" }, String(count)), el("span", { class: "visually-hidden" }, ` (${text})`)));
}

function list({ absences, appeals, teachers, refused }) {
  const lines = [
    ...refused.map(({ session_id, subject, students }) => [`/teach/sessions/${session_id}`, n_("{subject}: {n} student was refused", "{subject}: {n} students were refused", students, { subject })]),
    appeals ? ["/teach/appeals", n_("{n} appeal waits for you", "{n} appeals wait for you", appeals)] : null,
    absences ? ["/teach/absences", n_("{n} request to be excused waits for you", "{n} requests to be excused wait for you", absences)] : null,
    teachers ? ["/manage", n_("{n} teacher waits for approval", "{n} teachers wait for approval", teachers)] : null,
  ].filter(Boolean);
  const waiting = $("#waiting");
  if (!waiting) return;
  waiting.hidden = lines.length === 0;
  waiting.replaceChildren(...lines.map(([href, text]) => el("li", {}, el("a", { href }, text))));
}

const { update } = inStep(() => api.get("/waiting"), (found) => {
  const here = found.absences + found.appeals + found.join_requests + found.refused.reduce((sum, { students }) => sum + students, 0);
  badge("pages.teacher_home", here, n_("{n} waits for you", "{n} wait for you", here));
  badge("pages.admin_teachers", found.teachers, n_("{n} teacher waits for approval", "{n} teachers wait for approval", found.teachers));
  refused = found.refused.length > 0;
  list(found);
});

document.addEventListener("attendance:face", ({ detail }) =>
  notify("warning", _("{name} has put another face in the place of the one before. Look whether it is the same person.", { name: detail.name }), { key: `face-${detail.student_id}` }));

const again = () => update().catch((error) => error.unsent || error.code === "signed_out" || fail(error));
document.addEventListener("attendance:event", ({ detail }) => {
  // A mark changes the numbers only where somebody was refused before: a class marks at once.
  if (CHANGES.has(detail) || (detail === "attendance_marked" && refused)) again();
});
setInterval(() => document.hidden || again(), AGAIN_MS);
again();
