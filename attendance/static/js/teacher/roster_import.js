// The import of a list: dropped or chosen, tried without writing, shown row by row, then written.

import { api } from "../common/api.js";
import { csv, saveText } from "../common/downloads.js";
import { _, n_ } from "../common/strings.js";
import { $, busy, el, icon, notify, problemText } from "../common/ui.js";
import { badge } from "../common/words.js";
import { ReadingChoices } from "./roster_reading.js";

const PATIENCE_MS = 300_000; // a long list takes its time

const RESULTS = {
  created: () => _("New account"),
  enrolled: () => _("Will be enrolled"),
  changed: () => _("Changed"),
  unchanged: () => _("Already there"),
  rejected: () => _("Rejected"),
};
// What the API remarks on a row, by its code.
const REMARKS = {
  student_id_missing: () => _("The number is missing."),
  name_missing: () => _("The name is missing."),
  student_id_too_long: ({ limit }) => _("The number has more than {n} characters.", { n: limit }),
  name_too_long: ({ limit }) => _("The name has more than {n} characters.", { n: limit }),
  email_invalid: ({ email }) => _("{text} is not an e-mail address.", { text: email }),
  student_id_irregular: () => _("A number begins with a letter or digit, and has only letters, digits, spaces, dots, hyphens and underscores."),
  student_id_repeated: ({ row }) => _("The same number stands in row {n}.", { n: row }),
  email_repeated: ({ row }) => _("The same e-mail address stands in row {n}.", { n: row }),
  email_taken: () => _("This e-mail address belongs to another student."),
  other_email: () => _("This student is known with another e-mail address."),
  email_missing: () => _("Without an e-mail address a printed slip is needed to sign in."),
  name_differs: () => _("Known under another name."),
  student_id_rounded: ({ text }) => _("{text} is what a spreadsheet made of a longer number: digits are lost.", { text }),
  student_id_decimal: ({ text }) => _("{text} is what a program made of the number: zeros may be lost.", { text }),
  student_id_date: ({ text }) => _("{text} is a date that a spreadsheet made of the number.", { text }),
  username_irregular: ({ text }) => _("{text} cannot be a user name.", { text }),
  username_taken: () => _("This user name is another student's."),
  username_repeated: ({ row }) => _("The same user name stands in row {n}.", { n: row }),
  email_not_stored: () => _("This address is not stored: switch updating on."),
  change_refused: () => _("Only an administrator may change this account."),
  guardian_email_invalid: ({ email }) => _("{text} is not a guardian’s e-mail address.", { text: email }),
  guardian_is_student: () => _("The guardian’s e-mail address is the student’s own."),
  too_many_guardians: ({ limit }) => _("A row names at most {n} guardians.", { n: limit }),
  people_not_stored: () => _("What is new of guardians or the tutor is not stored: switch updating on."),
  guardian_agreed: ({ email }) => _("{text} has agreed for the student and stays. Whoever shall go is removed on the student’s page.", { text: email }),
  tutor_refused: () => _("Only an administrator says who is a tutor."),
  tutor_unknown: ({ email }) => _("No active teacher has the address {text}.", { text: email }),
  number_from_email: () => _("The file has no numbers: this one is made of the address."),
  quote_stray: ({ text }) => _("A quotation mark in this row has no other: {text}", { text }),
  not_a_student: ({ role }) => _("This row is of another role: {text}", { text: role }),
  not_known: () => _("Nobody has this number, and the file tells no name."),
  to_be_deleted: () => _("The row says that it is to be deleted."),
  other_number: ({ student_id }) => _("This student is in the course with the number {text}.", { text: student_id }),
  other_name: ({ name }) => _("Known as {name}.", { name }),
};

const remark = ({ code, values, detail }) => REMARKS[code]?.(values) ?? detail;

const COUNTS = {
  created: (n) => n_("{n} new account", "{n} new accounts", n),
  enrolled: (n) => n_("{n} enrolled", "{n} enrolled", n),
  changed: (n) => n_("{n} changed", "{n} changed", n),
  unchanged: (n) => n_("{n} already there", "{n} already there", n),
  rejected: (n) => n_("{n} rejected", "{n} rejected", n),
};

export class RosterImport {
  #file = null;
  #answer = null;

