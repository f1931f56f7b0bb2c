// The user's account: password, signing out, and (students) personal data.
import { api } from "../common/api.js";
import { at } from "../common/paths.js";
import "./calendar_feed.js";
import { ask } from "../common/ask.js";
import "../common/downloads.js";
import { stopHere } from "../common/push.js";
import "../common/show_password.js";
import { _, n_ } from "../common/strings.js";
import { $, busy, el, fail, notify, notifyThere, onSubmit, problemText } from "../common/ui.js";

const role = document.documentElement.dataset.role;
const me = role === "student" ? "/student/me" : "/teacher/me";

async function leave(path) {
  try {
    await stopHere().catch(() => {}); // the next person at this device is told nothing
    await api.post(path, { json: {} });
  } catch (error) {
    if (error.code !== "signed_out") return fail(error);
  }
  location.assign(at("/"));
  return undefined;
}

$("#sign-out").addEventListener("click", (event) => busy(event.currentTarget, () => leave("/auth/logout")));
$("#sign-out-everywhere").addEventListener("click", (event) =>
  busy(event.currentTarget, () => leave("/auth/logout-everywhere")),
);

onSubmit($("#password"), async ({ current_password, password }) => {
  await api.patch(`${me}?transport=cookie`, { json: { current_password, password } });
  $("#password").reset();
  notify("good", _("The password was changed. Other devices have to sign in again."));
});

// -- name and address

const profile = $("#profile");
onSubmit(profile, async ({ name, department, email, current_password }) => {
  const field = profile.elements.email;
  const given = email.trim();
  const json = { name };
  if (department !== undefined) json.department = department.trim() || null;
  if (given && given !== field.defaultValue) Object.assign(json, { email: given, current_password: current_password || undefined });
  await api.patch(me, { json });
  location.reload();
});

// -- deleting the account

async function sayWhatBecomes() {
  const { courses, sessions, open_sessions, last_administrator, heir } = await api.get("/teacher/me/deletion");
  const button = $("#delete-account");
  if (last_administrator) {
    $("#leaving").textContent = _("You are the last administrator: make another one first.");
  } else if (open_sessions) {
    $("#leaving").textContent = _("Sessions of yours are open: end them first.");
  } else if (courses || sessions) {
    const named = n_("{n} course", "{n} courses", courses);
    const held = n_("{n} session", "{n} sessions", sessions);
    $("#leaving").textContent = _("Your {courses} and {sessions} go to {name}. Your account is deleted at once. This cannot be undone.", {
      courses: named,
      sessions: held,
      name: heir.name,
    });
  }
  button.disabled = last_administrator || open_sessions > 0;
}

$("#delete-account").addEventListener("click", async () => {
  const done = await ask({
    title: _("Delete the account?"),
    text: _("This cannot be undone. Your password says that it is you."),
    body: [el("label", {}, _("Current password"), el("input", { type: "password", name: "current_password", autocomplete: "current-password", required: true, maxlength: 1024 }))],
    yes: _("Delete the account"),
    danger: true,
    run: ({ current_password }) => api.delete(me, { json: { current_password } }),
  });
  if (!done) return;
  notifyThere(_("Your account is deleted."));
  location.assign(at("/"));
});
if (role !== "student") sayWhatBecomes().catch(fail);

const dialog = $("#delete-dialog");
$("#delete-face")?.addEventListener("click", () => dialog.showModal());
$("button[value=cancel]", dialog ?? document)?.addEventListener("click", () => dialog.close());
$("button[value=delete]", dialog ?? document)?.addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    try {
      await api.delete("/student/face");
      location.reload();
    } catch (error) {
      $(".form-error", dialog).textContent = problemText(error);
    }
  }),
);

// -- CSV files

const exports = $("#exports");
if (exports) {
  const fields = exports.elements;
  api.get("/teacher/me/exports").then(({ separator, times, bom, chosen }) => {
    fields.separator.value = separator;
    fields.times.value = chosen ? times : "local";
    fields.bom.checked = bom;
    $("fieldset", exports).disabled = false; // what somebody chose before would be gone
  }).catch(fail);
  onSubmit(exports, async () => {
    const json = { separator: fields.separator.value, times: fields.times.value, bom: fields.bom.checked };
    await api.put("/teacher/me/exports", { json });
    notify("good", _("Saved."), { key: "saved" });
  });
}
