// Buttons that have the browser ask a device for a passkey: data-passkey names where the question comes from, data-send where the
// answer goes. What is said when it does not work stands below the button.
const able = () => window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

export function startPasskeys() {
  const show = () => {
    if (able()) document.querySelectorAll('[data-passkey][hidden]').forEach((button) => { button.hidden = false; });
  };
  show();
  document.addEventListener('htmx:after:swap', show);
  document.addEventListener('click', (e) => {
    const button = e.target.closest('[data-passkey]');
    if (button) press(button);
  });
}

async function press(button) {
  const say = button.parentElement.querySelector('[data-passkey-error]');
  say.hidden = true;
  button.setAttribute('aria-busy', 'true');
  try {
    const asked = await send(button.dataset.passkey, {});
    const credential = await device(asked.options, 'make' in button.dataset);
    const name = button.form?.elements.name?.value ?? '';
    const done = await send(button.dataset.send, { token: asked.token, answer: credential.toJSON(), next: button.dataset.next, name });
    location.assign(done.next);
  } catch (fault) {
    say.textContent = fault.sentence ?? button.dataset.away;
    say.hidden = false;
  } finally {
    button.removeAttribute('aria-busy');
  }
}

function device(options, make) {
  return make
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

async function send(path, body) {
  const answer = await fetch(path, {
    method: 'POST', credentials: 'same-origin', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': document.querySelector('meta[name=csrf-token]')?.content ?? '' },
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { sentence: said.error });
  return said;
}
