// Dialogs, menus, the palette's list, and the question before something that cannot be taken back.
export const topDialog = () => [...document.querySelectorAll('dialog[open]')].at(-1);

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog?.showModal) return false;
  if (!dialog.open) {
    closeMenus();
    basedOnNow(dialog);
    dialog.showModal();
  }
  fill(dialog.querySelector('[data-on-open]'));
  if (id === 'cmd') {
    const field = dialog.querySelector('input');
    field.select();
    fill(field);
  }
  return true;
}

// What a field brings along when its dialog opens. Where the page has only just come, htmx may not have got to the field yet.
function fill(field) {
  const opened = () => field.dispatchEvent(new CustomEvent('mg:opened'));
  if (field?.hasAttribute('data-htmx-powered')) opened();
  else field?.addEventListener('htmx:after:init', opened, { once: true });
}

// What is filled in from now on rests on what the page shows at this moment, not on what it may show when the form is sent.
function basedOnNow(dialog) {
  dialog.querySelectorAll('form[data-based-on]').forEach((form) => {
    const seen = document.getElementById(form.dataset.basedOn);
    if (seen && form.elements.version) form.elements.version.value = seen.value;
    form.querySelector('.cs-refused')?.replaceChildren();
  });
}

export function closeMenus(except) {
  const open = [...document.querySelectorAll('details.mg-menu[open]')].filter((menu) => menu !== except);
  open.forEach((menu) => {
    const had = menu.contains(document.activeElement);
    menu.removeAttribute('open');
    if (had) menu.querySelector('summary')?.focus();
  });
  return open.length > 0;
}

export function closeAll() {
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  closeMenus();
}

export function ask(question, yes) {
  const dialog = document.getElementById('mg-confirm');
  const button = dialog.querySelector('[value=yes]');
  dialog.querySelector('.q').textContent = question;
  button.textContent = yes || button.dataset.default;
  dialog.returnValue = '';
  dialog.showModal();
  button.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

export function startDialogs() {
  document.addEventListener('click', (e) => {
    const opener = e.target.closest('[data-open]:not(a)');
    if (opener && openDialog(opener.dataset.open)) {
      e.preventDefault(); // the browser would open it once more
      return;
    }
    const closer = e.target.closest('[data-close]');
    if (closer) closer.closest('dialog')?.close();
    // A click on the dialog itself is one on its backdrop.
    if (e.target.matches?.('dialog[open]') && e.target.id !== 'mg-confirm') e.target.close();
    const menu = e.target.closest('details.mg-menu');
    closeMenus(e.target.closest('.mg-menu-list a,.mg-menu-list button') ? undefined : menu);
  });
  document.addEventListener('submit', confirmed, true);
  // The browser's own way to open a dialog.
  document.addEventListener('command', (e) => { if (e.command === 'show-modal') basedOnNow(e.target); }, true);
  const cmd = () => document.querySelector('#cmd[open]');
  document.addEventListener('keydown', (e) => { if (cmd() && !e.isComposing) palette(e, cmd()); });
  document.addEventListener('htmx:after:swap', () => { if (cmd()) mark(cmd(), 0); });
}

// Forms and buttons sent the plain way may ask first; htmx has its own way to the same dialog.
function confirmed(e) {
  const asks = e.submitter?.dataset.confirm ? e.submitter : e.target.closest('[data-confirm]');
  if (!asks || e.target.dataset.sure === 'yes') {
    delete e.target.dataset.sure;
    return;
  }
  e.preventDefault();
  e.stopImmediatePropagation();
  ask(asks.dataset.confirm, asks.dataset.confirmYes).then((yes) => {
    if (!yes) return;
    e.target.dataset.sure = 'yes';
    e.target.requestSubmit(e.submitter);
  });
}

const options = (dialog) => [...dialog.querySelectorAll('[role=option]')];

function mark(dialog, index) {
  const all = options(dialog);
  const field = dialog.querySelector('input');
  field.removeAttribute('aria-activedescendant');
  all.forEach((option, i) => {
    option.setAttribute('aria-selected', String(i === index));
    if (i === index) {
      field.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    }
  });
}

function palette(e, dialog) {
  const all = options(dialog);
  const at = all.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step && all.length) {
    e.preventDefault();
    mark(dialog, (at + step + all.length) % all.length);
  } else if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey) {
    e.preventDefault();
    dialog.close();
    all[Math.max(at, 0)]?.click();
  }
}
