// Who has a case open is known by a stream that lives as long as the page is looked at; whoever types says so now and then.
const typedEvery = 3_000;

let source;
let wanted = '';
let typedAt = 0;

export function startHere() {
  sync();
  document.addEventListener('htmx:after:swap', () => setTimeout(sync, 0));
  document.addEventListener('visibilitychange', sync);
  document.addEventListener('input', types);
  addEventListener('pagehide', () => follow(''));
  addEventListener('pageshow', (e) => { if (e.persisted) sync(); });
}

function sync() {
  follow(document.hidden ? '' : document.querySelector('[data-here]')?.dataset.here || '');
}

function follow(address) {
  if (address === wanted) return;
  wanted = address;
  source?.close();
  source = address ? new EventSource(address) : undefined;
}

function types(e) {
  const address = document.querySelector('[data-typing]')?.dataset.typing;
  if (!address || !e.target.matches?.('[data-composer] textarea') || Date.now() - typedAt < typedEvery) return;
  typedAt = Date.now();
  const token = document.querySelector('meta[name="csrf-token"]')?.content || '';
  fetch(address, { method: 'POST', headers: { 'X-CSRF-Token': token } }).catch(() => {}); // the writing goes on without
}
