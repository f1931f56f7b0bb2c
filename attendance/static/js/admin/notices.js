// Rules about absences: made, tried, changed; and what they found.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { at } from "../common/paths.js";
import { _, date, dateTime, n_, number } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, $$, busy, el, fail, notify, onSubmit, opensEmpty } from "../common/ui.js";

const WHOM = { teacher: _("the teacher"), tutor: _("the tutor"), student: _("the student"), guardian: _("the guardians"), webhook: _("webhooks") };
const STATES = { pending: _("waits"), held: _("waits for confirmation"), sent: _("sent"), failed: _("failed"), cancelled: _("not sent: it was corrected") };
const ERRORS = { no_address: _("no address is known"), no_mail_server: _("no mail server is set up"), refused: _("the mail server refused the address") };

const dialog = $("#rule-dialog");
const form = $("form", dialog);
let edited = null;

// -- the rules

function meaning({ kind, amount, days }) {
  if (kind === "below") return _("Percentage below {limit} %", { limit: number(amount) });
  if (kind === "in_a_row") return n_("{n} session missed in a row", "{n} sessions missed in a row", amount);
  if (kind === "within_days") return _("{missed} sessions missed within {days} days", { missed: number(amount), days: number(days) });
  return _("Absent today without an explanation");
}

function stepText({ whom, after_hours: hours }) {
  const told = whom.map((one) => WHOM[one]).join(", ");
  return hours ? n_("After {n} hour: {told}", "After {n} hours: {told}", hours, { told }) : told;
}

function card(rule) {
  const button = (text, look, action) => el("button", {
    type: "button", class: `outline tiny ${look}`, "aria-label": `${text}: ${rule.name}`, onclick: (event) => busy(event.currentTarget, () => action(rule).catch(fail)),
  }, text);
  const waits = rule.held === 0 ? [] : [
    el("p", { class: "notice warning" }, n_("{n} message waits for your confirmation.", "{n} messages wait for your confirmation.", rule.held)),
    el("p", { class: "actions" }, button(_("Send them"), "", () => decide(rule, true)), button(_("Do not send"), "danger", () => decide(rule, false))),
  ];
  return el("li", {}, el("article", {},
    el("h3", {}, el("bdi", {}, rule.name)),
    el("p", {}, meaning(rule), rule.enabled ? "" : ` · ${_("off")}`),
    el("ul", { class: "small" }, ...rule.steps.map((step) => el("li", {}, stepText(step)))),
    ...waits,
    el("p", { class: "actions" }, button(_("Change"), "secondary", async () => {
      begin(rule);
      dialog.showModal();
    }), button(_("Delete"), "danger", remove)),
  ));
}

const { update } = inStep(() => api.get("/admin/notice-rules"), ({ rules, mail }) => {
  $("#rules").replaceChildren(...rules.map(card));
  $("#rules").setAttribute("aria-busy", "false");
  $("#no-rules").hidden = rules.length > 0;
  $("#no-mail").hidden = mail;
});

async function decide(rule, send) {
  const { released } = await api.post(`/admin/notice-rules/${rule.id}/held`, { json: { send } });
  notify("good", send ? n_("{n} message is sent now.", "{n} messages are sent now.", released) : _("They are not sent."));
  await update();
  await readAnew();
}

async function remove(rule) {
  const done = await ask({
    title: _("Delete this rule?"),
    text: _("What it found is deleted with it, and nothing more is sent."),
    yes: _("Delete"),
    danger: true,
    run: () => api.delete(`/admin/notice-rules/${rule.id}`),
  });
  if (!done) return;
  await update();
  await readAnew();
}

// -- the dialog

function showKind() {
  const kind = form.elements.kind.value;
  $("#amount").hidden = kind === "unexplained";
  $("#amount span").textContent = kind === "below" ? _("Limit in percent") : _("Missed sessions");
  $("#days").hidden = kind !== "within_days";
  $("#tried").textContent = "";
}

function begin(rule = null) {
  edited = rule;
  const fields = form.elements;
  $("#rule-title").textContent = rule ? _("Change the rule") : _("New rule");
  fields.name.value = rule?.name ?? "";
  fields.kind.value = rule?.kind ?? "in_a_row";
  fields.amount.value = rule ? rule.amount ?? "" : 3;
  fields.days.value = rule?.days ?? 14;
  fields.hold_minutes.value = rule?.hold_minutes ?? 15;
  fields.most_people.value = rule?.most_people ?? 30;
  fields.enabled.checked = rule?.enabled ?? true;
  $$(".step", form).forEach((place, position) => {
    const step = rule ? rule.steps[position] : { whom: position ? [] : ["teacher"], after_hours: 24 };
    for (const box of $$("[type=checkbox]", place)) box.checked = step?.whom.includes(box.value) ?? false;
    const after = $(".after", place);
    if (after) after.value = step?.after_hours || 24;
  });
  showKind();
}

