// Tells a student at once when a session of one of the student's courses starts, locks or stops.

import { connect } from "../common/live.js";
import { _ } from "../common/strings.js";
import { dismiss, el, notify } from "../common/ui.js";

const DECIDED = {
  accepted: (subject) => ["good", _("Your teacher has accepted what you wrote about {subject}.", { subject })],
  rejected: (subject) => ["warning", _("Your teacher has rejected what you wrote about {subject}.", { subject })],
};

// `changed` is called after every event, and while polling; `appeal` when one was decided.
export function listen({ changed = async () => {}, appeal = () => {} } = {}) {
  const key = (id) => `session-${id}`;
  const mark = () => el("a", { class: "button", href: "/join" }, _("Mark my attendance"));
  const say = (kind, text, actions) => ({ session_id: id, session }) => {
    dismiss(key(id));
    notify(kind, text(session.subject), { key: key(id), actions: actions ? [mark()] : [] });
    changed().catch(() => {});
  };
  return connect({
    catchUp: changed,
    on: {
      session_started: say("info", (subject) => _("{subject} has started.", { subject }), true),
      session_unlocked: say("info", (subject) => _("{subject} is open again.", { subject }), true),
      session_locked: say("warning", (subject) => _("{subject} is locked now: nobody can mark.", { subject })),
      session_stopped: say("warning", (subject) => _("{subject} has ended.", { subject })),
      appeal_changed: ({ appeal: { subject, state } }) => {
        if (state in DECIDED) notify(...DECIDED[state](subject), { key: "appeal" });
        appeal();
      },
      face_removed: () => notify("warning", _("The school has taken your face out. To mark by face again, enrol it again."), {
        key: "face",
        actions: [el("a", { class: "button", href: "/my/face" }, _("Enrol my face"))],
      }),
      attendance_marked: () => changed().catch(() => {}),
      attendance_summary_updated: () => changed().catch(() => {}),
    },
    state: (name) => {
      if (name === "offline") notify("warning", _("No connection. This page continues by itself when it is back."), { key: "connection", closable: false });
      else dismiss("connection");
    },
  });
}
