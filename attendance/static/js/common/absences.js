// What students and teachers are shown alike of a request to be excused.

import { reasonText } from "./reasons.js";
import { _, date, n_, percent } from "./strings.js";
import { el } from "./ui.js";
import { badge } from "./words.js";

const noon = (day) => date(`${day}T12:00:00`);

export const days = ({ from, to }) => (from === to ? noon(from) : `${noon(from)} – ${noon(to)}`);

// One course of a request: what it decided, or what its decision would do. `reasons`: the school's.
export function courseLine({ course, state, remark, reason_id, missed, now, excused }, reasons = []) {
  const parts = [el("strong", {}, course.name), " "];
  const reason = reasons.find(({ id }) => id === reason_id);
  if (state !== "open") parts.push(badge(state), " ", [reason && reasonText(reason), remark].filter(Boolean).join(" · "));
  else if (missed) {
    parts.push(
      n_("{n} session missed", "{n} sessions missed", missed), ": ",
      _("{now} now, {then} if excused", { now: percent(now.percentage), then: percent(excused.percentage) }),
    );
  } else parts.push(_("nothing missed on these days so far"));
  return el("li", {}, ...parts);
}
