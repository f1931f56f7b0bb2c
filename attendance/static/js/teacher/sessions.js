// All your sessions, newest first, a page at a time.

import { api } from "../common/api.js";
import "../common/downloads.js";
import { sessionName } from "../common/names.js";
import { Pager } from "../common/pager.js";
import { _, dateTime, time } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el } from "../common/ui.js";
import { badge } from "../common/words.js";

function line(session) {
  const name = sessionName(session);
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `/teach/sessions/${session.id}` }, name)),
    el("td", {}, dateTime(session.started_at)),
    el("td", {}, session.ended_at ? time(session.ended_at) : "–"),
    el("td", {}, badge(session.state)),
    el("td", {}, el("a", { href: `/session/${session.id}/export.csv`, "data-download": true, "aria-label": _("Download {name} as CSV", { name }) }, "CSV")),
  );
}

new Pager($("#pager"), async (page) => {
  const answer = await api.get(`/session/mine?page=${page}`);
  $("#rows").replaceChildren(...answer.sessions.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = answer.total > 0;
  return answer;
}).show();
