// Timetables of other programs: looked at, taken over, read again, forgotten.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { explain } from "../common/problems.js";
import "./teaching_problems.js";
import { _, date, dateTime, n_, zoned } from "../common/strings.js";
import { $, busy, el, fail, icon, notify, onSubmit } from "../common/ui.js";
import { badge } from "../common/words.js";

const PATIENCE_MS = 120_000; // a large calendar, or a slow address
const LEFT_OUT = "none";

const COUNTS = {
  new: (n) => n_("{n} new", "{n} new", n),
  moved: (n) => n_("{n} moved", "{n} moved", n),
  room_changed: (n) => n_("{n} in another room", "{n} in other rooms", n),
  cancelled: (n) => n_("{n} cancelled", "{n} cancelled", n),
  kept: (n) => n_("{n} left as changed by hand", "{n} left as changed by hand", n),
  held: (n) => n_("{n} held already", "{n} held already", n),
  unchanged: (n) => n_("{n} as before", "{n} as before", n),
  rejected: (n) => n_("{n} rejected", "{n} rejected", n),
};
const RESULTS = {
  new: () => _("New"),
  moved: () => _("Moved"),
  room_changed: () => _("Another room"),
  cancelled: () => _("Cancelled"),
  kept: () => _("Changed by hand: left"),
  held: () => _("Held: left"),
  rejected: () => _("Rejected"),
};
const REASONS = {
  unreadable: () => _("The entry cannot be read."),
  all_day: () => _("It lasts all day."),
  no_end: () => _("It ends when it begins."),
  too_long: () => _("It lasts longer than a day."),
  clock_change: () => _("The clock shows this hour twice that night."),
  holiday: () => _("It lies in school holidays."),
  planned_already: () => _("The course has a lesson at this time already."),
};
const HOW = {
  unknown: () => _("no course found"),
  several: () => _("several courses fit"),
};

let looked = null; // what was sent to look, and is sent again to take it over
const assigned = {};

// -- the list

function line(timetable) {
  const button = (text, action) => el("button", {
    class: "outline secondary tiny", "aria-label": `${text}: ${timetable.name}`, onclick: (event) => busy(event.currentTarget, () => action(timetable).catch(fail)),
  }, text);
  const text = [
    n_("{n} lesson", "{n} lessons", timetable.lessons),
    timetable.host ?? _("a file"),
    _("read {when}", { when: dateTime(timetable.read_at) }),
    timetable.next_at && _("again {when}", { when: dateTime(timetable.next_at) }),
  ].filter(Boolean).join(" · ");
  return el("li", {}, el("strong", {}, timetable.name), ` · ${text} `,
    button(timetable.host ? _("Read again") : _("Newer file"), again), " ", button(_("Delete"), remove),
    timetable.error ? el("p", { class: "small" }, icon("warning"), " ", trouble(timetable)) : null,
  );
}

function trouble({ error, checked_at: at }) {
  const why = error === "held_back"
    ? _("More than a third of its lessons would fall out. Read it again and look.")
    : explain({ code: error, detail: "" }).title;
  return _("{when}: {why}", { when: dateTime(at), why });
}

const { update } = inStep(() => api.get("/timetable"), ({ timetables }) => {
  $("#timetables").replaceChildren(...timetables.map(line));
  $("#timetables").setAttribute("aria-busy", "false");
  $("#none").hidden = timetables.length > 0;
});

async function again(timetable) {
  if (timetable.host) return look({ path: `/timetable/${timetable.id}`, name: timetable.name, fields: {} });
  const input = el("input", { type: "file", name: "file", accept: ".ics,text/calendar", required: true });
  await ask({
    title: _("A newer file of {name}", { name: timetable.name }),
    body: [el("label", {}, _("File"), input)],
    yes: _("Look at it"),
    run: () => look({ path: `/timetable/${timetable.id}`, name: timetable.name, fields: { file: input.files[0] } }),
  });
  return undefined;
}

