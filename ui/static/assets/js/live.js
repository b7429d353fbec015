// One stream of server-sent events says what changed; the places that show it fetch themselves again.
const settleFor = 150;
const spread = 250;
const lostAfter = 30_000;

let source;
let wanted = '';
let wasBroken = false;
let brokenSince = 0;
const waiting = new Map();
const stale = new Set();

export function startLive() {
  if (!document.querySelector('[data-live-dot],[data-live],[data-topics]')) return;
  connect();
  document.addEventListener('htmx:after:swap', () => setTimeout(connect, 0));
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    stale.forEach(refresh);
    stale.clear();
  });
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', (e) => { if (e.persisted) { wanted = ''; connect(); } });
  setInterval(show, 5_000);
}

const words = (text) => (text || '').split(/\s+/).filter(Boolean);

function topics() {
  const all = new Set();
  document.querySelectorAll('[data-live]').forEach((place) => words(place.dataset.live).forEach((topic) => all.add(topic)));
  document.querySelectorAll('[data-topics]').forEach((place) => words(place.dataset.topics).forEach((topic) => all.add(topic)));
  return [...all].sort();
}

function connect() {
  const list = topics();
  const query = new URLSearchParams(list.map((topic) => ['topics', topic])).toString();
  if (query === wanted && source && source.readyState !== EventSource.CLOSED) return show();
  wanted = query;
  source?.close();
  source = undefined;
  if (!list.length) return show();
  const mine = new EventSource('/live?' + query);
  source = mine;
  mine.onopen = () => {
    // Quick work may have ended between the page and this stream.
    document.querySelectorAll(wasBroken ? '[data-live]' : '[data-live][data-moving]').forEach(later);
    wasBroken = false;
    brokenSince = 0;
    show();
  };
  mine.onmessage = (e) => arrived(e.data);
  mine.onerror = () => {
    if (source !== mine) return;
    wasBroken = true;
    brokenSince ||= Date.now();
    show();
    // A refused stream is not tried again by the browser itself.
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => { if (source === mine) { wanted = ''; connect(); } }, 5_000);
  };
  show();
}

function arrived(data) {
  let topic;
  try {
    topic = JSON.parse(data).topic;
  } catch {
    return;
  }
  // The server itself heard nothing for a while, or this page was too slow for its news.
  if (topic === 'interrupted' || topic === 'behind') {
    brokenSince = topic === 'interrupted' ? brokenSince || Date.now() : 0;
    if (topic === 'behind') document.querySelectorAll('[data-live]').forEach(later);
    return show();
  }
  const [name, id] = topic.split(':');
  document.querySelectorAll('[data-live]').forEach((place) => {
    const asked = words(place.dataset.live);
    if (asked.includes(topic) || name === 'here' && asked.includes(name) && words(place.dataset.of).includes(id)) later(place);
  });
}

// Changes come in bursts, and many browsers hear of one at once.
function later(place) {
  if (document.hidden) {
    stale.add(place);
    return;
  }
  if (waiting.has(place)) return;
  waiting.set(place, setTimeout(() => {
    waiting.delete(place);
    refresh(place);
  }, settleFor + Math.random() * spread));
}

function refresh(place) {
  if (place.isConnected) place.dispatchEvent(new CustomEvent('live'));
}

function show() {
  const behind = brokenSince ? Date.now() - brokenSince : 0;
  document.querySelectorAll('[data-live-dot]').forEach((dot) => {
    const text = !brokenSince ? dot.dataset.on : behind > lostAfter ? dot.dataset.off : dot.dataset.behind;
    dot.classList.toggle('stale', Boolean(brokenSince));
    dot.classList.toggle('lost', behind > lostAfter);
    if (dot.textContent !== text) dot.textContent = text;
  });
}
