// Asks the browser for a passkey and sends its answer with the form that holds the question.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const list = (some) => (some || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const ask = async (wanted, create) => {
    wanted.challenge = bytes(wanted.challenge);
    if (create) {
      wanted.user.id = bytes(wanted.user.id);
      wanted.excludeCredentials = list(wanted.excludeCredentials);
      return navigator.credentials.create({ publicKey: wanted });
    }
    wanted.allowCredentials = list(wanted.allowCredentials);
    return navigator.credentials.get({ publicKey: wanted });
  };

  const told = (found) => {
    const response = { clientDataJSON: text(found.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (found.response[name]) response[name] = text(found.response[name]);
    }
    return JSON.stringify({
      id: found.id, rawId: text(found.rawId), type: found.type, response,
      clientExtensionResults: found.getClientExtensionResults(),
    });
  };

  const why = {
    InvalidStateError: "This device has a passkey of yours already.",
    NotAllowedError: "Nothing was done: it was called off, or took too long.",
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      const problem = form.querySelector("[role=alert]");
      try {
        const wanted = JSON.parse(form.dataset.passkey);
        form.elements.credential.value = told(await ask(wanted, form.dataset.create !== undefined));
        form.submit();
      } catch (error) {
        problem.textContent = why[error.name] || `Nothing was done: ${error.message}`;
      }
    });
  }
})();
