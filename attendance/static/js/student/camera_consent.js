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

// -- the pass for a kiosk, always the one of this moment while it is open

const details = $("#pass");
let timer = null;

async function showPass() {
  clearTimeout(timer);
  if (!details.open) return;
  let wait = 3_000;
  try {
    const answer = await api.get("/student/pass.png", { raw: true });
    const blob = await answer.blob();
    const old = $("#pass-code").src;
    $("#pass-code").src = URL.createObjectURL(blob);
    if (old.startsWith("blob:")) URL.revokeObjectURL(old);
    wait = 10_000;
  } catch (error) {
    if (!error.unsent) fail(error);
  }
  timer = setTimeout(showPass, wait);
}

details?.addEventListener("toggle", showPass);
