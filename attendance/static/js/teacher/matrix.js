// Every session of every student as a grid that draws only what is in view: names and days stay
// where they are, arrows move, P L A E mark, Enter asks. Knows no network.

import { finder } from "../common/search.js";
import { _, DAY, zoned } from "../common/strings.js";
import { $, el } from "../common/ui.js";
import { letter, word } from "../common/words.js";

const REM = parseFloat(getComputedStyle(document.documentElement).fontSize);
const ROW = 2.25 * REM;
const COLUMN = 3.25 * REM;
const MORE = 6; // rows and columns drawn beyond the edges
const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0] };

export class Matrix {
  #students = [];
  #sessions = [];
  #zone = null;
  #reasons = new Map(); // of the school, by id
  #at = [0, 0]; // row and column of the cell that the keyboard is on
  #drawn = "";

  // edit(student, session, status): status is null where it is to be asked for.
  constructor(box, edit) {
    this.box = box;
    this.edit = edit;
    this.head = el("div", { class: "matrix-head", role: "row", "aria-rowindex": 1 });
    this.body = el("div", { class: "matrix-body", role: "rowgroup" });
    box.replaceChildren(el("div", { class: "matrix-heads", role: "rowgroup" }, this.head), this.body);
    box.addEventListener("scroll", () => this.#draw(), { passive: true });
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.#draw()).observe(box);
  }

  show({ students, sessions, zone, reasons }) {
    [this.#all, this.#sessions, this.#zone, this.#reasons] = [students, sessions, zone, reasons];
    this.search(this.#wanted);
  }

  #all = [];
  #wanted = "";

  search(text) {
    this.#wanted = text;
    const fits = finder(text);
    this.#students = this.#all.filter(({ name, student_id }) => fits(name, student_id));
    this.box.setAttribute("aria-rowcount", this.#students.length + 1);
    this.box.setAttribute("aria-colcount", this.#sessions.length + 1);
    this.#at = [0, Math.max(0, this.#sessions.length - 1)];
    const width = `calc(var(--matrix-name) + ${this.#sessions.length * COLUMN}px)`;
    this.head.style.inlineSize = width;
    this.body.style.inlineSize = width;
    this.body.style.blockSize = `${this.#students.length * ROW}px`;
    this.#drawn = "";
    this.#draw();
  }

  // Another mark of a student, without drawing all again.
  put(student, session, status, reason) {
    student.marks[session.id] = status;
    if (reason === null) delete student.mark_reasons[session.id];
    else student.mark_reasons[session.id] = reason;
    this.#drawn = "";
    this.#draw();
  }

  // The newest sessions are at the end: begin there.
  toEnd() {
    const end = this.box.scrollWidth - this.box.clientWidth;
    this.box.scrollLeft = getComputedStyle(this.box).direction === "rtl" ? -end : end;
    this.#draw();
  }

  // All of it as a table, for paper.
  table() {
    const heads = this.#sessions.map((session) => el("th", { scope: "col" }, this.#day(session)));
    const rows = this.#students.map((student) => el("tr", {},
      el("th", { scope: "row" }, student.name),
      ...this.#sessions.map((session) => el("td", {}, this.#short(student, session))),
    ));
    return el("table", { class: "matrix-paper" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, _("Name")), ...heads)), el("tbody", {}, ...rows));
  }

  // The letter of a status, or the code of its reason; nothing where there is none.
  #short(student, session) {
    const status = student.marks[session.id];
    return this.#reason(student, session)?.code ?? (status ? letter(status) : "");
  }

