// A course: its students, the import of a list, its settings.

import { api } from "../common/api.js";
import { ask, tellToCopy } from "../common/ask.js";
import { courseValues, offerZones } from "./course_form.js";
import { CoursePlans } from "./course_plans.js";
import { CourseStaff, mayOrganise, showRights } from "./course_staff.js";
import { inStep } from "../common/in_step.js";
import { JoinRequests } from "./join_requests.js";
import { RosterImport } from "./roster_import.js";
import { courseName } from "../common/names.js";
import { _, date, n_ } from "../common/strings.js";
import { start } from "./starting.js";
import "./teaching_problems.js";
import { $, busy, el, fail, notify, onSubmit } from "../common/ui.js";
import { badge } from "../common/words.js";

const id = Number($("#course").dataset.id);
const path = `/course/${id}`;
const form = $("#settings form");
let course = null;
let students = [];

const studentPath = (student) => `${path}/enrolments/${student.id}`;

// -- students

function line(student) {
  const ready = student.templates > 0;
  const state = ready ? _("Face enrolled") : student.has_password ? _("No face yet") : _("Not signed in yet");
  const action = (label, act) =>
    el("button", { class: "outline secondary tiny", "aria-label": `${label}: ${student.name}`, onclick: act }, label);
  return el("tr", {},
    el("th", { scope: "row" }, student.name, el("span", { class: "small narrow-only" }, student.student_id)),
    el("td", { class: "wide-only" }, student.student_id),
    el("td", { class: "wide-only" }, student.email ?? "–"),
    el("td", {}, badge(ready ? "present" : "awaited", state)),
    el("td", { class: "row-actions" },
      student.has_password ? null : action(_("Invite"), (event) => invite(event.currentTarget, student)),
      action(_("Remove"), () => remove(student)),
    ),
  );
}

function showStudents() {
  const wanted = $("#search").value.trim().toLowerCase();
  const shown = students.filter(({ name, student_id, email }) =>
    `${name} ${student_id} ${email ?? ""}`.toLowerCase().includes(wanted),
  );
  $("#students").replaceChildren(...shown.map(line));
  $("#students").setAttribute("aria-busy", "false");
  $("#none").hidden = students.length > 0;
  $("#count").textContent = `(${students.length})`;
  const waiting = students.filter((student) => !student.has_password).length;
  $("#never-signed-in").hidden = waiting === 0;
  $("#never-signed-in span").textContent = n_("{n} student has never signed in.", "{n} students have never signed in.", waiting);
}

const { update: updateStudents } = inStep(() => api.get(`${path}/students`), (answer) => {
  ({ students } = answer);
  showStudents();
});

function invite(button, student) {
  return busy(button, async () => {
    try {
      const { invitation } = await api.post(`${studentPath(student)}/invitation`);
      if (!invitation) {
        notify("good", _("The invitation is sent by e-mail."));
        return;
      }
      tellToCopy({
        title: _("Invitation for {name}", { name: student.name }),
        text: _("With this link the student sets a password, once. Hand it on in person or by e-mail."),
        label: _("Link"),
        value: invitation.link,
      });
    } catch (error) {
      fail(error);
    }
  });
}

async function remove(student) {
  const done = await ask({
    title: _("Remove {name}?", { name: student.name }),
    text: _("The student leaves this course. Marks already made stay."),
    yes: _("Remove"),
    danger: true,
    run: () => api.delete(studentPath(student)),
  });
  if (done) await updateStudents().catch(fail);
}

$("#search").addEventListener("input", showStudents);
$("#enrol").addEventListener("click", async () => {
  const done = await ask({
    title: _("Enrol a student"),
    text: _("The student needs an account. For many at once, or without accounts, import a list."),
    body: [el("label", {}, _("Student number or e-mail address"), el("input", { name: "who", required: true, maxlength: 254, autocomplete: "off", autocapitalize: "none" }))],
    yes: _("Enrol"),
    run: ({ who }) => {
      const given = who.trim();
      return api.post(`${path}/students`, { json: given.includes("@") ? { email: given } : { student_id: given } });
    },
  });
  if (done) await updateStudents().catch(fail);
});

const plans = new CoursePlans(path);
const staff = new CourseStaff(path);
const requests = new JoinRequests($("#requests"), `${path}/requests`, { names: false, decided: () => updateStudents().catch(fail) });
new RosterImport(`${path}/roster`, () => updateStudents().catch(fail));

