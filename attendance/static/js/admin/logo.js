// The school's logo: shown, put in place of the one before, taken away.

import { api } from "../common/api.js";
import { $, busy, fail, onSubmit } from "../common/ui.js";

const form = $("#logo");

onSubmit(form, async () => {
  await api.put("/admin/logo", { form: new FormData(form) });
  location.reload();
});
$("#logo-remove")?.addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    try {
      await api.delete("/admin/logo");
      location.reload();
    } catch (error) {
      fail(error);
    }
  }),
);
