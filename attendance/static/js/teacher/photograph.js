// Photographs of the class: boxes with names, a tap puts one right, one button marks them all.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { covers, initials } from "../common/names.js";
import { _, n_ } from "../common/strings.js";
import "./teaching_problems.js";
import { $, busy, el, fail } from "../common/ui.js";

const MAX_FILES = 5;
const id = Number($("#photograph").dataset.id);
let faces = [];
let students = new Map();

const names = (async () => {
  const { session } = await api.get(`/session/${id}`);
  if (session.course_id === null) return;
  const { students: listed } = await api.get(`/course/${session.course_id}/students`);
  students = new Map(listed.map(({ student_id, name }) => [student_id, name]));
  $("#students").replaceChildren(...listed.map(({ student_id, name }) => el("option", { value: student_id }, name)));
})();
names.catch(fail);

const chosen = () => [...new Set(faces.map(({ student_id }) => student_id).filter(Boolean))];

function place(box, [x1, y1, x2, y2]) {
  Object.assign(box.style, { left: `${100 * x1}%`, top: `${100 * y1}%`, width: `${100 * (x2 - x1)}%`, height: `${100 * (y2 - y1)}%` });
}

// A name that would leave the picture at its side stands at the other edge of its box, and names that
// would cover each other are shortened to initials.
function makeRoom(stage) {
  const room = stage.getBoundingClientRect();
  const names = [...stage.querySelectorAll(".face-box span")];
  for (const name of names) {
    const { left, right, bottom } = name.getBoundingClientRect();
    name.parentElement.classList.toggle("at-end", right > room.right || left < room.left);
    name.parentElement.classList.toggle("at-foot", bottom > room.bottom);
  }
  const places = names.map((name) => name.getBoundingClientRect());
  names.forEach((name, index) => {
    const hides = places.some((other, at) => at !== index && covers(places[index], other));
    if (hides) name.textContent = initials({ name: name.textContent }) + (name.textContent.endsWith("?") ? "?" : "");
  });
}

function show(urls) {
  $("#pictures").replaceChildren(...urls.map((src, index) => {
    const stage = el("div", { class: "camera-stage" }, el("img", { src, alt: _("Photograph {number}", { number: index + 1 }) }));
    for (const face of faces.filter(({ image }) => image === index + 1)) {
      const label = face.name ?? (face.candidates.length ? `${face.candidates[0].name}?` : _("Nobody known"));
      const box = el("button", { type: "button", class: `face-box ${face.state}`, "aria-label": label, onclick: () => correct(face, urls) });
      if (face.name || face.candidates.length) box.append(el("span", {}, label));
      place(box, face.box);
      stage.append(box);
    }
    // only with the picture the stage has its height
    stage.querySelector("img").addEventListener("load", () => makeRoom(stage));
    return stage;
  }));
  const n = chosen().length;
  $("#mark").hidden = n === 0;
  $("#mark").textContent = n_("Mark this {n}", "Mark these {n}", n);
}

async function correct(face, urls) {
  const input = el("input", { name: "student_id", list: "students", value: face.student_id ?? face.candidates[0]?.student_id ?? "", autocomplete: "off" });
  await ask({
    title: _("Who is this?"),
    body: [el("label", {}, _("Student number (empty: nobody)"), input)],
    yes: _("Take over"),
    run: async ({ student_id }) => {
      const number = (student_id ?? input.value).trim();
      Object.assign(face, number ? { student_id: number, name: students.get(number) ?? number, state: "known" } : { student_id: null, name: null, state: "unknown", candidates: [] });
    },
  });
  show(urls);
}

$("#choose").addEventListener("click", () => $("#files").click());
$("#files").addEventListener("change", async (event) => {
  const files = [...event.target.files].slice(0, MAX_FILES);
  event.target.value = "";
  if (!files.length) return;
  const form = new FormData();
  for (const file of files) form.append("image", file, "class.jpg");
  form.append("mark", "false");
  $("#said").textContent = _("Looking for faces …");
  try {
    const found = await api.post(`/session/${id}/photograph`, { form, timeout: 120_000 });
    faces = found.faces;
    await names.catch(() => {});
    const known = faces.filter(({ state }) => state === "known").length;
    $("#said").textContent = n_("{n} face, {known} recognised. Tap one to put it right.", "{n} faces, {known} recognised. Tap one to put it right.", faces.length, { known });
    show(files.map((file) => URL.createObjectURL(file)));
  } catch (error) {
    $("#said").textContent = "";
    fail(error);
  }
});

$("#mark").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    try {
      const { marked } = await api.post(`/session/${id}/camera/marks`, { json: { student_ids: chosen() } });
      const undo = el("button", { type: "button", class: "tiny outline", onclick: () => takeBack(marked) }, _("Undo"));
      $("#said").replaceChildren(n_("{n} student was marked.", "{n} students were marked.", marked.length), " ", ...(marked.length ? [undo] : []));
      $("#mark").hidden = true;
    } catch (error) {
      fail(error);
    }
  }),
);

async function takeBack(marked) {
  try {
    await api.post(`/session/${id}/camera/marks/undo`, { json: { student_ids: marked } });
    $("#said").textContent = _("The marks were taken back.");
    $("#mark").hidden = false;
  } catch (error) {
    fail(error);
  }
}
