// The page's own behaviour over htmx. Every listener sits on the document, so swapped content needs no set-up.
import { startKeys } from './keys.js';
import { startLive } from './live.js';
import { startMarks } from './marks.js';
import { startFiles } from './files.js';
import { startHere } from './here.js';
import { startClocks } from './clocks.js';
import { startPasskeys } from './passkeys.js';
import { startDialogs, ask, closeAll } from './dialogs.js';
import { startToasts, toast, word } from './toasts.js';

const disabled = 'aria-disabled';

function remember(name, value) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

function toggle(what) {
  const root = document.documentElement;
  if (what === 'theme') {
    root.dataset.theme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark';
    remember('mg_theme', root.dataset.theme);
    document.dispatchEvent(new CustomEvent('mg:look'));
  } else if (what === 'density') {
    root.dataset.density = root.dataset.density === 'compact' ? 'comfortable' : 'compact';
    remember('mg_density', root.dataset.density);
  }
}

// A button that cannot be pressed stays focusable and says why; a form that is on its way is not sent again.
function startGuards() {
  document.addEventListener('click', (e) => {
    const button = e.target.closest(`[${disabled}="true"]`);
    if (button) {
      e.preventDefault();
      e.stopImmediatePropagation();
      const why = button.getAttribute('aria-description') || button.title;
      if (why && !button.hasAttribute('aria-busy')) toast({ text: why });
      return;
    }
    const switcher = e.target.closest('[data-toggle]');
    if (switcher) toggle(switcher.dataset.toggle);
  }, true);
  document.addEventListener('submit', (e) => {
    if (e.target.hasAttribute('aria-busy') || e.submitter?.getAttribute(disabled) === 'true') {
      e.preventDefault();
      e.stopImmediatePropagation();
    }
  }, true);
  // A form sent the plain way: the page goes away, and comes back unlocked from the history cache.
  document.addEventListener('submit', (e) => {
    if (!e.defaultPrevented && e.target.method !== 'dialog') busy(e.target, e.submitter, true);
  });
  addEventListener('pageshow', () => document.querySelectorAll('form[aria-busy]').forEach((form) => {
    busy(form, null, false);
    form.querySelectorAll('[aria-busy]').forEach((button) => busy(null, button, false));
  }));
}

function busy(form, button, on) {
  form?.toggleAttribute('aria-busy', on);
  if (!button) return;
  button.toggleAttribute('aria-busy', on);
  button.classList.toggle('htmx-request', on);
  if (on) button.setAttribute(disabled, 'true');
  else button.removeAttribute(disabled);
}

const pressed = (ctx) => {
  const source = ctx.sourceElement;
  const form = source?.matches?.('form') ? source : null;
  const button = ctx.request.submitter || (source?.matches?.('button') ? source : null);
  return [form, button];
};

function startRequests() {
  document.addEventListener('htmx:config:request', (e) => {
    const { ctx } = e.detail;
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token && ctx.request.method !== 'GET') ctx.request.headers['X-CSRF-Token'] = token;
  });
  document.addEventListener('htmx:before:request', (e) => {
    const [form, button] = pressed(e.detail.ctx);
    busy(form, button, true);
  });
  document.addEventListener('htmx:finally:request', (e) => {
    const [form, button] = pressed(e.detail.ctx);
    busy(form, button, false);
  });
  document.addEventListener('htmx:confirm', (e) => {
    e.preventDefault();
    const { ctx, issueRequest, dropRequest } = e.detail;
    ask(ctx.confirm, ctx.sourceElement?.dataset.confirmYes).then((yes) => (yes ? issueRequest() : dropRequest()));
  });
  document.addEventListener('htmx:before:swap', (e) => {
    const { ctx } = e.detail;
    if (ctx.target === document.body) closeAll();
    if (refused(ctx)) {
      e.preventDefault();
      toast({ text: reason(ctx.text) || word('broken'), tone: 'bad' });
    }
  });
  document.addEventListener('htmx:after:swap', (e) => {
    if (e.detail.ctx.target !== document.body) return;
    document.getElementById('main')?.focus({ preventScroll: true });
    announce(document.title);
  });
  document.addEventListener('htmx:error', (e) => {
    if (e.detail.ctx && !e.detail.ctx.response) toast({ text: word('offline'), tone: 'bad' });
  });
}

