// Brings what became of checking the vault, once; asks nothing while nobody looks at the page.
"use strict";
(() => {
  const place = document.getElementById("checking");
  if (!place || !place.dataset.events || !window.EventSource) return;
  let stream = null;

  const close = () => {
    if (stream) stream.close();
    stream = null;
  };

  const take = (message) => {
    close();
    removeEventListener("pageshow", open);
    document.removeEventListener("visibilitychange", look);
    for (const [id, markup] of Object.entries(JSON.parse(message.data).patch)) {
      const box = document.createElement("template");
      box.innerHTML = markup;
      document.getElementById(id).replaceWith(box.content.firstElementChild);
    }
  };

  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(place.dataset.events);
    stream.addEventListener("checked", take);
  };

  const look = () => (document.hidden ? close() : open());

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
})();
