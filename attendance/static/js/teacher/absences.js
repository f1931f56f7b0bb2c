// Requests to be excused: what the student says, what it changes, and the decision.

import { courseLine, days } from "../common/absences.js";
import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { _ } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el, fail, notify } from "../common/ui.js";

const isOpen = ({ courses }) => courses.some(({ state }) => state === "open");

function card(absence) {
  const button = (label, accepted, kind) =>
    el("button", { class: kind, "aria-label": `${label}: ${absence.name}, ${days(absence)}`, onclick: () => decide(absence, accepted) }, label);
  return el("article", { "data-absence": absence.id },
    el("h2", {}, absence.name, " ", el("span", { class: "small" }, absence.student_id)),
    el("p", {}, days(absence)),
    el("blockquote", {}, absence.reason),
    el("ul", {}, ...absence.courses.map(courseLine)),
    isOpen(absence) ? el("p", { class: "actions" }, button(_("Excuse"), true, ""), button(_("Reject"), false, "secondary outline")) : null,
  );
}

async function decide(absence, accepted) {
  const open = absence.courses.filter(({ state }) => state === "open");
  const boxes = open.map(({ course }) => el("label", {},
    el("input", { type: "checkbox", name: "course_ids", value: String(course.id), checked: true }), ` ${course.name}`));
  const courses = el("fieldset", {}, el("legend", {}, _("For these courses")), ...boxes);
  const done = await ask({
    title: accepted ? _("Excuse {name}?", { name: absence.name }) : _("Reject the request of {name}?", { name: absence.name }),
    text: _("The student sees the decision and the remark."),
    body: [courses, el("label", {}, _("Remark"), el("input", { name: "remark", maxlength: 200, autocomplete: "off" }))],
    yes: accepted ? _("Excuse") : _("Reject"),
    run: ({ remark }) => {
      const chosen = [...courses.querySelectorAll("input:checked")].map(({ value }) => Number(value));
      return api.post(`/absence/${absence.id}/decide`, {
        json: { accepted, remark: remark.trim() || null, course_ids: chosen },
      });
    },
  });
  if (!done) return;
  notify("good", _("Decided. The student has been told."), { key: "decided" });
  await update().catch(fail);
}

const { update } = inStep(() => api.get("/absence/mine"), ({ absences }) => {
  const open = absences.filter(isOpen);
  const decided = absences.filter((absence) => !isOpen(absence));
  $("#absences").replaceChildren(...open.map(card));
  $("#absences").setAttribute("aria-busy", "false");
  $("#none").hidden = open.length > 0;
  $("#decided").replaceChildren(...decided.map(card));
  $("#decided-part").hidden = decided.length === 0;
});

connect({ on: { absence_changed: () => update().catch(fail) }, catchUp: update });
update().catch(fail);
