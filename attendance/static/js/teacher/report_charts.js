// The two charts of a course's report.

import { draw } from "../common/charts.js";
import { _, percent, zoned } from "../common/strings.js";

const BUCKETS = [0, 25, 50, 60, 70, 75, 80, 85, 90, 95]; // lower ends, in percent

const whole = { beginAtZero: true, ticks: { precision: 0 } };

// How many were present, late and absent in each session.
export function drawOverTime(canvas, sessions, zone) {
  const series = (name, label, shade) => ({
    label,
    data: sessions.map((session) => session[name]),
    backgroundColor: shade,
  });
  draw(canvas, ({ good, late, bad }) => ({
    type: "bar",
    data: {
      labels: sessions.map((session) => zoned(session.started_at, zone, { dateStyle: "short" }, false)),
      datasets: [series("present", _("Present"), good), series("late", _("Late"), late), series("absent", _("Absent"), bad)],
    },
    options: { scales: { x: { stacked: true }, y: { stacked: true, ...whole } }, plugins: { legend: { position: "bottom" } } },
  }));
}

// How many students reached which percentage.
export function drawSpread(canvas, students, limit) {
  const judged = students.filter(({ total }) => total > 0);
  const inBucket = (from, to) => judged.filter(({ percentage }) => percentage >= from && percentage < to).length;
  const ends = [...BUCKETS.slice(1), 100.001];
  draw(canvas, ({ primary, bad }) => ({
    type: "bar",
    data: {
      labels: BUCKETS.map((from) => `≥ ${percent(from)}`),
      datasets: [{
        label: _("Students"),
        data: BUCKETS.map((from, index) => inBucket(from, ends[index])),
        backgroundColor: BUCKETS.map((from) => (from < limit ? bad : primary)),
      }],
    },
    options: { scales: { y: whole }, plugins: { legend: { display: false } } },
  }));
}

