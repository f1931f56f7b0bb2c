// What happens now: Socket.IO by cookie, and polling where the socket cannot connect.
//
//   const live = connect({
//     on: { session_started: ({ session }) => … },
//     catchUp: async () => …,           // after each (re)connection, and while polling
//     state: (name) => …,               // "live", "polling" or "offline"
//   });
//   live.join(sessionId); live.leave(sessionId); live.close();
//   const answer = await live.send(event, message, milliseconds);

import { refresh, toSignIn } from "./api.js";
import { at } from "./paths.js";

const POLL_MS = 5_000;
const PATIENCE_MS = 4_000; // how long the socket may take before polling begins
const AGAIN_MS = 300; // after the server closed the connection
const RETRY_MS = 5_000; // after the server refused the connection

async function load() {
  try {
    const { io } = await import("../../vendor/socket.io/socket.io.esm.min.js");
    return io;
  } catch {
    return null; // the library is missing: polling does it
  }
}

export function connect({ on = {}, catchUp = async () => {}, state = () => {}, pollEvery = POLL_MS } = {}) {
  const sessions = new Set();
  let socket = null;
  let poller = null;
  let closed = false;
  let named = null;

  const tell = (name) => {
    if (name === named) return;
    named = name;
    document.documentElement.dataset.live = name; // for style sheets, and for tests to wait for
    state(name);
  };
  const update = async () => {
    try {
      await catchUp();
      return true;
    } catch (error) {
      if (error?.code === "account_changed") close();
      if (error?.code === "signed_out") {
        close();
        toSignIn();
      }
      return false;
    }
  };
  const poll = async () => {
    tell((await update()) ? "polling" : "offline");
  };
  const startPolling = () => {
    if (poller || closed) return;
    poll();
    poller = setInterval(() => document.hidden || poll(), pollEvery);
  };
  const stopPolling = () => {
    clearInterval(poller);
    poller = null;
  };
  const close = () => {
    closed = true;
    stopPolling();
    socket?.close();
  };
  const patience = setTimeout(() => socket?.connected || startPolling(), PATIENCE_MS);

  load().then((io) => {
    if (closed) return;
    if (!io) {
      startPolling();
      return;
    }
    socket = io({
      path: at("/socket.io"),
      // A WebSocket stays with its process; polling needs a load balancer that is sticky.
      // The library does not go on to polling by itself where a browser has no WebSocket at all.
      transports: "WebSocket" in window ? ["websocket", "polling"] : ["polling"],
      tryAllTransports: true,
      reconnectionDelayMax: RETRY_MS,
      timeout: 8_000,
    });
    for (const [event, action] of Object.entries(on)) socket.on(event, action);
    // Other parts of the page hear by name that something happened.
    socket.onAny((event) => document.dispatchEvent(new CustomEvent("attendance:event", { detail: event })));
    socket.on("face_changed", (detail) => document.dispatchEvent(new CustomEvent("attendance:face", { detail })));
    socket.on("connect", () => {
      clearTimeout(patience);
      stopPolling();
      tell("live");
      for (const id of sessions) follow(id);
      update();
    });
    socket.on("disconnect", (reason) => {
      startPolling();
      // Closed by the server, as when the token has expired: the library does not try again then.
      if (reason === "io server disconnect") setTimeout(() => closed || socket.connect(), AGAIN_MS);
    });
    socket.on("connect_error", async (error) => {
      if (poller === null && named === "live") startPolling();
      if (socket.active || closed) return; // the library tries again by itself
      const code = error.data?.code;
      if (code === "token_expired" || code === "token_missing") {
        try {
          await refresh();
          socket.connect();
          return;
        } catch (problem) {
          if (problem.code === "signed_out") return;
        }
      }
      setTimeout(() => closed || socket.connect(), RETRY_MS);
    });
  });

  // Sockets that slept with the phone wake with it.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || closed) return;
    if (socket && !socket.connected && !socket.active) socket.connect();
    update();
  });

  // A server that cannot read the session right now is asked again.
  function follow(id) {
    socket.emit("join_session", { session_id: id }, (answer) => {
      if (answer?.code !== "unavailable") return;
      setTimeout(() => socket.connected && sessions.has(id) && follow(id), RETRY_MS);
    });
  }

  return {
    join(id) {
      sessions.add(id);
      if (socket?.connected) follow(id);
    },
    leave(id) {
      sessions.delete(id);
      if (socket?.connected) socket.emit("leave_session", { session_id: id });
    },
    // What an event is answered with; fails where there is no socket, or no answer in time.
    send(event, message, timeout) {
      if (!socket?.connected) return Promise.reject(new Error("no socket"));
      return socket.timeout(timeout).emitWithAck(event, message);
    },
    close,
  };
}
