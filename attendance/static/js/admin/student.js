// One student: words put right, the face taken out, two accounts made one.

import { at } from "../common/paths.js";
import { removeStudent, resetPassword, settled } from "./people.js";
import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { download } from "../common/downloads.js";
import { _, date, dateTime } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, announce, busy, el, fail, notify, notifyThere, onSubmit } from "../common/ui.js";

const FIELDS = ["name", "email", "student_id", "username"];
const OPTIONAL = ["email", "username"];
const MOST = 8; // accounts offered at once

const heading = $("#name");
const id = Number(heading.dataset.student);
const path = `/admin/students/${id}`;
const form = $("#edit");
let student = null;

function faceText() {
  if (student.templates) return _("Enrolled, with the consent of {day}.", { day: student.consent_at ? date(student.consent_at) : "–" });
  if (student.face_withdrawn_at) return _("Taken out on {when}. Only the student can enrol it again.", { when: dateTime(student.face_withdrawn_at) });
  return _("None");
}

function show(answer) {
  student = answer.student;
  heading.textContent = student.name;
  heading.setAttribute("aria-busy", "false");
  for (const field of FIELDS) form.elements.namedItem(field).value = student[field] ?? "";
  $("#face").textContent = faceText();
  $("#take-face").hidden = !student.templates;
  const facts = [[_("Signed up"), date(student.created_at)], [_("Consent"), student.consent_at ? date(student.consent_at) : "–"]];
  $("#facts").replaceChildren(...facts.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
  $("#facts").setAttribute("aria-busy", "false");
}

const load = async () => show(await api.get(path));

onSubmit(form, async (fields) => {
  const changed = FIELDS.map((field) => [field, fields[field].trim()])
    .map(([field, value]) => [field, value === "" && OPTIONAL.includes(field) ? null : value])
    .filter(([field, value]) => value !== student[field]);
  if (changed.length) show(await api.patch(path, { json: Object.fromEntries(changed) }));
  notify("good", changed.length ? _("Saved.") : _("Nothing was changed."), { key: "saved" });
  announce(_("Saved."));
});

$("#free").addEventListener("click", async () => {
  await ask({
    title: _("Free the number {number}?", { number: student.student_id }),
    text: _("This account gets a number that nobody else would have; whose number it is can then be given it."),
    yes: _("Free the number"),
    run: async () => show(await api.patch(path, { json: { student_id: null } })),
  });
});

$("#take-face").addEventListener("click", async () => {
  await ask({
    title: _("Take out the face of {name}?", { name: student.name }),
    text: _("Every template and picture is deleted at once, and the student is told. Only the student can enrol the face again."),
    yes: _("Take the face out"),
    danger: true,
    run: async () => {
      await api.delete(`${path}/face`);
      await load();
    },
  });
});

async function merge(other) {
  const done = await ask({
    title: _("Make one account of two?"),
    text: _("{one} goes over to {other}, with marks, courses and excuses, and ends. This cannot be undone.", {
      one: `${student.name} (${student.student_id})`,
      other: `${other.name} (${other.student_id})`,
    }),
    yes: _("Make one account"),
    danger: true,
    run: () => api.post(`${path}/merge`, { json: { into: other.id } }),
  });
  if (!done) return;
  notifyThere(_("The two accounts are one now."));
  location.assign(at(`/manage/students/${other.id}`));
}

async function offer() {
  const text = $("#other").value.trim();
  if (!text) return $("#others").replaceChildren();
  const { students } = await api.get(`/admin/students?${new URLSearchParams({ q: text, per_page: MOST + 1 })}`);
  const found = students.filter((other) => other.id !== id).slice(0, MOST);
  $("#others").replaceChildren(
    ...(found.length
      ? found.map((other) => el("li", {}, el("button", { type: "button", class: "outline", onclick: () => merge(other) }, `${other.name} · ${other.student_id}`)))
      : [el("li", { class: "small" }, _("Nobody matches your search."))]),
  );
  return undefined;
}

$("#other").addEventListener("input", settled(() => offer().catch(fail)));
$("#reset").addEventListener("click", () => resetPassword(path, student.name));
$("#export").addEventListener("click", (event) =>
  busy(event.currentTarget, () => download(`${path}/export`, `student-${student.student_id}.json`).catch(fail)),
);
$("#delete").addEventListener("click", async () => {
  const said = await removeStudent(path, student.name);
  if (said === null) return;
  notifyThere(said);
  location.assign(at("/manage/students"));
});
load().catch(fail);
