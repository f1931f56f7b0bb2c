// Sessions in a list: name, when, how many came, what can be done.

import { api } from "../common/api.js";
import { sessionName } from "../common/names.js";
import { Pager } from "../common/pager.js";
import { settled } from "../common/search.js";
import { _, number, zoned } from "../common/strings.js";
import { $, el } from "../common/ui.js";
import { badge } from "../common/words.js";

// "21 of 28 here", "21 here"
export function hereOf({ here, enrolled }) {
  return enrolled === null ? _("{here} here", { here: number(here) }) : _("{here} of {of} here", { here: number(here), of: number(enrolled) });
}

export function sessionRow(session) {
  const name = sessionName(session);
  const begun = zoned(session.started_at, session.timezone, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" }, !session.ended_at);
  const ended = session.ended_at ? `–${zoned(session.ended_at, session.timezone, { hour: "numeric", minute: "2-digit" })}` : "";
  return el("li", {},
    el("div", { class: "row-main" },
      el("a", { class: "row-title", href: `/teach/sessions/${session.id}` }, name),
      el("span", { class: "small" }, `${begun}${ended}`),
    ),
    el("span", { class: "row-figure" }, hereOf(session)),
    badge(session.state),
    el("a", { class: "row-more", href: `/session/${session.id}/export.csv`, "data-download": true, "aria-label": _("Download {name} as CSV", { name }) }, "CSV"),
  );
}

// The list with its search, filter and pages; `course` narrows it to one.
export function listSessions({ course = null, nothing }) {
  const form = $("#filters");
  const asked = () => {
    const query = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
    if (course !== null) query.set("course_id", course);
    return query;
  };
  const pager = new Pager($("#pager"), async (page) => {
    const query = asked();
    query.set("page", page);
    const answer = await api.get(`/session/mine?${query}`);
    $("#rows").replaceChildren(...answer.sessions.map(sessionRow));
    $("#rows").setAttribute("aria-busy", "false");
    $("#none").hidden = answer.total > 0;
    $("#none").textContent = query.has("q") || query.has("state") ? _("No session fits.") : nothing;
    return answer;
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  $("#search").addEventListener("input", settled(() => pager.restart()));
  $("#state").addEventListener("change", () => pager.restart());
  pager.show();
  return pager;
}
