// What is left to do on the first morning, for an administrator, until it is done or not wanted.

import { api } from "../common/api.js";
import { _, n_ } from "../common/strings.js";
import { $, busy, el, fail, icon } from "../common/ui.js";
import { start } from "./starting.js";

const section = $("#first-steps");

// name: [what to do, why or how, where]
const STEPS = {
  school: () => [_("Give the school its name, time zone and logo"), _("They stand on every page and in print."), "/manage/settings"],
  https: () => [_("Let phones in by HTTPS"), _("Phones give a page their camera over HTTPS only. To try it, stop the server and start it with “make run-https”; for good, set PUBLIC_URL and a proxy."), "/help/camera"],
  mail: () => [_("Send invitations by e-mail"), _("Set SMTP_HOST on the server. Without it, links are handed out on paper or by you."), null],
  course: () => [_("Make the first course"), _("Name, section and time zone are enough."), "/teach/courses"],
  roster: () => [_("Fill the course"), _("Import a list, enrol students one by one, or show them the join code."), "/teach/courses"],
  invitations: () => [_("Invite the students"), _("In the course: “Invite all”, by e-mail or as slips of paper with a QR code each."), "/teach/courses"],
  trial: () => [_("Try a session with yourself"), _("Start one, scan the code with your own phone, sign up there as a student and mark yourself. Discard it afterwards: it counts for nothing then."), null],
};

function line({ name, done }) {
  const [title, help, where] = STEPS[name]();
  const act = name === "trial" && !done
    ? el("button", { class: "outline tiny", onclick: (event) => busy(event.currentTarget, () => start({ subject: _("A trial") }).catch(fail)) }, _("Start a trial session"))
    : null;
  return el("li", { class: done ? "done" : null },
    icon(done ? "check" : "clock"),
    el("div", {},
      el("p", {}, where && !done ? el("a", { href: where }, title) : title, el("span", { class: "visually-hidden" }, done ? ` – ${_("done")}` : ` – ${_("to do")}`)),
      done ? null : el("p", { class: "small" }, help),
      act,
    ),
  );
}

async function update() {
  const { offered, steps } = await api.get("/admin/first-steps");
  section.hidden = !offered;
  section.setAttribute("aria-busy", "false");
  if (!offered) return;
  const left = steps.filter(({ done }) => !done).length;
  $("#first-steps-count").textContent = n_("{n} step is left", "{n} steps are left", left);
  $("#first-steps-list").replaceChildren(...steps.map(line));
}

$("#first-steps-done").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    await api.patch("/admin/settings", { json: { first_steps: false } }).catch(fail);
    await update();
  }),
);
update().catch(fail);
