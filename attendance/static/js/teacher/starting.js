// Starting a session, and what to ask where the course has an open one already.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { sessionName } from "../common/names.js";
import { at } from "../common/paths.js";
import { _, CLOCK, zoned } from "../common/strings.js";
import { el } from "../common/ui.js";

export function go(session) {
  location.assign(at(`/teach/sessions/${session.id}`));
}

// Start a session as the call `path` does, and go to its page; or to the open one, or start another
// beside it, as the teacher chooses.
export async function start(body, path = "/session/start") {
  try {
    go((await api.post(path, { json: body })).session);
  } catch (error) {
    if (error.code !== "session_open") throw error;
    await choose(error.body.session, body);
  }
}

function choose(open, body) {
  const beside = { course_id: open.course_id, subject: open.subject, section: open.section, ...body, another: true };
  const another = el("button", { type: "button", class: "outline" }, _("Start another"));
  const asked = ask({
    title: _("This course has an open session"),
    text: _("{name} is open since {time}. A second one beside it counts as a session of its own.", { name: sessionName(open), time: zoned(open.started_at, open.timezone, CLOCK) }),
    body: [el("p", { class: "form-error", role: "alert" }), another],
    yes: _("Continue that one"),
    run: () => go(open),
  });
  another.addEventListener("click", async () => {
    another.setAttribute("aria-busy", "true");
    try {
      go((await api.post("/session/start", { json: beside })).session);
    } catch (error) {
      another.removeAttribute("aria-busy");
      another.previousSibling.textContent = error.sentences?.title ?? "";
      if (!error.sentences) throw error;
    }
  });
  return asked;
}