async function remove(timetable) {
  const done = await ask({
    title: _("Delete this timetable?"),
    text: _("Its lessons ahead fall out, but for those that were changed by hand. What was held stays."),
    yes: _("Delete"),
    danger: true,
    run: () => api.delete(`/timetable/${timetable.id}`),
  });
  if (done) await update();
}

// -- what it would do

async function send(dryRun) {
  const form = new FormData();
  for (const [name, value] of Object.entries(looked.fields)) form.append(name, value);
  if (Object.keys(assigned).length) form.append("assigned", JSON.stringify(assigned));
  return api.post(`${looked.path}?dry_run=${dryRun}`, { form, timeout: PATIENCE_MS });
}

async function look(what) {
  looked = what;
  for (const label of Object.keys(assigned)) delete assigned[label];
  show(await send(true));
  $("#result").focus();
}

function show(answer) {
  const counts = Object.entries(COUNTS).filter(([name]) => answer.counts[name]).map(([name, say]) => say(answer.counts[name]));
  $("#result-title").textContent = looked.name;
  $("#counts").textContent = `${_("Nothing is written yet:")} ${counts.join(", ") || _("no lessons")}. ${_("Looked at until {day}.", { day: date(answer.until) })}`;
  $("#labels").hidden = answer.labels.length === 0;
  $("#label-rows").replaceChildren(...answer.labels.map((label) => choice(label, answer.courses)));
  $("#changes").replaceChildren(...answer.changes.map(row));
  $("#more").hidden = answer.more === 0;
  $("#more").textContent = n_("and {n} more", "and {n} more", answer.more);
  $("#result").hidden = false;
}

function choice({ label, lessons, course, how }, courses) {
  const select = el("select", {
    onchange: ({ target }) => {
      if (target.value === "") return;
      assigned[label] = target.value === LEFT_OUT ? null : Number(target.value);
      busy($("#confirm"), () => send(true).then(show, fail));
    },
  },
    how in HOW ? el("option", { value: "" }, `(${HOW[how]()})`) : null,
    el("option", { value: LEFT_OUT }, _("leave out")),
    ...courses.map(({ id, code, name, section }) => el("option", { value: String(id) }, [code, name, section].filter(Boolean).join(" · "))),
  );
  select.value = how === "left_out" ? LEFT_OUT : String(course?.id ?? "");
  return el("label", {}, el("bdi", {}, label), ` (${n_("{n} lesson", "{n} lessons", lessons)})`, select);
}

function when(slot, zone) {
  if (!slot) return "–";
  const at = zoned(slot.starts_at, zone, { dateStyle: "medium", timeStyle: "short" }, false);
  return slot.room ? `${at}, ${_("room {room}", { room: slot.room })}` : at;
}

function row(change) {
  return el("tr", {},
    el("td", {}, change.course ? el("bdi", {}, change.course.code) : change.label ?? ""),
    el("td", {}, when(change.before, change.timezone)),
    el("td", {}, when(change.after, change.timezone)),
    el("td", {}, badge(change.result, RESULTS[change.result]()), change.reason ? ` ${REASONS[change.reason]()}` : ""),
  );
}

$("#confirm").addEventListener("click", (event) => busy(event.currentTarget, async () => {
  try {
    const answer = await send(false);
    $("#result").hidden = true;
    $("#new").reset();
    notify("good", _("The timetable {name} was taken over.", { name: answer.timetable.name }), { key: "timetable" });
    await update();
  } catch (error) {
    fail(error);
  }
}));
$("#discard").addEventListener("click", () => {
  $("#result").hidden = true;
});

onSubmit($("#new"), async ({ name, url, file }) => {
  const fields = { name: name.trim(), automatic: String($("#new").elements.automatic.checked) };
  if (url.trim()) fields.url = url.trim();
  if (file.size > 0) fields.file = file;
  await look({ path: "/timetable", name: fields.name, fields });
});
update().catch(fail);
