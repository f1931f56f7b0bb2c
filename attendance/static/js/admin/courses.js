// All courses of the installation.

import { api } from "../common/api.js";
import { courseName } from "../common/names.js";
import { Pager } from "../common/pager.js";
import { _ } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el } from "../common/ui.js";
import { badge } from "../common/words.js";

function line(course) {
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `/teach/courses/${course.id}` }, courseName(course))),
    el("td", { class: "wide-only" }, course.code),
    el("td", {}, course.teacher.name),
    el("td", { class: "number wide-only" }, course.students),
    el("td", {}, course.archived ? badge("ended", _("Archived")) : badge("open", _("In use"))),
  );
}

new Pager($("#pager"), async (page) => {
  const answer = await api.get(`/admin/courses?page=${page}`);
  $("#rows").replaceChildren(...answer.courses.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = answer.total > 0;
  return answer;
}).show();
