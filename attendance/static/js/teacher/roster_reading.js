// How a list was read: encoding, separator and columns, each of which can be chosen by hand, and what
// shall be done beside enrolling.

import { _, n_ } from "../common/strings.js";
import { $, el } from "../common/ui.js";

const FIELDS = {
  student_id: () => _("Number"),
  name: () => _("Name"),
  given_name: () => _("Given name"),
  family_name: () => _("Family name"),
  email: () => _("E-mail address"),
  username: () => _("User name"),
  guardian_email: () => _("Guardian’s e-mail address"),
  guardian_name: () => _("Guardian’s name"),
  tutor_email: () => _("Tutor’s e-mail address"),
};
const SEPARATORS = {
  ",": () => _("comma"),
  ";": () => _("semicolon"),
  "\t": () => _("tab"),
  "|": () => _("bar"),
};
const SURE = 0.9; // below this the encoding is said to be a guess
const KEPT = "roster-columns";

// Choices of earlier files with the same columns, in this browser.
function kept(headers) {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}")[headers.join("\n")] ?? null;
  } catch {
    return null;
  }
}

function keep(headers, columns) {
  try {
    const all = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    localStorage.setItem(KEPT, JSON.stringify({ ...all, [headers.join("\n")]: columns }));
  } catch {
    // Without storage the choice is made again.
  }
}

export class ReadingChoices {
  #columns = null;
  #headers = [];
  #tried = false;

  constructor(changed) {
    this.changed = changed;
    for (const name of ["encoding", "delimiter", "update", "unenrol", "unenrol_many"]) {
      this.field(name).addEventListener("change", () => {
        if (["encoding", "delimiter"].includes(name)) this.#columns = null;
        changed();
      });
    }
  }

  field(name) {
    return $(`#reading [name=${name}]`);
  }

  begin() {
    this.#columns = null;
    this.#tried = false;
    for (const name of ["encoding", "delimiter"]) this.field(name).value = "";
    for (const name of ["update", "unenrol", "unenrol_many"]) this.field(name).checked = false;
  }

  hide() {
    $("#reading").hidden = true;
  }

  // Put what was chosen into the form that is sent.
  fill(form) {
    for (const name of ["encoding", "delimiter"]) {
      if (this.field(name).value) form.append(name, this.field(name).value);
    }
    for (const name of ["update", "unenrol", "unenrol_many"]) form.append(name, this.field(name).checked);
    if (this.#columns) form.append("columns", JSON.stringify(this.#columns));
  }

  show({ encoding, confidence, delimiter, columns, unused, left, left_held: held }) {
    $("#reading").hidden = false;
    const found = [];
    if (encoding) found.push(confidence < SURE ? _("Encoding: {name} (a guess; look at the names)", { name: encoding }) : _("Encoding: {name}", { name: encoding }));
    if (delimiter) found.push(_("separated by {name}", { name: SEPARATORS[delimiter]?.() ?? delimiter }));
    $("#reading-found").textContent = found.join(", ");
    $("#reading-csv").hidden = !encoding;
    $("#reading-unused").textContent = unused.length ? _("Not used: {columns}", { columns: unused.join(", ") }) : "";
    const headers = [...new Set([...Object.values(columns), ...unused])];
    this.#offer(headers, columns);
    $("#reading-left").hidden = left.length === 0;
    $("#reading-left-text").textContent = n_("{n} student of the course is not in the list: {names}", "{n} students of the course are not in the list: {names}", left.length, {
      names: left.slice(0, 10).map(({ name }) => name).join(", ") + (left.length > 10 ? " …" : ""),
    });
    $("#reading-many").hidden = !held;
  }

  // No column was known: what the file has is offered.
  offer(headers) {
    $("#reading").hidden = false;
    $("#reading-found").textContent = _("Say which column is what:");
    $("#reading-unused").textContent = "";
    $("#reading-left").hidden = true;
    const before = kept([...headers].sort());
    this.#offer(headers, before ?? {});
    if (before && !this.#tried) {
      this.#tried = true;
      this.#columns = before;
      this.changed();
    }
  }

  #offer(headers, columns) {
    this.#headers = headers;
    $("#reading-columns").replaceChildren(...Object.entries(FIELDS).map(([name, label]) => {
      const select = el("select", { "data-field": name },
        el("option", { value: "" }, "–"),
        ...headers.map((header) => el("option", { value: header, selected: columns[name] === header }, header)),
      );
      select.addEventListener("change", () => this.#choose());
      return el("label", {}, label(), select);
    }));
  }

  #choose() {
    const selects = [...document.querySelectorAll("#reading-columns select")];
    this.#columns = Object.fromEntries(selects.map((select) => [select.dataset.field, select.value || null]));
    keep([...this.#headers].sort(), this.#columns);
    if (this.#columns.student_id) this.changed();
  }
}
