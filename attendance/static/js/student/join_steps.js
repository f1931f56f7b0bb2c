// The steps of marking as the page shows them: one section at a time, and the answer in big letters.

import { $, $$, el, formatTimes, icon } from "../common/ui.js";

const leaving = new Map(); // step → what stops when another is shown

// What a step has running (a camera, a scanner) and must not outlive it.
export function onLeave(step, stop) {
  leaving.set(step, stop);
}

export function show(step) {
  for (const section of $$("#mark > section")) section.hidden = section.id !== `step-${step}`;
  for (const [of, stop] of leaving) if (of !== step) stop();
  window.scrollTo(0, 0);
  $(`#step-${step} h1`).focus();
}

// Which session this is about; null for none yet.
export function showSession(session) {
  $("#session").hidden = session === null;
  if (session === null) return;
  $("#subject").textContent = session.subject;
  $("#section").textContent = session.section ?? "";
  $("#started").setAttribute("datetime", session.started_at);
  formatTimes($("#session"));
}

export function showResult(kind, sign, title, text, actions) {
  show("result");
  $("#step-result").className = `result ${kind}`;
  $("#result-icon").replaceChildren(icon(sign, "huge"));
  $("#result-title").textContent = title;
  $("#result-text").textContent = text;
  $("#result-actions").replaceChildren(...actions);
  $("#result-title").focus();
}

export function button(text, action, kind = null) {
  return el("button", { type: "button", onclick: action, class: kind }, text);
}

export function link(text, href, secondary = false) {
  return el("a", { href, class: secondary ? "button outline secondary" : "button" }, text);
}
