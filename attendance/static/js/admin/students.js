// Students of the whole school: reset, export, delete.

import { at } from "../common/paths.js";
import { more, removeStudent, resetPassword, settled } from "./people.js";
import { api } from "../common/api.js";
import { download } from "../common/downloads.js";
import { Pager } from "../common/pager.js";
import { _, date } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el, fail, notify } from "../common/ui.js";
import { badge } from "../common/words.js";

const path = (student, rest = "") => `/admin/students/${student.id}${rest}`;

const pager = new Pager($("#pager"), async (page) => {
  const query = new URLSearchParams({ page, q: $("#search").value.trim(), irregular: $("#irregular").checked });
  const answer = await api.get(`/admin/students?${query}`);
  $("#rows").replaceChildren(...answer.students.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = answer.total > 0;
  return answer;
});

function line(student) {
  const enrolled = student.templates > 0;
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `/manage/students/${student.id}` }, student.name), el("span", { class: "small narrow-only" }, student.student_id)),
    el("td", { class: "wide-only" }, student.student_id, ...(student.irregular ? [" ", badge("awaited", _("old form"))] : [])),
    el("td", { class: "wide-only" }, student.email ?? "–"),
    el("td", {}, enrolled ? badge("present", _("Enrolled")) : badge("awaited", _("None"))),
    el("td", { class: "row-actions" },
      el("button", { class: "outline secondary tiny", "aria-label": `${_("More")}: ${student.name}`, onclick: () => choices(student) }, _("More")),
    ),
  );
}

function choices(student) {
  const facts = [
    [_("Number"), student.irregular ? `${student.student_id} (${_("old form")})` : student.student_id],
    [_("E-mail address"), student.email],
    [_("Consent"), student.consent_at ? date(student.consent_at) : null],
    [_("Signed up"), date(student.created_at)],
  ];
  more(student.name, facts, [
    [_("Correct, merge, face"), () => location.assign(at(`/manage/students/${student.id}`))],
    [_("Reset the password"), () => resetPassword(path(student), student.name)],
    [_("Export everything that is kept"), () => download(path(student, "/export"), `student-${student.student_id}.json`).catch(fail)],
    [_("Delete"), () => remove(student).catch(fail), true],
  ]);
}

async function remove(student) {
  const said = await removeStudent(path(student), student.name);
  if (said === null) return;
  notify("good", said, { key: "deleted" });
  await pager.show();
}

$("#search").addEventListener("input", settled(() => pager.restart()));
$("#irregular").addEventListener("change", () => pager.restart());
pager.show();
