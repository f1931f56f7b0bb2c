// How a course stands over the sessions of its report.

// What still runs is in the matrix, and counts when it is over.
export const held = (sessions) => sessions.filter(({ state }) => state === "ended");

// Attended of held in percent, as the course counts; null where nothing was.
export function attendedOf(sessions) {
  const total = sessions.reduce((all, session) => all + session.total, 0);
  const attended = sessions.reduce((all, session) => all + Math.round((session.percentage * session.total) / 100), 0);
  return total ? (100 * attended) / total : null;
}
