// What can be put right of a session: its words and end, opening again, discarding.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { _, zoneName } from "../common/strings.js";
import { $, busy, clearErrors, el, fail, notify, onSubmit } from "../common/ui.js";

const REOPENABLE_MS = 24 * 3_600_000;

// <input type="datetime-local"> has no zone of its own: it shows the clocks of this one (null: the reader's).
function local(moment, zone) {
  const shown = { dateStyle: "short", timeStyle: "short", timeZone: zone ?? undefined };
  return new Intl.DateTimeFormat("sv", shown).format(new Date(moment)).replace(" ", "T");
}

// When they show that. A second look is for a clock that changes in between.
function moment(text, zone) {
  const wanted = Date.parse(`${text}Z`);
  const nearer = (found) => found + wanted - Date.parse(`${local(found, zone)}Z`);
  return new Date(nearer(nearer(wanted)));
}

export class SessionEdit {
  // session() → as the page has it; zone() → the course's, null: the reader's; changed({ session }) when it is another.
  constructor(id, { session, zone, changed }) {
    this.id = id;
    this.session = session;
    this.zone = zone;
    this.changed = changed;
    this.dialog = $("#edit-dialog");
    this.form = $("form", this.dialog);
    $("[data-close]", this.dialog).addEventListener("click", () => this.dialog.close());
    $("#edit").addEventListener("click", () => this.#open());
    $("#reopen").addEventListener("click", (event) => busy(event.currentTarget, () => this.#reopen()));
    $("#discard").addEventListener("click", () => this.#discard());
    onSubmit(this.form, (fields) => this.#save(fields));
  }

  // Show what fits the session's state.
  show() {
    const { ended_at: ended, state } = this.session();
    $("#reopen").hidden = state !== "ended" || Date.now() - new Date(ended) > REOPENABLE_MS;
    $("#edit").hidden = false;
  }

  #open() {
    const { subject, section, late_after_minutes: late, closes_at: closes, note, state } = this.session();
    clearErrors(this.form);
    const fields = this.form.elements;
    fields.subject.value = subject;
    fields.section.value = section ?? "";
    fields.late_after_minutes.value = late ?? "";
    fields.note.value = note ?? "";
    fields.closes_at.disabled = state === "ended";
    fields.closes_at.closest("label").hidden = state === "ended";
    fields.closes_at.value = closes ? local(closes, this.zone()) : "";
    $("#edit-zone").textContent = closes ? zoneName(closes, this.zone()) : "";
    this.dialog.showModal();
    fields.subject.focus();
  }

  async #save({ subject, section, late_after_minutes: late, closes_at: closes, note }) {
    const json = {
      subject: subject.trim(),
      section: section.trim() || null,
      late_after_minutes: late === "" ? null : Number(late),
      note: note.trim() || null,
    };
    const before = this.session();
    // only when it was changed: the field has no seconds
    if (closes && closes !== local(before.closes_at, this.zone())) json.closes_at = moment(closes, this.zone()).toISOString();
    this.changed(await api.patch(`/session/${this.id}`, { json }));
    this.dialog.close();
  }

  async #reopen() {
    try {
      this.changed(await api.post("/session/reopen", { json: { session_id: this.id } }));
      notify("good", _("The session is open again for ten minutes."), { key: "ended" });
      $("#stop").focus();
    } catch (error) {
      fail(error);
    }
  }

  async #discard() {
    const done = await ask({
      title: _("Discard the session?"),
      text: _("It counts in no list, report or percentage, as if it had not been held. You can bring it back within 30 days."),
      yes: _("Discard the session"),
      danger: true,
      run: () => api.delete(`/session/${this.id}`),
    });
    if (done) this.gone();
  }

  // The page of a session that was discarded, here or elsewhere: nothing but the way back.
  gone() {
    $("#session").dataset.state = "discarded";
    $("#session").hidden = true;
    const back = el("button", { type: "button" }, _("Bring it back"));
    back.addEventListener("click", () => busy(back, async () => {
      try {
        await api.post(`/session/${this.id}/restore`);
        location.reload();
      } catch (error) {
        fail(error);
      }
    }));
    const today = el("a", { href: "/teach", role: "button", class: "outline secondary" }, _("Today"));
    notify("info", _("The session is discarded."), { key: "discarded", actions: [back, today], closable: false });
    back.focus();
  }
}
