// The dialog in which a teacher marks a student by hand.

import { $, clearErrors, el, onSubmit } from "../common/ui.js";

export class HandDialog {
  #studentId = null;

  // known(studentId) → row or undefined; save(studentId, {status, remark}) → answer; saved(answer).
  constructor(dialog, { known, save, saved }) {
    this.dialog = dialog;
    this.form = $("form", dialog);
    this.known = known;
    $("[data-close]", dialog).addEventListener("click", () => dialog.close());
    onSubmit(this.form, async ({ student_id, status, remark }) => {
      saved(await save(this.#studentId ?? student_id.trim(), { status, remark: remark.trim() || null }));
      dialog.close();
    });
  }

  // For one student of the list, or for whoever is typed.
  open(studentId = null) {
    const row = studentId === null ? undefined : this.known(studentId);
    this.#studentId = studentId;
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
