// One turn more than the server asked for.
//
// Of three steps each pose is one, so whoever knows the first side knows the other: a clip that
// runs round and round fits half of them. With a turn more, that is looked at here and not sent, it
// fits one of six (`python -m benchmarks.clips`, which draws as this does).

const SIDES = ["left", "right"];
const FROM_STEPS = 3; // more steps are drawn so that a clip has to guess without this
const TWICE_WEIGHT = 4; // how much oftener the same side comes twice, with the look ahead between

const sidesOf = (row) => row.filter((step) => SIDES.includes(step));

function weight(row) {
  const sides = sidesOf(row);
  return sides.some((side, place) => side === sides[place + 1]) ? TWICE_WEIGHT : 1;
}

// Rows of { step, sent }: the steps, and one further turn somewhere that follows upon another pose.
export function rowsWithTurn(steps) {
  const rows = [];
  for (let place = 0; place <= steps.length; place += 1) {
    for (const side of SIDES) {
      if (steps[place - 1] === side || steps[place] === side) continue;
      const row = steps.map((step) => ({ step, sent: true }));
      row.splice(place, 0, { step: side, sent: false });
      rows.push(row);
    }
  }
  return rows;
}

// What is asked, in order: one of those rows; other numbers and kinds of steps as they are.
export function withTurn(steps, random = Math.random) {
  if (steps.length !== FROM_STEPS || sidesOf(steps).length !== 2) return steps.map((step) => ({ step, sent: true }));
  const rows = rowsWithTurn(steps);
  const weights = rows.map((row) => weight(row.map(({ step }) => step)));
  let left = random() * weights.reduce((sum, one) => sum + one, 0);
  return rows[weights.findIndex((one) => (left -= one) < 0)] ?? rows[0];
}
