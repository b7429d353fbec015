// What was just done, at the foot of the screen, with ten seconds to take it back.
const stays = 10_000;

const host = () => document.getElementById('mg-toasts');

// The host carries the few words the browser says on its own, in the reader's language.
export const word = (name) => host()?.dataset[name] || '';

function piece(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function toast({ text, undo, tone }) {
  if (!host() || !text) return;
  [...host().children].filter((old) => old.textContent.includes(text)).forEach((old) => old.remove());
  const box = piece('div', 'mg-toast');
  box.dataset.toast = '';
  box.setAttribute('role', tone === 'bad' ? 'alert' : 'status');
  if (tone) box.dataset.tone = tone;
  box.append(piece('span', '', text));
  const button = piece('button', undo ? 'btn btn-sm' : 'btn btn-sm btn-icon', undo ? word('undoWord') + ' ' : '×');
  button.type = 'button';
  if (undo) {
    button.setAttribute('hx-post', undo);
    button.setAttribute('hx-target', '#main');
    button.setAttribute('hx-swap', 'none');
    button.dataset.undo = '';
    button.dataset.key = 'z';
    button.append(piece('kbd', '', 'z'));
  } else {
    button.dataset.dismiss = '';
    button.setAttribute('aria-label', word('closeWord'));
  }
  box.append(button);
  host().append(box);
  window.htmx?.process(box);
  arm();
}

// Each toast leaves after its time; a pointer or focus on it stops the clock.
function arm() {
  document.querySelectorAll('[data-toast]:not([data-armed])').forEach((box) => {
    box.dataset.armed = '';
    let timer;
    const start = () => { timer = setTimeout(() => leave(box), stays); };
    const stop = () => clearTimeout(timer);
    start();
    for (const name of ['pointerenter', 'focusin']) box.addEventListener(name, stop);
    for (const name of ['pointerleave', 'focusout']) box.addEventListener(name, () => { stop(); start(); });
  });
}

function leave(box) {
  box.classList.add('mg-gone');
  setTimeout(() => box.remove(), 250);
}

export function startToasts() {
  const adopt = () => {
    document.querySelectorAll('#mg-flash > *').forEach((box) => host()?.append(box));
    arm();
  };
  adopt();
  document.addEventListener('htmx:after:swap', adopt);
  document.addEventListener('mg:toast', (e) => toast(e.detail));
  document.addEventListener('click', (e) => {
    if (e.target.closest('[data-dismiss]')) leave(e.target.closest('[data-toast]'));
  });
  document.addEventListener('htmx:finally:request', (e) => {
    const source = e.detail.ctx.sourceElement;
    if (source?.matches?.('[data-undo]')) leave(source.closest('[data-toast]'));
  });
}
