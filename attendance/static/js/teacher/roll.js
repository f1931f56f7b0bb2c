// The list of one session, kept in step with the server. Knows no page and no network.

import { byName, finder, folded } from "../common/search.js";

export const STATUSES = ["present", "late", "absent", "excused"];
export const AWAITED = "awaited"; // enrolled, no mark yet, and the session is still open

export class Roll {
  #marked = new Map(); // student_id → row as the server sends it
  #enrolled = new Map(); // student_id → row of an enrolled student, marked or not
  #excused = new Set(); // student_id of those without a mark whom an apology excuses
  #waiting = new Set(); // student_id of those who have marked with a face that nobody has confirmed
  #whole = false; // nobody else can come on the list

  // Take over the server's list as a whole, and who has no mark and is excused by an apology.
  replace(attendance, excused = []) {
    this.#excused = new Set(excused);
    this.#marked = new Map(attendance.map((row) => [row.student_id, row]));
  }

  // Who has marked with a first face that waits: they are none of the rest.
  wait(studentIds) {
    this.#waiting = new Set(studentIds);
  }

  // A student's mark was written or changed.
  put(row) {
    this.#marked.set(row.student_id, { ...this.#marked.get(row.student_id), ...row });
  }

  // Who is enrolled in the session's course.
  expect(students) {
    this.#enrolled = new Map(
      students.map(({ student_id, name, family_name, email }) => [
        student_id,
        { student_id, name, family_name, email, status: AWAITED, method: null, marked_at: null },
      ]),
    );
  }

  // A session of a course is over: who did not come is on the list as well.
  complete() {
    this.#whole = true;
  }

  // Who is meant by a number in any case, or by a name or a part of one: all whom it fits.
  find(text) {
    const everybody = [...new Map([...this.#enrolled, ...this.#marked]).values()];
    const wanted = folded(text.trim());
    const exact = everybody.filter((row) => folded(row.student_id) === wanted || folded(row.name) === wanted);
    if (exact.length) return exact;
    const words = wanted.split(/\s+/).filter(Boolean);
    return everybody.filter((row) => words.every((word) => folded(row.name).includes(word)));
  }

  get(studentId) {
    return this.#marked.get(studentId) ?? this.#enrolled.get(studentId);
  }

  // How many of each status.
  get counts() {
    const counts = Object.fromEntries([...STATUSES, AWAITED].map((status) => [status, 0]));
    for (const { status } of this.#marked.values()) counts[status] += 1;
    for (const id of this.#enrolled.keys()) if (!this.#marked.has(id)) counts[AWAITED] += 1;
    return counts;
  }

  // How many are here (on time or late), and of how many; null where nobody knows.
  get attendance() {
    const { present, late } = this.counts;
    const everybody = new Set([...this.#marked.keys(), ...this.#enrolled.keys()]).size;
    return { here: present + late, of: this.#whole || this.#enrolled.size ? everybody : null };
  }

  // Who was expected and has no mark: not yet here, or absent since the session is over.
  get missing() {
    return this.#unmarked.filter(({ student_id: id }) => !this.#excused.has(id) && !this.#waiting.has(id));
  }

  // Who has no mark, and is excused by an apology: a roll call leaves them so.
  get excused() {
    return this.#unmarked.filter((row) => this.#excused.has(row.student_id));
  }

  // The rows to show: by name, or the last arrival first and then those without a time by name.
  rows({ search = "", status = "", order = "name" } = {}) {
    const fits = finder(search);
    return [...this.#marked.values(), ...this.#awaited]
      .filter((row) => fits(row.name, row.student_id, row.email))
      .filter((row) => !status || (status === "weak" ? row.weak : row.status === status))
      .sort((one, other) => (order === "arrival" && later(one, other)) || byName(one, other));
  }

  get #awaited() {
    return [...this.#enrolled.values()]
      .filter((row) => !this.#marked.has(row.student_id))
      .map((row) => ({ ...row, apology: this.#excused.has(row.student_id) }));
  }

  get #unmarked() {
    return [...this.#awaited, ...[...this.#marked.values()].filter((row) => row.method === null)].sort(byName);
  }
}

function later(one, other) {
  return (other.marked_at ?? "").localeCompare(one.marked_at ?? "");
}