  constructor(path, imported) {
    this.path = path;
    this.imported = imported;
    this.form = $("#import");
    this.error = $(".form-error", this.form);
    const input = $("input[type=file]", this.form);
    input.addEventListener("change", () => this.#take(input.files[0]));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.#acceptDrops($("#drop"));
    $("#confirm").addEventListener("click", (event) => busy(event.currentTarget, () => this.#write()));
    $("#discard").addEventListener("click", () => this.#reset());
    $("#save-result").addEventListener("click", () => this.#saveResult());
    this.reading = new ReadingChoices(() => this.#preview());
  }

  #acceptDrops(area) {
    for (const name of ["dragenter", "dragover"]) {
      area.addEventListener(name, (event) => {
        event.preventDefault();
        area.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#take(event.dataTransfer.files[0]);
    });
  }

  async #take(file) {
    if (!file) return;
    this.#reset();
    this.#file = file;
    this.reading.begin();
    await this.#preview();
  }

  async #preview() {
    const answer = await this.#send(true);
    if (!answer) return;
    const { created, enrolled, changed } = answer.counts;
    $("#confirm").hidden = created + enrolled + changed === 0 && !answer.unenrolled;
    $("#discard").textContent = _("Discard");
    this.reading.show(answer);
    this.#show(answer, _("Nothing is written yet:"));
    $("#result").focus();
  }

  async #write() {
    const answer = await this.#send(false);
    if (!answer) return;
    this.#reset();
    this.#show(answer, _("Imported:"));
    $("#confirm").hidden = true;
    $("#discard").textContent = _("Close the result"); // it is written: nothing can be discarded
    this.#offerInvitations(answer);
    notify("good", $("#counts").textContent, { key: "import" });
    this.imported();
  }

  async #send(dryRun) {
    this.error.textContent = "";
    $("#progress").hidden = false;
    const form = new FormData();
    form.append("file", this.#file);
    this.reading.fill(form);
    try {
      return await api.post(`${this.path}?dry_run=${dryRun}`, { form, timeout: PATIENCE_MS });
    } catch (error) {
      this.error.textContent = problemText(error);
      const columns = error.body?.found_columns;
      if (columns?.length) this.reading.offer(columns); // they can be chosen by hand
      return null;
    } finally {
      $("#progress").hidden = true;
    }
  }

  #show(answer, before) {
    this.#answer = answer;
    const { rows, counts } = answer;
    const parts = Object.entries(COUNTS).filter(([name]) => counts[name]).map(([name, say]) => say(counts[name]));
    $("#counts").textContent = `${before} ${parts.join(", ") || _("no rows")}`;
    $("#result-rows").replaceChildren(...rows.map((row) => el("tr", {},
      el("td", { class: "number" }, row.row),
      el("td", {}, row.student_id ?? ""),
      el("td", {}, row.name ?? ""),
      el("td", {}, badge(row.result, RESULTS[row.result]?.() ?? row.result)),
      el("td", {}, ...this.#detail(row)),
    )));
    $("#result").hidden = false;
  }

  // What is to say of a row: each change with what stood there before, and the remark.
  #detail(row) {
    const changes = Object.values(row.changes).map(([before, after]) =>
      el("div", {}, el("del", {}, before ?? "–"), " → ", el("ins", {}, after)),
    );
    return [...changes, remark(row)];
  }

  #saveResult() {
    const lines = this.#answer.rows.map((row) => [
      row.row,
      row.student_id,
      row.name,
      row.email ?? "",
      RESULTS[row.result]?.() ?? row.result,
      [...Object.values(row.changes).map(([before, after]) => `${before ?? "–"} → ${after}`), remark(row)].filter(Boolean).join("; "),
    ]);
    const head = [_("Row"), _("Number"), _("Name"), _("E-mail address"), _("Result"), _("Detail")];
    saveText(csv([head, ...lines]), "import.csv");
  }

  // Links with which new students set their passwords, as a table to hand on.
  #offerInvitations({ rows, mailed }) {
    const invited = rows.filter(({ invitation }) => invitation);
    if (invited.length === 0) return;
    const lines = invited.map(({ student_id: number, name, email, invitation }) => [number, name, email ?? "", invitation.link]);
    const save = () => saveText(csv([["student_id", "name", "email", "link"], ...lines]), "invitations.csv");
    const sent = mailed ? n_("{n} invitation is sent by mail.", "{n} invitations are sent by mail.", mailed) : _("No mail server is set up: hand the links on yourself.");
    $("#invitations").replaceChildren(
      el("p", {}, n_("{n} student can set a password with a link now.", "{n} students can set a password with a link now.", invited.length), " ", sent),
      el("p", { class: "actions" }, el("button", { class: "outline", onclick: save }, icon("download"), " ", _("Save the links"))),
    );
    $("#invitations").hidden = false;
  }

  #reset() {
    this.form.reset();
    this.error.textContent = "";
    $("#result-rows").replaceChildren();
    $("#invitations").hidden = true;
    $("#result").hidden = true;
    this.reading.hide();
  }
}
