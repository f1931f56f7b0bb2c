// “I was there”: an appeal to the teacher, once per session, where marking was refused.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";
import { el, notify } from "../common/ui.js";

learn({
  already_present: () => [_("You are marked as present already"), _("There is nothing to appeal against.")],
  appeal_exists: () => [_("You have written about the session already"), _("Your teacher will see it. You will find the answer under “My attendance”.")],
});

const MOST = 1000; // characters

// Asks why, and sends it; true when it was sent.
export async function appeal({ id, subject }) {
  const reason = el("textarea", { name: "reason", required: true, maxlength: MOST, rows: 3 });
  const sent = await ask({
    title: _("Tell your teacher that you were there"),
    text: _("Your teacher sees this text and why marking was refused, and decides."),
    body: [el("label", {}, _("What happened in {subject}?", { subject }), reason)],
    yes: _("Send"),
    run: (fields) => api.post(`/session/${id}/appeal`, { json: { reason: fields.reason } }),
  });
  if (sent) notify("good", _("Sent. You will find the answer under “My attendance”."), { key: "appeal" });
  return sent;
}
