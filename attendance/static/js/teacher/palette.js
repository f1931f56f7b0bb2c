// One field over courses, students, sessions and pages; and the keys of the page.

import { api } from "../common/api.js";
import { tell } from "../common/ask.js";
import { courseName, sessionName } from "../common/names.js";
import { at, within } from "../common/paths.js";
import { finder, settled } from "../common/search.js";
import { _, DAY, zoned } from "../common/strings.js";
import { $, $$, el, fail } from "../common/ui.js";
import { letter, word } from "../common/words.js";

const SHOWN = 6; // of each kind
const LATELY = 50;

let known = null; // courses and the last sessions, read once a page: what is offered before anything is typed

function pages() {
  const links = $$(".site-nav a, .tabs a").map((link) => ({ name: link.textContent.trim(), href: within(link.getAttribute("href")) }));
  const admin = document.documentElement.dataset.role === "admin";
  const more = admin
    ? [["/manage/students", _("Students")], ["/manage/courses", _("Courses")], ["/manage/settings", _("Settings")], ["/manage/audit", _("Audit log")], ["/manage/keys", _("API keys")], ["/manage/webhooks", _("Webhooks")], ["/manage/system", _("System")]]
        .map(([href, name]) => ({ href, name: `${_("Manage")}: ${name}` }))
    : [];
  return [...links, { name: _("The week"), href: "/teach/week" }, { name: _("Appeals"), href: "/teach/appeals" }, ...more];
}

async function read() {
  const [{ courses }, { sessions }] = await Promise.all([
    api.get("/course/mine?archived=false"),
    api.get(`/session/mine?per_page=${LATELY}`),
  ]);
  return { courses, sessions };
}

const asked = (text) => api.get(`/search?${new URLSearchParams({ q: text, limit: SHOWN })}`);
const day = ({ started_at: began, timezone }) => zoned(began, timezone, DAY, false);

// Who is in no course of one's own is a student of the school's.
function studentEntry({ id, name, student_id: number, course }) {
  if (!course) return { name, more: number, href: `/manage/students/${id}` };
  const query = new URLSearchParams({ q: number });
  return { name, more: `${number} · ${courseName(course)}`, href: `/teach/courses/${course.id}/students?${query}` };
}

// What the server has found, the last sessions also by their day, and pages.
function found(text, { courses = [], students = [], sessions = [] }) {
  const fits = finder(text);
  const seen = new Set(sessions.map(({ id }) => id));
  const ofDay = text ? (known?.sessions ?? []).filter((session) => !seen.has(session.id) && fits(session.subject, session.section, day(session))) : [];
  return [
    [_("Courses"), courses.map((course) => ({ name: courseName(course), more: course.code, href: `/teach/courses/${course.id}` }))],
    [_("Students"), students.map(studentEntry)],
    [_("Sessions"), [...sessions, ...ofDay].map((session) => ({ name: sessionName(session), more: day(session), href: `/teach/sessions/${session.id}` }))],
    [_("Pages"), pages().filter(({ name }) => fits(name))],
  ].map(([title, entries]) => [title, entries.slice(0, SHOWN)]).filter(([, entries]) => entries.length);
}

export function search() {
  if ($("#palette")) return;
  const list = el("div", { id: "palette-list", role: "listbox", "aria-label": _("Found") });
  const field = el("input", {
    type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
    "aria-label": _("Search courses, students, sessions and pages"), placeholder: _("Search courses, students, sessions and pages"),
    autocomplete: "off", spellcheck: "false", maxlength: 200,
  });
  const dialog = el("dialog", { id: "palette", class: "palette", "aria-label": _("Search") }, el("article", {}, field, list));
  let chosen = 0;
  let answer = { text: "", found: {} }; // of the server, and to what

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
    const text = field.value.trim();
    const ready = text ? answer.text === text : known;
    const groups = found(text, text ? answer.found : known ?? {}).map(([title, entries]) => el("div", { role: "group", "aria-label": title },
      el("p", { class: "small", "aria-hidden": "true" }, title),
      ...entries.map(({ name, more, href }) => el("div", { role: "option", id: `found-${(number += 1)}`, "data-href": href, "aria-selected": "false" },
        el("span", {}, name), more ? el("span", { class: "small" }, more) : null)),
    ));
    list.replaceChildren(...(groups.length ? groups : [el("div", { role: "option", id: "found-0", "aria-disabled": "true", "aria-selected": "false", class: "small" }, ready ? _("Nothing is called like this.") : _("Loading …"))]));
    choose(0);
  };
  // The newest text is shown, whatever is answered last.
  const ask = async () => {
    const text = field.value.trim();
    if (text && text !== answer.text) {
      const told = await asked(text);
      if (text !== field.value.trim()) return;
      answer = { text, found: told };
    }
    show();
  };
  const failed = (error) => {
    dialog.close();
    fail(error);
  };
  const go = (option) => option?.dataset.href && location.assign(at(option.dataset.href));

  field.addEventListener("input", settled(() => ask().catch(failed), 150));
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Escape") dialog.close(); // it would only empty the field
    else if (event.key === "Enter") {
      const before = field.value.trim() === answer.text; // else what is chosen belongs to another text
      if (before) go($("[aria-selected=true]", list));
      else ask().then(() => go($("[aria-selected=true]", list))).catch(failed);
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
    read().then((lists) => {
      known = lists;
      show();
    }).catch(failed);
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
