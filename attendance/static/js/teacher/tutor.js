// The students whose tutor the teacher is: each opens to the courses, and what was missed.

import { api } from "../common/api.js";
import "../common/downloads.js";
import { sessionName } from "../common/names.js";
import { at } from "../common/paths.js";
import { _, DAY, n_, number, percent, zoned } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el, fail } from "../common/ui.js";
import { badge } from "../common/words.js";

const share = ({ present, total, percentage }) => (total ? `${percent(percentage)} (${number(present)} / ${number(total)})` : "–");

function missed({ history, timezone }) {
  const lines = history.filter(({ status, ended_at: ended }) => status !== "present" && ended);
  return el("ul", { class: "list parted" }, ...lines.reverse().map((line) => el("li", {}, el("bdi", {}, `${zoned(line.started_at, timezone, DAY, false)} · ${sessionName(line)}`), badge(line.status))));
}

function course(attended) {
  const name = attended.course ? `${attended.course.name}${attended.course.section ? ` · ${attended.course.section}` : ""}` : _("Without a course");
  return el("section", {},
    el("h3", {}, name, " ", el("span", { class: "small" }, attended.total ? percent(attended.percentage) : "–"), " ", attended.reasons.length ? badge("absent", _("At risk")) : null),
    missed(attended),
  );
}

async function open(student, place) {
  const { courses } = await api.get(`/reports/student/${student.id}`);
  const files = ["csv", "xlsx"].map((kind) => el("a", { href: at(`/reports/student/${student.id}/report.${kind}`), download: "", "data-download": "" }, kind.toUpperCase()));
  place.replaceChildren(...courses.map(course), el("p", { class: "small" }, files[0], " ", files[1]));
}

function line(student) {
  const place = el("div", {}, _("Loading …"));
  const risk = student.courses_at_risk ? badge("absent", n_("at risk in {n} course", "at risk in {n} courses", student.courses_at_risk)) : null;
  const details = el("details", { "data-student": student.id },
    el("summary", {}, el("bdi", {}, student.name), " ", el("span", { class: "small" }, el("bdi", {}, student.student_id)), ` · ${share(student.overall)} `, risk),
    place,
  );
  details.addEventListener("toggle", () => details.open && open(student, place).catch(fail));
  return details;
}

api.get("/tutor/students").then(({ students }) => {
  $("#students").replaceChildren(...students.map(line));
  $("#students").setAttribute("aria-busy", "false");
  $("#none").hidden = students.length > 0;
}).catch(fail);
