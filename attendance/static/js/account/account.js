// The user's account: password, signing out, and (students) personal data.
import { api } from "../common/api.js";
import "./calendar_feed.js";
import "../common/downloads.js";
import "../common/show_password.js";
import { _ } from "../common/strings.js";
import { $, busy, fail, notify, onSubmit, problemText } from "../common/ui.js";

const role = document.documentElement.dataset.role;

async function leave(path) {
  try {
    await api.post(path, { json: {} });
  } catch (error) {
    if (error.code !== "signed_out") return fail(error);
  }
  location.assign("/");
  return undefined;
}

$("#sign-out").addEventListener("click", (event) => busy(event.currentTarget, () => leave("/auth/logout")));
$("#sign-out-everywhere").addEventListener("click", (event) =>
  busy(event.currentTarget, () => leave("/auth/logout-everywhere")),
);

onSubmit($("#password"), async ({ current_password, password }) => {
  const path = role === "student" ? "/student/me" : "/teacher/me";
  await api.patch(`${path}?transport=cookie`, { json: { current_password, password } });
  $("#password").reset();
  notify("good", _("The password was changed. Other devices have to sign in again."));
});

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
