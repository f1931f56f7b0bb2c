// The school's reasons beyond the four statuses: what one says, and the choice of one.

import { api } from "./api.js";
import { _ } from "./strings.js";
import { $, el } from "./ui.js";

let asked = null;

// All of them, asked for once. Where they cannot be had, a page goes without.
export function reasons() {
  asked ??= api.get("/reasons").then(({ reasons: all }) => all, () => {
    asked = null;
    return [];
  });
  return asked;
}

export const MEANINGS = {
  counted: () => _("counts as the status does"),
  not_counted: () => _("does not count"),
  as_present: () => _("counts as present"),
};

// "School trip (counts as present)"; what counts as usual is not said.
export function reasonText({ name, meaning }) {
  return meaning === "counted" ? name : _("{name} ({meaning})", { name, meaning: MEANINGS[meaning]() });
}

// The field of a dialog in which a reason is chosen; hidden until `offer` has something for it.
export function reasonField(attributes = {}) {
  return el("label", { hidden: true, ...attributes }, _("School’s reason"), " ", el("select", { name: "reason_id" }));
}

// Offer the reasons of a status, and the one that stands there although it was retired.
export async function offer(label, status, kept = null) {
  const fitting = (await reasons()).filter((reason) => reason.status === status && (!reason.retired || reason.id === kept));
  $("select", label).replaceChildren(
    el("option", { value: "" }, "–"),
    ...fitting.map((reason) => el("option", { value: String(reason.id), selected: reason.id === kept }, reasonText(reason))),
  );
  label.hidden = fitting.length === 0;
}

// What was chosen, from the values of the form.
export const chosenReason = ({ reason_id: given }) => (given ? Number(given) : null);
