// The own percentages as a chart and a table, and every mark, newest first.

import { api } from "../common/api.js";
import { appeal } from "./appeal.js";
import { inStep } from "../common/in_step.js";
import { sessionName } from "../common/names.js";
import { reasons, reasonText } from "../common/reasons.js";
import { _, DAY, MOMENT, number, percent, zoned } from "../common/strings.js";
import { $, busy, el, fail } from "../common/ui.js";
import { badge, evidence, stayText } from "../common/words.js";
import { listen } from "./notices.js";

const PER_PAGE = 20;
const MISSED = 50; // missed sessions that are listed
let page = 0;
let chart = null;
let given = new Map(); // what a reason of the school says, by its id

const { update: showSummary } = inStep(() => api.get("/student/attendance/summary"), async ({ overall, subjects }) => {
  const rows = subjects.map((share) => summaryRow(share.subject, share));
  if (subjects.length > 1) rows.push(summaryRow(_("All"), overall, "total"));
  if (!rows.length) rows.push(el("tr", {}, el("td", { colspan: 3 }, _("No session has counted yet."))));
  $("#summary tbody").replaceChildren(...rows);
  await draw(subjects);
});

function summaryRow(name, share, kind) {
  return el(
    "tr",
    { class: kind },
    el("th", { scope: "row" }, name),
    el("td", { class: "end numbers" }, `${number(share.present)} / ${number(share.total)}`),
    el("td", { class: "end numbers" }, share.total ? percent(share.percentage) : "–"),
  );
}

async function draw(subjects) {
  const held = subjects.filter((share) => share.total);
  $("#chart-box").hidden = held.length === 0;
  if (!held.length) return;
  await import("../../vendor/chart/chart.umd.min.js").catch(() => {});
  if (!globalThis.Chart) {
    $("#chart-box").hidden = true; // the table says the same
    return;
  }
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  $("#chart-box").style.blockSize = `${3.5 + 2.6 * held.length}rem`;
  chart?.destroy();
  chart = new globalThis.Chart($("#chart"), {
    type: "bar",
    data: {
      labels: held.map((share) => share.subject),
      datasets: [{ data: held.map((share) => share.percentage), backgroundColor: colour("--pico-primary"), borderRadius: 6, maxBarThickness: 22 }],
    },
    options: {
      indexAxis: "y",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 400 },
      maintainAspectRatio: false,
      plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) => percent(item.raw) } } },
      scales: {
        x: { min: 0, max: 100, reverse: document.dir === "rtl", ticks: { color: colour("--pico-muted-color"), callback: (value) => percent(value) }, grid: { color: colour("--pico-muted-border-color") } },
        y: { position: document.dir === "rtl" ? "right" : "left", ticks: { color: colour("--pico-color") }, grid: { display: false } },
      },
    },
  });
}

function historyRow(mark) {
  const when = el("time", { datetime: mark.marked_at }, zoned(mark.marked_at, mark.timezone, MOMENT));
  const name = sessionName(mark);
  return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, when), el("td", {}, badge(mark.status), " ", el("span", { class: "small" }, [given.get(mark.reason_id), evidence(mark.evidence), stayText(mark.stay)].filter(Boolean).join(" · "))));
}

async function showMore() {
  const { attendance, total } = await api.get(`/student/attendance?page=${page + 1}&per_page=${PER_PAGE}`);
  page += 1;
  const rows = attendance.map(historyRow);
  if (page === 1) $("#history tbody").replaceChildren(...rows);
  else $("#history tbody").append(...rows);
  if (!total) $("#history tbody").replaceChildren(el("tr", {}, el("td", { colspan: 3 }, _("Nothing yet. Your first mark will appear here."))));
  $("#more").hidden = page * PER_PAGE >= total;
}

const ANSWERS = {
  open: () => [_("not decided yet"), "late"],
  accepted: () => [_("accepted"), "present"],
  rejected: () => [_("rejected"), "absent"],
};

const { update: showAppeals } = inStep(() => api.get("/appeal/mine"), ({ appeals }) => {
  const rows = appeals.reverse().map(({ subject, started_at, timezone, reason, remark, state }) => {
    const [text, kind] = ANSWERS[state]();
    const title = el("p", {}, el("strong", {}, subject), ` · ${zoned(started_at, timezone, DAY, false)} `, badge(kind, text));
    const answer = remark ? el("p", { class: "small" }, _("Answer: {remark}", { remark })) : null;
    return el("li", {}, title, el("p", { class: "small" }, reason), answer);
  });
  $("#own-appeals").hidden = rows.length === 0;
  $("#appeal-list").replaceChildren(...rows);
});

// Which days are missing, and the way to say that one was there.
const { update: showMissed } = inStep(() => Promise.all([api.get("/student/report"), api.get("/appeal/mine")]), ([{ courses }, { appeals }]) => {
  const written = new Set(appeals.map((sent) => sent.session_id));
  const missed = courses
    .flatMap((course) => course.history.map((line) => ({ ...line, timezone: course.timezone })))
    .filter(({ status, ended_at }) => status === "absent" && ended_at)
    .sort((one, other) => other.started_at.localeCompare(one.started_at))
    .slice(0, MISSED);
  $("#missed-part").hidden = missed.length === 0;
  $("#missed-list").replaceChildren(...missed.map((line) => missedRow(line, written)));
  if (location.hash === "#missed") $("#missed-part").scrollIntoView();
});

function missedRow(line, written) {
  const { session_id: id, subject, started_at, timezone } = line;
  const name = sessionName(line);
  const write = el("button", { class: "outline secondary tiny", "aria-label": `${_("I was there")}: ${name}, ${zoned(started_at, timezone, DAY, false)}`,
    onclick: async () => {
      if (await appeal({ id, subject }).catch(fail)) await Promise.all([showMissed(), showAppeals()]).catch(fail);
    } }, _("I was there"));
  return el("li", {}, el("strong", {}, name), ` · ${zoned(started_at, timezone, MOMENT)} `, given.has(line.reason_id) ? `· ${given.get(line.reason_id)} ` : "", written.has(id) ? badge("late", _("written about")) : write);
}

async function update() {
  page = 0;
  given = new Map((await reasons()).map((reason) => [reason.id, reasonText(reason)]));
  await Promise.all([showSummary(), showMore(), showAppeals(), showMissed()]);
}

$("#more").addEventListener("click", (event) => busy(event.currentTarget, () => showMore().catch(fail)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showSummary().catch(fail));
update().then(() => $("#by-subject-part").setAttribute("aria-busy", "false")).catch(fail);
listen({ appeal: () => showAppeals().catch(fail) });
