// Keeps the board as the run is: one stream, closed while nobody looks at the page.
"use strict";
(() => {
  const board = document.getElementById("board");
  if (!board || !window.EventSource) return;
  const link = document.getElementById("link");
  const turn = document.getElementById("turn");
  const spoken = document.getElementById("spoken");
  const who = board.dataset.who;
  const address = new URL(board.dataset.events, location.href);
  let stream = null;

  const swap = (id, markup) => {
    const old = document.getElementById(id);
    if (!old || typeof markup !== "string") return;
    const box = document.createElement("template");
    box.innerHTML = markup;
    const fresh = box.content.firstElementChild;
    if (!fresh || fresh.outerHTML === old.outerHTML) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
  };

  const take = (message) => {
    if (message.lastEventId) address.searchParams.set("after", message.lastEventId);
    const told = JSON.parse(message.data);
    for (const [id, markup] of Object.entries(told.patch || {})) swap(id, markup);
    const news = told.say ? [told.say] : [];
    if (told.bars && !turn.contains(document.activeElement)) {
      const bar = told.bars[who] || told.bars[""];
      if (turn.dataset.bar !== bar) {
        turn.innerHTML = bar;
        if (told.bars[who] && turn.dataset.bar !== undefined) news.push("It is your turn");
        turn.dataset.bar = bar;
      }
    }
    if (news.length) spoken.textContent = news.join(". ");
    say();
  };

  const say = () => {
    if (!stream) return;
    const open = stream.readyState === EventSource.OPEN;
    link.textContent = open ? "live" : "lost; trying again";
  };

  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(address);
    for (const kind of ["journal", "standing", "figures"]) stream.addEventListener(kind, take);
    stream.onopen = say;
    stream.onerror = () => {
      say();
      // A browser gives up when it was refused (the session is over): ask again by the page itself.
      if (stream && stream.readyState === EventSource.CLOSED) {
        close();
        setTimeout(() => location.reload(), 5000);
      }
    };
  };

  const close = () => {
    if (stream) stream.close();
    stream = null;
  };

  // What time it is in the playbook's zone, and how long is left: told to eyes alone.
  const clock = document.getElementById("clock");
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: board.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  });
  const tick = () => {
    if (document.hidden) return;
    clock.textContent = time.format(new Date());
    for (const one of turn.querySelectorAll("[data-until]")) {
      const minutes = Math.floor((new Date(one.dataset.until) - Date.now()) / 60000);
      one.textContent = minutes > 0 ? `${minutes} min left` : "less than a minute left";
    }
  };
  setInterval(tick, 1000);
  tick();

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
})();
