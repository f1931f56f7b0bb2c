// Teachers: who waits for approval first; approve, suspend, reset, make administrators, delete.

import { api } from "../common/api.js";
import { more, resetPassword, settled } from "./people.js";
import { ask } from "../common/ask.js";
import { Pager } from "../common/pager.js";
import { _ } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, busy, el, fail, notify } from "../common/ui.js";
import { badge, word } from "../common/words.js";

const path = (teacher, rest = "") => `/admin/teachers/${teacher.id}${rest}`;
const filters = () => {
  const given = { q: $("#search").value.trim(), state: $("#filter").value };
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value));
};

const pager = new Pager($("#pager"), async (page) => {
  const query = filters();
  query.set("page", page);
  const answer = await api.get(`/admin/teachers?${query}`);
  $("#rows").replaceChildren(...answer.teachers.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = answer.total > 0;
  return answer;
});

function line(teacher) {
  const button = (label, act, kind = "outline secondary") =>
    el("button", { class: `${kind} tiny`, "aria-label": `${label}: ${teacher.name}`, onclick: act }, label);
  const role = teacher.role === "admin" ? el("span", { class: "small" }, " ", word(teacher.role)) : null;
  return el("tr", {},
    el("th", { scope: "row" }, teacher.name, role, el("span", { class: "small narrow-only" }, teacher.email)),
    el("td", { class: "wide-only" }, teacher.email),
    el("td", {}, badge(teacher.state)),
    el("td", { class: "number wide-only" }, teacher.courses),
    el("td", { class: "number wide-only" }, teacher.sessions),
    el("td", { class: "row-actions" },
      teacher.state === "active" ? null : button(_("Approve"), (event) => approve(event.currentTarget, teacher), ""),
      " ",
      button(_("More"), () => choices(teacher)),
    ),
  );
}

function approve(button, teacher) {
  return busy(button, async () => {
    try {
      await api.post(path(teacher, "/approve"));
      notify("good", _("{name} can sign in now.", { name: teacher.name }), { key: "done" });
      await after(true);
    } catch (error) {
      fail(error);
    }
  });
}

// Everything else that can be done.
function choices(teacher) {
  const isAdmin = teacher.role === "admin";
  const facts = [
    [_("E-mail address"), teacher.email],
    [_("Department"), teacher.department],
    [_("State"), word(teacher.state)],
  ];
  const active = [
    [_("Suspend"), () => suspend(teacher)],
    [isAdmin ? _("Make a teacher again") : _("Make an administrator"), () => changeRole(teacher)],
  ];
  more(teacher.name, facts, [
    ...(teacher.state === "active" ? active : []),
    [_("Reset the password"), () => resetPassword(path(teacher), teacher.name)],
    [_("Delete"), () => remove(teacher).catch(fail), true],
  ]);
}

async function after(done) {
  if (!done) return;
  // how many wait stands in the navigation, and this page hears nothing by itself
  document.dispatchEvent(new CustomEvent("attendance:event", { detail: "teacher_waiting" }));
  await pager.show();
}

async function suspend(teacher) {
  await after(await ask({
    title: _("Suspend {name}?", { name: teacher.name }),
    text: _("This account is signed out everywhere at once. Courses and sessions stay. You can approve the account again."),
    yes: _("Suspend"),
    danger: true,
    run: () => api.post(path(teacher, "/suspend")),
  }));
}

async function changeRole(teacher) {
  const role = teacher.role === "admin" ? "teacher" : "admin";
  await after(await ask({
    title: role === "admin" ? _("Make {name} an administrator?", { name: teacher.name }) : _("Make {name} a teacher again?", { name: teacher.name }),
    text: role === "admin" ? _("An administrator can see and change everything here.") : _("The account stays a teacher's."),
    yes: _("Yes"),
    run: () => api.patch(path(teacher), { json: { role } }),
  }));
}

async function remove(teacher) {
  const owns = teacher.courses + teacher.sessions > 0;
  const body = owns ? [await heirs(teacher)] : [];
  await after(await ask({
    title: _("Delete {name}?", { name: teacher.name }),
    text: owns ? _("Another teacher takes over the courses and sessions.") : _("This cannot be undone."),
    body,
    yes: _("Delete"),
    danger: true,
    run: async ({ transfer_to }) => {
      await api.delete(path(teacher, owns ? `?transfer_to=${transfer_to}` : ""));
      notify("good", _("{name} was deleted.", { name: teacher.name }), { key: "done" });
    },
  }));
}

async function heirs(teacher) {
  const { teachers } = await api.get("/admin/teachers?state=active&per_page=200");
  const options = teachers.filter(({ id }) => id !== teacher.id).map(({ id, name, email }) => el("option", { value: id }, `${name} (${email})`));
  return el("label", {}, _("Who takes over?"), el("select", { name: "transfer_to", required: true }, el("option", { value: "" }, ""), ...options));
}

$("#search").addEventListener("input", settled(() => pager.restart()));
$("#filter").addEventListener("change", () => pager.restart());
pager.show();
