// The students of a course, and the import of a list.

import { api } from "../common/api.js";
import { ask, tellToCopy } from "../common/ask.js";
import { id, loaded, path } from "./course_page.js";
import { initials } from "../common/names.js";
import { mayOrganise } from "./course_rights.js";
import { lookAlikes } from "./look_alikes.js";
import { JoinRequests } from "./join_requests.js";
import { Pager } from "../common/pager.js";
import { RosterImport } from "./roster_import.js";
import { at } from "../common/paths.js";
import { byName, finder } from "../common/search.js";
import { _, date, n_, number } from "../common/strings.js";
import { $, busy, el, fail, notify } from "../common/ui.js";
import { badge } from "../common/words.js";

const AT_A_TIME = 50;
let students = null; // not read yet

const studentPath = (student) => `${path}/enrolments/${student.id}`;

// -- students

function line(student) {
  const ready = student.templates > 0;
  const state = ready ? _("Face enrolled") : student.has_password ? _("No face yet") : _("Not signed in yet");
  const action = (label, act) =>
    el("button", { class: "outline secondary tiny", "aria-label": `${label}: ${student.name}`, onclick: act }, label);
  return el("tr", {},
    el("th", { scope: "row", "data-initials": initials(student) }, student.name, el("span", { class: "small narrow-only" }, student.student_id)),
    el("td", { class: "wide-only" }, student.student_id),
    el("td", { class: "wide-only" }, student.email ?? "–"),
    el("td", {}, badge(ready ? "present" : "awaited", state),
      student.face_changed_at ? el("span", { class: "small" }, ` ${_("face changed on {day}", { day: date(student.face_changed_at) })}`) : null),
    el("td", { class: "row-actions" },
      student.has_password || !student.email ? null : action(_("Invite"), (event) => invite(event.currentTarget, student)),
      student.email ? null : action(_("New slip"), () => location.assign(at(`/teach/courses/${id}/invitations?student=${student.id}`))),
      action(_("Remove"), () => remove(student)),
    ),
  );
}

// A page of those who fit the search: a course of hundreds stays as short as one of thirty.
const pager = new Pager($("#pager"), async (page) => {
  students ??= await read();
  const fits = finder($("#search").value);
  const found = students.filter(({ name, student_id, email }) => fits(name, student_id, email));
  const first = Math.min(page - 1, Math.max(0, Math.ceil(found.length / AT_A_TIME) - 1)) * AT_A_TIME;
  $("#students").replaceChildren(...found.slice(first, first + AT_A_TIME).map(line));
  $("#students").setAttribute("aria-busy", "false");
  $("#none").hidden = found.length > 0;
  $("#none").textContent = students.length ? _("Nobody fits the search.") : _("Nobody is enrolled yet. Import a list below, or give the students the join code.");
  $("#count").textContent = `(${number(students.length)})`;
  const waiting = students.filter((student) => !student.has_password).length;
  $("#never-signed-in").hidden = waiting === 0;
  $("#never-signed-in span").textContent = n_("{n} student has never signed in.", "{n} students have never signed in.", waiting);
  return { page: first / AT_A_TIME + 1, per_page: AT_A_TIME, total: found.length };
});

const read = async () => (await api.get(`${path}/students`)).students.sort(byName);

function updateStudents() {
  students = null;
  return pager.show();
}

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
  if (done) await updateStudents();
}

$("#search").addEventListener("input", () => pager.restart());
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
  if (done) await updateStudents();
});

// Look-alikes: the pairs of whom both are in this course.
const pairs = lookAlikes(
  $("#pairs"),
  (shown) => {
    $("#look-alikes").hidden = !shown.length;
  },
  (pair) => pair.students.every((one) => (students ?? []).some((student) => student.id === one.id)),
);

const requests = new JoinRequests($("#requests"), `${path}/requests`, { names: false, decided: updateStudents });
loaded.then((course) => (mayOrganise(course.role) ? requests.update() : null)).catch(fail);
new RosterImport(`${path}/roster`, updateStudents);
$("#search").value = new URLSearchParams(location.search).get("q") ?? "";
Promise.resolve(pager.show()).then(() => pairs.update()).catch(fail);
