// Appeals: what the student says, why the system refused, and the teacher's decision.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { chosenReason, offer, reasonField } from "../common/reasons.js";
import { _, CLOCK, MOMENT, zoned } from "../common/strings.js";
import { refusalText } from "./refusal_words.js";
import "./teaching_problems.js";
import { $, el, fail, notify } from "../common/ui.js";
import { badge, word } from "../common/words.js";

const refusal = (zone) => ({ code, refused_at }) => el("li", {}, `${zoned(refused_at, zone, CLOCK)}: ${refusalText(code)}`);

// How the student stands in the session since.
function standing({ marked_as: status, marked_reason: reason }) {
  return [status && word(status), reason].filter(Boolean).join(", ");
}

function card(appeal) {
  const open = appeal.state === "open";
  const button = (label, accepted, kind) =>
    el("button", { class: kind, "aria-label": `${label}: ${appeal.name}`, onclick: () => decide(appeal, accepted) }, label);
  return el("article", { "data-appeal": appeal.id },
    el("h2", {}, appeal.name, " ", el("span", { class: "small" }, appeal.student_id)),
    el("p", {}, el("a", { href: `/teach/sessions/${appeal.session_id}` }, appeal.subject), `, ${zoned(appeal.started_at, appeal.timezone, MOMENT)}`),
    el("blockquote", {}, appeal.reason),
    appeal.refusals.length
      ? el("div", {}, el("p", {}, _("Refused:")), el("ul", {}, ...appeal.refusals.map(refusal(appeal.timezone))))
      : el("p", { class: "small" }, _("No attempt by this student was refused in the session.")),
    open
      ? el("p", { class: "actions" }, button(_("Accept"), true, ""), button(_("Reject"), false, "secondary outline"))
      : el("p", {}, badge(appeal.state), " ", [appeal.remark, standing(appeal)].filter(Boolean).join(" · ")),
  );
}

async function decide(appeal, accepted) {
  const remark = el("label", {}, _("Remark"), el("input", { name: "remark", maxlength: 200, autocomplete: "off" }));
  const status = el("label", {}, _("Mark as"), el("select", { name: "status" },
    ...["present", "late", "excused"].map((name) => el("option", { value: name }, word(name)))));
  const why = reasonField();
  const offered = () => offer(why, $("select", status).value).catch(fail);
  status.addEventListener("change", offered);
  await offered(); // the dialog opens with all of its fields
  const done = await ask({
    title: accepted ? _("Accept the appeal of {name}?", { name: appeal.name }) : _("Reject the appeal of {name}?", { name: appeal.name }),
    text: _("The student sees the decision and the remark."),
    body: accepted ? [status, why, remark] : [remark],
    yes: accepted ? _("Accept") : _("Reject"),
    run: (fields) => api.post(`/appeal/${appeal.id}/decide`, {
      json: { accepted, remark: fields.remark.trim() || null, ...(accepted ? { status: fields.status, reason_id: chosenReason(fields) } : {}) },
    }),
  });
  if (!done) return;
  notify("good", _("Decided. The student has been told."), { key: "decided" });
  await update().catch(fail);
}

const { update } = inStep(async () => {
  const { appeals } = await api.get("/appeal/mine");
  const open = appeals.filter(({ state }) => state === "open");
  const decided = appeals.filter(({ state }) => state !== "open").reverse();
  $("#appeals").replaceChildren(...open.map(card));
  $("#appeals").setAttribute("aria-busy", "false");
  $("#none").hidden = open.length > 0;
  $("#decided").replaceChildren(...decided.map(card));
  $("#decided-part").hidden = decided.length === 0;
});

connect({ on: { appeal_changed: () => update().catch(fail) }, catchUp: update });
update().catch(fail);
