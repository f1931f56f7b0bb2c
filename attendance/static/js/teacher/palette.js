// One field over courses, students, sessions and pages; and the keys of the page.

import { api } from "../common/api.js";
import { tell } from "../common/ask.js";
import { courseName, sessionName } from "../common/names.js";
import { at, within } from "../common/paths.js";
import { byName, finder, settled } from "../common/search.js";
import { _, date } from "../common/strings.js";
import { $, $$, el, fail } from "../common/ui.js";
import { letter, word } from "../common/words.js";

const SHOWN = 6; // of each kind
const LATELY = 50;

let known = null; // pages, courses and students, read once a page

function pages() {
  const links = $$(".site-nav a, .tabs a").map((link) => ({ name: link.textContent.trim(), href: within(link.getAttribute("href")) }));
  const admin = document.documentElement.dataset.role === "admin";
  const more = admin
    ? [["/manage/students", _("Students")], ["/manage/courses", _("Courses")], ["/manage/settings", _("Settings")], ["/manage/audit", _("Audit log")], ["/manage/keys", _("API keys")], ["/manage/webhooks", _("Webhooks")], ["/manage/system", _("System")]]
        .map(([href, name]) => ({ href, name: `${_("Manage")}: ${name}` }))
    : [];
  return [...links, { name: _("Appeals"), href: "/teach/appeals" }, ...more];
}

async function read() {
  const [{ courses }, { sessions }] = await Promise.all([
    api.get("/course/mine?archived=false"),
    api.get(`/session/mine?per_page=${LATELY}`),
  ]);
  const lists = await Promise.all(courses.map(async (course) => {
    const { students } = await api.get(`/course/${course.id}/students`).catch(() => ({ students: [] }));
    return students.map((student) => ({ ...student, course }));
  }));
  return { courses, sessions, students: lists.flat().sort(byName) };
}

function found(text) {
  const fits = finder(text);
  const some = (list, texts) => list.filter((one) => fits(...texts(one))).slice(0, SHOWN);
  const { courses = [], students = [], sessions = [] } = known ?? {};
  return [
    [_("Courses"), some(courses, (course) => [course.name, course.section, course.code]).map((course) => ({ name: courseName(course), more: course.code, href: `/teach/courses/${course.id}` }))],
    [_("Students"), text.trim() ? some(students, ({ name, student_id: number, email }) => [name, number, email]).map(({ name, student_id: number, course }) => ({
      name, more: `${number} · ${courseName(course)}`, href: `/teach/courses/${course.id}/students?${new URLSearchParams({ q: number })}`,
    })) : []],
    [_("Sessions"), some(sessions, (session) => [session.subject, session.section, date(session.started_at)]).map((session) => ({ name: sessionName(session), more: date(session.started_at), href: `/teach/sessions/${session.id}` }))],
    [_("Pages"), some(pages(), ({ name }) => [name])],
  ].filter(([, entries]) => entries.length);
}

export function search() {
  if ($("#palette")) return;
  const list = el("div", { id: "palette-list", role: "listbox", "aria-label": _("Found") });
  const field = el("input", {
    type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
    "aria-label": _("Search courses, students, sessions and pages"), placeholder: _("Search courses, students, sessions and pages"),
    autocomplete: "off", spellcheck: "false",
  });
  const dialog = el("dialog", { id: "palette", class: "palette", "aria-label": _("Search") }, el("article", {}, field, list));
  let chosen = 0;

  const choose = (index) => {
    const options = $$("[role=option]", list);
    chosen = (index + options.length) % (options.length || 1);
    for (const [place, option] of options.entries()) option.setAttribute("aria-selected", String(place === chosen));
    if (options[chosen]) {
      field.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    let number = 0;
    const groups = found(field.value).map(([title, entries]) => el("div", { role: "group", "aria-label": title },
      el("p", { class: "small", "aria-hidden": "true" }, title),
      ...entries.map(({ name, more, href }) => el("div", { role: "option", id: `found-${(number += 1)}`, "data-href": href, "aria-selected": "false" },
        el("span", {}, name), more ? el("span", { class: "small" }, more) : null)),
    ));
    list.replaceChildren(...(groups.length ? groups : [el("div", { role: "option", id: "found-0", "aria-disabled": "true", "aria-selected": "false", class: "small" }, known ? _("Nothing is called like this.") : _("Loading …"))]));
    choose(0);
  };
  const go = (option) => option?.dataset.href && location.assign(at(option.dataset.href));

  field.addEventListener("input", settled(show, 60));
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Escape") dialog.close(); // it would only empty the field
    else if (event.key === "Enter") {
      show();
      go($("[aria-selected=true]", list));
    } else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  show();
  if (!known) {
    read().then((answer) => {
      known = answer;
      show();
    }).catch((error) => {
      dialog.close();
      fail(error);
    });
  }
}

const KEYS = [
  ["Ctrl K", () => _("Search courses, students, sessions and pages")],
  ["?", () => _("This list")],
  ["Esc", () => _("Close what is open")],
];
const ROLL = () => [
  ["↑ ↓", _("Go from student to student")],
  ...["present", "late", "absent", "excused"].map((status) => [letter(status), word(status)]),
];
const GRID = () => [
  ["← ↑ → ↓", _("Go from cell to cell")],
  ["Enter", _("Change the cell")],
  ...["present", "late", "absent", "excused"].map((status) => [letter(status), word(status)]),
];

export function help() {
  const rows = [...KEYS.map(([key, say]) => [key, say()]), ...($("#roll") ? ROLL() : []), ...($("#matrix") ? GRID() : [])];
  tell({
    title: _("Keys of this page"),
    body: [el("dl", { class: "facts keys" }, ...rows.flatMap(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)]))],
  });
}