  #reason(student, session) {
    return this.#reasons.get(student.mark_reasons[session.id]);
  }

  #day({ started_at: moment }) {
    return zoned(moment, this.#zone, { day: "numeric", month: "numeric" }, false);
  }

  #window(offset, size, step, count) {
    const first = Math.max(0, Math.floor(offset / step) - MORE);
    return [first, Math.min(count, Math.ceil((offset + size) / step) + MORE)];
  }

  #draw() {
    const { box } = this;
    if (!box.clientHeight) return;
    const [top, bottom] = this.#window(box.scrollTop, box.clientHeight, ROW, this.#students.length);
    const [left, right] = this.#window(Math.abs(box.scrollLeft), box.clientWidth, COLUMN, this.#sessions.length);
    const window = [top, bottom, left, right].join();
    if (window === this.#drawn) return;
    this.#drawn = window;
    const focused = box.contains(document.activeElement) && document.activeElement.dataset.cell;
    const columns = this.#sessions.slice(left, right);
    this.head.replaceChildren(
      el("div", { class: "matrix-name", role: "columnheader", "aria-colindex": 1 }, _("Name")),
      ...columns.map((session, index) => place(
        el("div", { class: "matrix-day", role: "columnheader", "aria-colindex": left + index + 2 },
          el("a", { href: `/teach/sessions/${session.id}`, tabindex: -1, title: `${zoned(session.started_at, this.#zone, DAY, false)}, ${session.subject}` }, this.#day(session))),
        left + index)),
    );
    this.body.replaceChildren(...this.#students.slice(top, bottom).map((student, index) => this.#row(student, top + index, columns, left)));
    if (focused) $(`[data-cell="${focused}"]`, box)?.focus({ preventScroll: true });
  }

  #row(student, row, columns, left) {
    const line = el("div", { class: "matrix-row", role: "row", "aria-rowindex": row + 2 },
      el("div", { class: "matrix-name", role: "rowheader", "aria-colindex": 1, title: student.student_id }, student.name),
      ...columns.map((session, index) => this.#cell(student, session, row, left + index)),
    );
    line.style.insetBlockStart = `${row * ROW}px`;
    return line;
  }

  #cell(student, session, row, column) {
    const status = student.marks[session.id];
    const reason = this.#reason(student, session);
    const said = status ? [word(status), reason?.name].filter(Boolean).join(", ") : _("not enrolled then");
    const current = row === this.#at[0] && column === this.#at[1];
    return place(el("div", {
      class: status ? `matrix-cell ${status}` : "matrix-cell",
      role: "gridcell",
      tabindex: current ? 0 : -1,
      "data-cell": `${row}-${column}`,
      "aria-colindex": column + 2,
      "aria-label": said,
      title: reason ? said : null,
    }, this.#short(student, session)), column);
  }

  #click(event) {
    const cell = event.target.closest("[data-cell]");
    if (!cell) return;
    this.#at = cell.dataset.cell.split("-").map(Number);
    this.#ask(null);
  }

  #ask(status) {
    const [row, column] = this.#at;
    const [student, session] = [this.#students[row], this.#sessions[column]];
    if (student && session && student.marks[session.id]) this.edit(student, session, status);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.dataset.cell) return;
    this.#at = event.target.dataset.cell.split("-").map(Number);
    const marked = ["present", "late", "absent", "excused"].find((status) => letter(status).toLowerCase() === event.key.toLowerCase());
    if (event.key in KEYS) this.#move(...KEYS[event.key]);
    else if (event.key === "Home") this.#move(0, -this.#sessions.length);
    else if (event.key === "End") this.#move(0, this.#sessions.length);
    else if (event.key === "Enter" || event.key === " ") this.#ask(null);
    else if (marked) this.#ask(marked);
    else return;
    event.preventDefault();
  }

  #move(rows, columns) {
    const rtl = getComputedStyle(this.box).direction === "rtl" ? -1 : 1;
    const within = (value, count) => Math.max(0, Math.min(count - 1, value));
    const [row, column] = this.#at;
    this.#at = [within(row + rows, this.#students.length), within(column + (Math.abs(columns) === 1 ? columns * rtl : columns), this.#sessions.length)];
    this.#reveal(rtl);
    this.#drawn = "";
    this.#draw();
    $(`[data-cell="${this.#at.join("-")}"]`, this.box)?.focus({ preventScroll: true });
  }

  // Scroll so far that the cell is not under the names, the days or beyond the edges.
  #reveal(rtl) {
    const { box } = this;
    const [row, column] = this.#at;
    const name = this.head.firstElementChild.offsetWidth;
    const [y, x] = [row * ROW, column * COLUMN];
    const height = box.clientHeight - this.head.offsetHeight;
    const width = box.clientWidth - name;
    box.scrollTop = Math.min(Math.max(box.scrollTop, y + ROW - height), y);
    box.scrollLeft = rtl * Math.min(Math.max(Math.abs(box.scrollLeft), x + COLUMN - width), x);
  }
}

function place(element, column) {
  element.style.insetInlineStart = `calc(var(--matrix-name) + ${column * COLUMN}px)`;
  return element;
}