// -- excuses

function excuseLine(excuse) {
  const days = [...new Set([excuse.from, excuse.to])].map((day) => date(`${day}T12:00:00`)).join(" – ");
  return el("li", {}, `${excuse.name}, ${days}`, excuse.reason ? `: ${excuse.reason} ` : " ",
    el("button", { class: "outline secondary tiny", "aria-label": `${_("Take back")}: ${excuse.name}, ${days}`, onclick: () => takeBack(excuse) }, _("Take back")),
  );
}

const { update: updateExcuses } = inStep(() => api.get(`${path}/excuses`), ({ excuses }) => {
  $("#excuses").replaceChildren(...excuses.map(excuseLine));
});

async function takeBack(excuse) {
  const done = await ask({
    title: _("Take this excuse back?"),
    text: _("What {name} missed on these days counts as absent again.", { name: excuse.name }),
    yes: _("Take back"),
    danger: true,
    run: () => api.delete(`/excuse/${excuse.id}`),
  });
  if (done) await updateExcuses().catch(fail);
}

$("#excuse").addEventListener("click", async () => {
  const options = students.map(({ student_id, name }) => el("option", { value: student_id }, `${name} (${student_id})`));
  const done = await ask({
    title: _("Excuse a student"),
    body: [
      el("label", {}, _("Student"), el("select", { name: "student_id", required: true }, el("option", { value: "" }), ...options)),
      el("label", {}, _("First day"), el("input", { type: "date", name: "from", required: true })),
      el("label", {}, _("Last day"), el("input", { type: "date", name: "to" })),
      el("label", {}, _("Reason"), el("input", { name: "reason", maxlength: 200, autocomplete: "off" })),
    ],
    yes: _("Save"),
    run: ({ student_id, from, to, reason }) =>
      api.post(`${path}/excuses`, { json: { student_id, from, to: to || null, reason: reason.trim() || null } }),
  });
  if (done) await updateExcuses().catch(fail);
});

// -- the course

function show(changed) {
  course = changed;
  $("#name").textContent = courseName(course);
  document.title = `${courseName(course)} · ${_("Attendance")}`;
  $("#join").hidden = course.archived;
  $("#join-code").textContent = course.join_code;
  $("#start").hidden = course.archived;
  showRights(course.role);
  if (mayOrganise(course.role)) requests.update().catch(fail);
  staff.role = course.role;
  $("#archive").textContent = course.archived ? _("Take out of the archive") : _("Archive");
  $("fieldset", form).disabled = false;
  for (const field of form.elements) {
    if (!(field.name in course)) continue;
    if (field.type === "checkbox") field.checked = course[field.name];
    else field.value = course[field.name] ?? "";
  }
}

async function change(values) {
  show((await api.patch(path, { json: values })).course);
}

onSubmit(form, async (fields) => {
  const values = courseValues(fields);
  const number = (value) => (value === null ? null : Number(value));
  await change({
    ...values,
    late_counts: form.elements.late_counts.checked,
    min_percentage: number(values.min_percentage),
    max_absences: number(values.max_absences),
    absences_in_row: number(values.absences_in_row),
  });
  notify("good", _("Saved."), { key: "saved" });
});
$("#archive").addEventListener("click", (event) =>
  busy(event.currentTarget, () => change({ archived: !course.archived }).catch(fail)),
);
$("#new-code").addEventListener("click", () =>
  ask({
    title: _("Replace the join code?"),
    text: _("The old code stops working. Who is enrolled stays enrolled."),
    yes: _("Replace"),
    run: () => change({ new_join_code: true }),
  }),
);
$("#delete").addEventListener("click", async () => {
  const done = await ask({
    title: _("Delete {name}?", { name: courseName(course) }),
    text: _("Only a course without sessions can be deleted; others are archived."),
    yes: _("Delete the course"),
    danger: true,
    run: () => api.delete(path),
  });
  if (done) location.assign("/teach/courses");
});
$("#start").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    await start({ subject: course.name, section: course.section, course_id: id }).catch(fail);
  }),
);

offerZones(form);
Promise.all([api.get(path).then((answer) => {
  show(answer.course);
  return staff.update();
}), updateStudents(), updateExcuses(), plans.update()]).catch(fail);
