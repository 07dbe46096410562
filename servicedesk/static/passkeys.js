/* A button lets the browser ask for a passkey, and its form carries the answer. Needs app.js, which
   shows what needs a script. */
(() => {
  "use strict";
  const kind = window.PublicKeyCredential;

  /* A question for a new passkey stands on the page; one for a passkey of now is asked now. */
  async function answer(button, form) {
    if (button.dataset.question) {
      const publicKey = kind.parseCreationOptionsFromJSON(JSON.parse(button.dataset.question));
      return navigator.credentials.create({ publicKey });
    }
    const token = form.querySelector("[name=csrf_token]").value;
    const body = new URLSearchParams({ csrf_token: token });
    const asked = await fetch(button.dataset.ask, { method: "POST", body });
    if (!asked.ok) throw new Error(asked.status);
    const publicKey = kind.parseRequestOptionsFromJSON(await asked.json());
    return navigator.credentials.get({ publicKey });
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    event.preventDefault();
    const { form } = button;
    const problem = form.querySelector("[data-passkey-problem]");
    problem.hidden = true;
    button.disabled = true;
    try {
      form.querySelector("[data-credential]").value = JSON.stringify(await answer(button, form));
      form.submit();
    } catch {
      problem.hidden = false;
    }
    button.disabled = false;
  });
})();
