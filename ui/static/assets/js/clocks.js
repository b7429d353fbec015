// Running clocks count down in place. What is left comes from the server in counted time; the browser only
// subtracts what has passed since, by its monotonic clock, so a wrong wall clock does no harm.
const every = 30_000;
const hour = 3600;
const seen = new WeakMap();

export function startClocks() {
  tick();
  setInterval(tick, every);
  document.addEventListener('htmx:after:swap', tick);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) tick(); });
}

function tick() {
  document.querySelectorAll('.mg-clk[data-left]').forEach(update);
}

function update(chip) {
  const mark = chip.dataset.left + chip.dataset.due;
  let first = seen.get(chip);
  if (first?.mark !== mark) {
    first = { mark, at: performance.now() };
    seen.set(chip, first);
    return;
  }
  const left = Number(chip.dataset.left) - (performance.now() - first.at) / 1000;
  const total = Number(chip.dataset.total);
  const used = total > 0 ? Math.max(0, Math.min(100, Math.floor((total - left) * 100 / total))) : 0;
  const figure = chip.querySelector('.v');
  const text = clockText(left);
  // From two days on the server says how many days of the calendar there are.
  if (figure && Math.abs(left) < 48 * hour && figure.textContent !== text) figure.textContent = text;
  chip.dataset.state = left < 0 ? 'breached' : left < hour || used >= 90 ? 'due' : used >= 50 ? 'soon' : 'ok';
  const ring = chip.querySelector('.mg-ring');
  if (ring) ring.className = 'mg-ring p' + used;
}

export function clockText(seconds) {
  let minutes = Math.trunc(Math.abs(seconds) / 60);
  const sign = seconds < 0 && minutes > 0 ? '\u2212' : '';
  if (minutes >= 48 * 60) return sign + Math.floor(minutes / (24 * 60)) + '\u00a0d';
  return sign + Math.floor(minutes / 60) + ':' + String(minutes % 60).padStart(2, '0');
}
