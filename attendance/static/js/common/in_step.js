// What a page shows, in step with the server: the newest answer stands, whatever arrives last.
//
//   const list = inStep(() => api.get(path), (answer) => show(answer));
//   await list.update();                 // read and show
//   list.change(() => list.put(row));    // what a message or an answer says: shown at once
//
// One reading at a time: who asks during one gets another after it, so no older answer covers a
// newer one. What changed during a reading is done once more on top of its answer, which may be
// older than the change; a change must therefore bear being done twice.

export function inStep(load, show = () => {}) {
  let running = null;
  let following = null;
  const changes = [];

  async function read() {
    changes.length = 0;
    await show(await load());
    for (const again of changes) again();
  }

  function next() {
    following = null;
    return update();
  }

  function update() {
    if (running) return (following ??= running.then(next, next));
    running = read().finally(() => {
      running = null;
    });
    return running;
  }

  function change(action) {
    action();
    if (running) changes.push(action);
  }

  return { update, change };
}