// An answer that says no leaves the screen as it is; only a form with its messages (422), an answer the
// server itself sent elsewhere, and a whole page asked for by a link are shown in place.
function refused(ctx) {
  const status = ctx.response?.status ?? 200;
  if (status < 400 || status === 422 || ctx.hx?.retarget) return false;
  return !(ctx.target === document.body && ctx.request.method === 'GET');
}

function reason(html) {
  const page = new DOMParser().parseFromString(html || '', 'text/html');
  const said = page.querySelector('.mg-toast > span, .mg-fault h1 + p, .mg-note > span');
  return said?.textContent.trim().replace(/\s+/g, ' ');
}

export function announce(text) {
  const host = document.getElementById('mg-announce');
  if (host) host.textContent = text;
}

// Links fetch ahead once the pointer has rested on them.
function startPrefetch() {
  let timer;
  let over;
  document.addEventListener('pointerover', (e) => {
    const link = e.target.closest?.('a[href]');
    if (link === over) return;
    over = link;
    clearTimeout(timer);
    if (!link || e.pointerType === 'touch' || link.dataset.noPrefetch !== undefined || link.getAttribute('href').startsWith('#')) return;
    timer = setTimeout(() => link.dispatchEvent(new CustomEvent('mg:hover')), 65);
  });
}

function startWriting() {
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.isComposing) return;
    const form = e.target.closest?.('form');
    const button = form?.querySelector('[data-send]') ?? form?.querySelector('[type=submit], button:not([type])');
    if (button) {
      e.preventDefault();
      button.click();
    }
  });
}

// A reply and a note are written apart: whoever changes from one to the other goes on with what they had begun of it. Where nothing was, the
// text goes along, as it was only begun as the wrong kind.
function startKinds() {
  document.addEventListener('change', (e) => {
    const form = e.target.matches?.('[name=kind]') && e.target.closest('[data-composer]');
    const left = form && [...form.querySelectorAll('[name=kind]')].find((kind) => kind !== e.target);
    if (!left) return;
    const text = form.elements.body;
    if (text.value !== form.dataset.along) { // what only went along was not begun as what is left now
      if (text.value !== (left.dataset.begun || '')) keep(form, left.value, text);
      left.dataset.begun = text.value;
    }
    if (e.target.dataset.begun?.trim()) {
      text.value = e.target.dataset.begun;
      delete form.dataset.along;
    } else form.dataset.along = text.value;
  });
}

// What was typed last before the change is kept as what it was typed as.
async function keep(form, kind, text) {
  const address = text.getAttribute('hx-post');
  if (!address) return;
  const body = new URLSearchParams({ kind, body: text.value });
  const token = document.querySelector('meta[name="csrf-token"]')?.content || '';
  try {
    const answer = await fetch(address, { method: 'POST', body, headers: { 'X-CSRF-Token': token } });
    if (answer.ok) form.querySelector('[role=status]').textContent = await answer.text();
  } catch { // it stands behind the other tab, and is kept when that is left
  }
}

// A value that belongs to one of several things to do chooses that thing.
function startChoosing() {
  const choose = (e) => {
    const choice = e.target.closest?.('[data-chooses]')?.querySelector('input[type=radio]');
    if (choice && choice !== e.target) choice.checked = true;
  };
  document.addEventListener('input', choose, true);
}

// A timeline starts at its end, and stays there while new things come; whoever has scrolled up reads on.
const readers = new WeakSet();

function startTimelines() {
  document.addEventListener('scroll', ({ target: box }) => {
    if (box.dataset?.scrollEnd === undefined) return;
    if (box.scrollHeight - box.scrollTop - box.clientHeight > 40) readers.add(box);
    else readers.delete(box);
  }, true);
  document.addEventListener('htmx:after:swap', settle);
  settle();
}

function settle() {
  // What a reader has just unfolded is what they want to see.
  document.querySelectorAll('[data-scroll-end] [data-keep]:not([data-seen])').forEach((opened) => {
    opened.dataset.seen = '';
    readers.add(opened.closest('[data-scroll-end]'));
    opened.scrollIntoView({ block: 'start' });
  });
  document.querySelectorAll('[data-scroll-end]').forEach((box) => { if (!readers.has(box)) box.scrollTop = box.scrollHeight; });
}

startGuards();
startRequests();
startPrefetch();
startWriting();
startKinds();
startChoosing();
startDialogs();
startPasskeys();
startToasts();
startMarks();
startKeys();
startClocks();
startLive();
startFiles(busy);
startHere();
startTimelines();
