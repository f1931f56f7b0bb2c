// The dialog in which a teacher marks a student by hand.

import { Problem } from "../common/api.js";
import { learn } from "../common/problems.js";
import { chosenReason, offer } from "../common/reasons.js";
import { _ } from "../common/strings.js";
import { $, clearErrors, el, onSubmit } from "../common/ui.js";

const SHOWN = 4; // of those whom a name fits

learn({
  several_students: (problem) => [_("Several students have this name"), _("Type the number of one of them: {names}.", { names: problem.body.names.join(", ") })],
});

export class HandDialog {
  #studentId = null;
  #row = undefined;

  // known(studentId) → row or undefined; find(text) → the rows that a number or name fits; save(studentId, {status, remark, reason_id}) → answer; saved(answer).
  constructor(dialog, { known, find, save, saved }) {
    this.dialog = dialog;
    this.form = $("form", dialog);
    this.known = known;
    this.find = find;
    $("[data-close]", dialog).addEventListener("click", () => dialog.close());
    this.form.addEventListener("change", ({ target }) => target.name === "status" && this.#offer());
    onSubmit(this.form, async ({ student_id, status, remark, ...fields }) => {
      const wanted = { status, remark: remark.trim() || null, reason_id: chosenReason(fields) };
      saved(await save(this.#studentId ?? (await this.#numberOf(student_id.trim())), wanted));
      dialog.close();
    });
  }

  // The number of whoever is meant by what was typed: a number in any case, or a name.
  async #numberOf(text) {
    const found = await this.find(text);
    if (found.length > 1) throw new Problem("several_students", { body: { names: found.slice(0, SHOWN).map(({ name, student_id }) => `${name} (${student_id})`) } });
    return found.length ? found[0].student_id : text;
  }

  // The reasons of the status that is chosen.
  #offer() {
    const { status } = Object.fromEntries(new FormData(this.form));
    return offer($("#hand-reason", this.form), status, this.#row?.status === status ? this.#row.reason_id : null);
  }

  // For one student of the list, or for whoever is typed.
  open(studentId = null) {
    const row = studentId === null ? undefined : this.known(studentId);
    this.#studentId = studentId;
    this.#row = row;
    this.form.reset();
    clearErrors(this.form);
    const field = this.form.elements.student_id;
    $("#hand-student").hidden = studentId !== null;
    field.disabled = studentId !== null;
    $("#hand-name").hidden = studentId === null;
    $("#hand-name").textContent = row ? `${row.name} (${row.student_id})` : "";
    const chosen = row && row.status !== "awaited" ? row.status : "present";
    $(`input[value=${chosen}]`, this.form).checked = true;
    this.form.elements.remark.value = row?.remark ?? "";
    this.#offer();
    this.dialog.showModal();
    (studentId === null ? field : $("input:checked", this.form)).focus();
  }

  // What the field for the number offers.
  suggest(students) {
    $("#known-students").replaceChildren(
      ...students.map(({ student_id, name }) => el("option", { value: student_id }, name)),
    );
  }
}