// What the dialog says, as the API takes it; rules of more steps keep those beyond the second.
function said() {
  const { name, kind, amount, days, hold_minutes: hold, most_people: most, enabled } = form.elements;
  const shown = $$(".step", form).map((place) => ({
    whom: $$("[type=checkbox]:checked", place).map((box) => box.value),
    after_hours: Number($(".after", place)?.value ?? 0),
  }));
  return {
    name: name.value.trim(),
    kind: kind.value,
    amount: kind.value === "unexplained" ? null : Number(amount.value),
    days: kind.value === "within_days" ? Number(days.value) : null,
    steps: [...shown, ...(edited?.steps.slice(2) ?? [])].filter(({ whom }) => whom.length > 0),
    hold_minutes: Number(hold.value),
    most_people: Number(most.value),
    enabled: enabled.checked,
  };
}

async function attempt() {
  const json = said();
  const found = await api.post("/admin/notice-rules/try", { json: { ...json, name: json.name || "–" } });
  const sentences = [
    n_("Today this would write to {n} person", "Today this would write to {n} people", found.people),
    n_("about {n} student", "about {n} students", found.students),
  ];
  const more = [];
  if (found.examples.length) more.push(`${found.examples.join(", ")}${found.students > found.examples.length ? " …" : ""}.`);
  if (found.without_address) more.push(n_("About {n} of them nobody can be told: no address is known.", "About {n} of them nobody can be told: no address is known.", found.without_address));
  if (found.held) more.push(_("You would be asked first."));
  $("#tried").textContent = [`${sentences.join(" ")}.`, ...more].join(" ");
}

form.elements.kind.addEventListener("change", showKind);
$("#try").addEventListener("click", (event) => busy(event.currentTarget, () => attempt().catch(fail)));
opensEmpty($("#add"), dialog, () => begin());
onSubmit(form, async () => {
  const json = said();
  if (json.steps.length === 0) {
    $(".form-error", form).textContent = _("Choose at least one whom it tells.");
    return;
  }
  await (edited ? api.put(`/admin/notice-rules/${edited.id}`, { json }) : api.post("/admin/notice-rules", { json }));
  dialog.close();
  await update().catch(fail);
});

// -- what was found

function told({ whom, to, state, sent_at: sent, due_at: due, error }) {
  const who = whom === "webhook" ? WHOM.webhook : to ?? WHOM[whom];
  const when = sent ?? due;
  const how = state === "failed" ? `${STATES.failed}: ${ERRORS[error] ?? error}` : STATES[state];
  return el("li", {}, el("bdi", {}, who), ` · ${how}${when ? ` (${dateTime(when)})` : ""}`);
}

function row(incident) {
  const { rule, student, course, day, found, began_at: began, ended_at: ended } = incident;
  const figure = rule.kind === "below" ? `${number(found)} %` : rule.kind === "unexplained" ? date(`${day}T12:00:00`) : number(found);
  return el("tr", {},
    el("td", { class: "nowrap" }, dateTime(began)),
    el("th", { scope: "row" }, student.name),
    el("td", { class: "nowrap" }, el("bdi", {}, course.code)),
    el("td", {}, el("bdi", {}, rule.name), `: ${figure}`, ended ? el("div", { class: "small" }, _("over since {when}", { when: dateTime(ended) })) : ""),
    el("td", { class: "told" }, el("ul", { class: "small" }, ...incident.notices.map(told))),
  );
}

let next = null;
async function read(before = null) {
  const query = before === null ? "" : `?before=${before}`;
  const page = await api.get(`/admin/notices${query}`);
  next = page.next;
  const lines = page.incidents.map(row);
  if (before === null) $("#incidents").replaceChildren(...lines);
  else $("#incidents").append(...lines);
  $("#incidents").setAttribute("aria-busy", "false");
  $("#no-incidents").hidden = $("#incidents").children.length > 0;
  $("#more").hidden = next === null;
}
const readAnew = () => read();
$("#more").addEventListener("click", (event) => busy(event.currentTarget, () => read(next).catch(fail)));

// -- minors without a consent

async function readMissing() {
  const { missing } = await api.get("/admin/consents/missing");
  $("#missing").replaceChildren(...missing.map((student) => el("li", {},
    el("a", { href: at(`/manage/students/${student.id}`) }, `${student.name} · ${student.student_id}`),
    student.guardians ? "" : ` · ${_("no guardian is known")}`,
    student.has_face ? ` · ${_("a face is stored")}` : "",
  )));
  $("#missing").setAttribute("aria-busy", "false");
  $("#none-missing").hidden = missing.length > 0;
}
update().catch(fail);
read().catch(fail);
readMissing().catch(fail);
