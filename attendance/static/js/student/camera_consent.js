// Whether cameras may recognise the student: asked apart from the selfie's consent.

import { api } from "../common/api.js";
import { _ } from "../common/strings.js";
import { $, fail } from "../common/ui.js";

const box = $("#camera-agreed");

box?.addEventListener("change", async () => {
  const wanted = box.checked;
  box.disabled = true;
  try {
    await api.patch("/student/me", { json: { camera_consent: wanted } });
    $("#camera-said").textContent = wanted ? _("Saved: cameras may recognise you.") : _("Saved: no camera recognises you.");
  } catch (error) {
    box.checked = !wanted;
    fail(error);
  } finally {
    box.disabled = false;
  }
});
