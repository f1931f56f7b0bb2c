// Whether a teacher is written to each week about the own courses.
import { api } from "../common/api.js";
import { _, clockTime, dayName, language } from "../common/strings.js";
import { $, fail, notify } from "../common/ui.js";

const box = $("#digest");

function show({ wanted, weekday, hour, timezone, mail }) {
  box.checked = wanted;
  box.disabled = false;
  const when = { day: dayName(weekday), time: clockTime(`${hour}:00`), zone: timezone };
  const sent = _("It is sent on {day} at {time} ({zone}).", when);
  $("#digest-when").textContent = mail ? sent : `${sent} ${_("The school sends no e-mail yet: an administrator sets a mail server up.")}`;
}

box.addEventListener("change", async () => {
  box.disabled = true;
  try {
    show(await api.put("/teacher/me/digest", { json: { wanted: box.checked, language } }));
    notify("good", _("Saved."), { key: "saved" });
  } catch (error) {
    box.checked = !box.checked;
    box.disabled = false;
    fail(error);
  }
});
api.get("/teacher/me/digest").then(show).catch(fail);
