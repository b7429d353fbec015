// Keys do what the sheet of shortcuts says: the table is read from the sheet on the page, there is no other.
import { closeMenus, openDialog, topDialog } from './dialogs.js';

const typingIn = 'textarea,select,[contenteditable=""],[contenteditable="true"],input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])';
const pressesItself = 'a[href],button,summary,select,textarea,input,[contenteditable]';

let prefix = '';
let prefixTimer;
let kept; // the row chosen as a list is drawn anew

export function startKeys() {
  document.addEventListener('keydown', onKey);
  document.addEventListener('click', (e) => {
    const row = e.target.closest('[data-row]');
    if (row && !e.target.closest(pressesItself + ',label')) choose(row);
  });
  document.addEventListener('dblclick', (e) => {
    const row = e.target.closest('[data-row]');
    if (row && !e.target.closest(pressesItself + ',label')) openRow(row);
  });
  document.addEventListener('click', (e) => {
    if (e.target.closest('[data-clear-rows]')) clearPicks();
  });
  // An answer knows the row that was chosen when it was asked for: whoever went on meanwhile stays where they are.
  document.addEventListener('htmx:before:swap', ({ detail: { ctx } }) => {
    const row = current();
    kept = row && ctx.target !== document.body && ctx.target?.contains?.(row) ? row.id : '';
  });
  document.addEventListener('htmx:after:swap', () => {
    const row = kept ? document.getElementById(kept) : null;
    if (row?.matches('[data-row]')) mark(row);
    kept = '';
  });
}

function onKey(e) {
  if (e.defaultPrevented || e.isComposing) return;
  const typing = e.target.closest?.(typingIn);
  const name = nameOf(e);
  const chord = name.startsWith('Ctrl+');
  if (typing && name === 'Escape' && !topDialog()) {
    typing.blur();
    return;
  }
  if (name === 'Ctrl+Enter' || (typing && !chord)) return;
  if (topDialog() && name !== 'Ctrl+k') return;
  if (name === 'Enter' && e.target.closest?.(pressesItself)) return;
  const shortcut = find(name);
  if (shortcut && act(shortcut)) e.preventDefault();
}

function nameOf(e) {
  if (e.altKey) return '';
  if (e.ctrlKey || e.metaKey) return 'Ctrl+' + (e.key.length === 1 ? e.key.toLowerCase() : e.key);
  return e.key;
}

function find(name) {
  const table = [...document.querySelectorAll('[data-shortcut]')];
  const typed = prefix ? prefix + ' ' + name : name;
  prefix = '';
  clearTimeout(prefixTimer);
  if (table.some((row) => row.dataset.shortcut.startsWith(typed + ' '))) {
    prefix = typed;
    prefixTimer = setTimeout(() => { prefix = ''; }, 1200);
    return null;
  }
  return table.find((row) => row.dataset.shortcut === typed);
}

function act({ dataset }) {
  switch (dataset.do) {
    case 'row-next': return step(1);
    case 'row-previous': return step(-1);
    case 'row-open': return openRow(current());
    case 'row-pick': return pick(current());
    case 'press': return press(dataset.target);
    case 'open': return openDialog(dataset.target);
    case 'go': return go(dataset.target);
    case 'back': return back();
    default: return false;
  }
}

const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
const rows = () => [...document.querySelectorAll('[data-row]')].filter(visible);
const current = () => rows().find((row) => row.getAttribute('aria-selected') === 'true');

function step(by) {
  const all = rows();
  if (!all.length) return press(by > 0 ? 'j' : 'k');
  const at = all.indexOf(current());
  choose(all[Math.min(all.length - 1, Math.max(0, at < 0 && by > 0 ? 0 : at + by))]);
  return true;
}

// Choosing a row marks it and lets the preview follow.
function choose(row) {
  if (current() === row) return;
  mark(row);
  row.scrollIntoView({ block: 'nearest' });
  row.dispatchEvent(new CustomEvent('mg:select', { bubbles: true }));
}

// Marking a row tells assistive technology too.
function mark(row) {
  const before = current();
  if (before === row) return;
  before?.setAttribute('aria-selected', 'false');
  row.setAttribute('aria-selected', 'true');
  const list = row.closest('[role=listbox],[role=grid]');
  if (list && row.id) list.setAttribute('aria-activedescendant', row.id);
}

function openRow(row) {
  if (!row) return false;
  const link = row.querySelector('a[data-open], a[href]');
  if (link) link.click();
  else if (row.dataset.href) location.assign(row.dataset.href);
  return Boolean(link || row.dataset.href);
}

function pick(row) {
  const box = row?.querySelector('input[type=checkbox],[data-pick]');
  box?.click();
  return Boolean(box);
}

function clearPicks() {
  document.querySelectorAll('[data-row] input[type=checkbox]:checked').forEach((box) => box.click());
}

function press(key) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(visible);
  const target = all.find((element) => element.closest('[data-row][aria-selected=true]')) || all.at(-1);
  if (!target) return false;
  if (target.matches(typingIn)) {
    target.focus();
    target.select?.();
    return true;
  }
  target.click();
  if (target.dataset.focus) target.closest('form')?.querySelector(target.dataset.focus)?.focus();
  return true;
}

function go(place) {
  const link = document.querySelector(`[data-go="${CSS.escape(place)}"]`);
  link?.click();
  return Boolean(link);
}

function back() {
  if (closeMenus()) return true;
  if (document.querySelector('[data-row] input[type=checkbox]:checked')) {
    clearPicks();
    return true;
  }
  return press('Escape');
}
