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
      const bar = told.bars[who] || "";
      if (turn.dataset.bar !== bar) {
        turn.innerHTML = bar;
        if (bar && turn.dataset.bar !== undefined) news.push("It is your turn");
        turn.dataset.bar = bar;
      }
    }
    if (news.length) spoken.textContent = news.join(". ");
    say();
  };

  const say = () => {
    if (!stream) return;
    const open = stream.readyState === EventSource.OPEN;
    link.textContent = open ? "live" : "the connection is lost; trying again";
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

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
})();
