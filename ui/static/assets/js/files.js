// Files that go along with what is written: chosen, dropped or pasted anywhere in the composer. Each choice is sent at once, and nothing is
// sent off before all of them have arrived.
const field = (e) => e.target.closest?.('[data-composer]')?.querySelector('[data-along]');

function along(input, files) {
  input.files = files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

export function startFiles(busy) {
  document.addEventListener('dragover', (e) => {
    if (!field(e) || !e.dataTransfer.types.includes('Files')) return;
    e.preventDefault();
    e.target.closest('form').classList.add('dropping');
  });
  const over = (e) => e.target.closest?.('form.dropping')?.classList.remove('dropping');
  document.addEventListener('dragleave', over);
  document.addEventListener('drop', (e) => {
    over(e);
    const input = field(e);
    if (!input || !e.dataTransfer.files.length) return;
    e.preventDefault();
    along(input, e.dataTransfer.files);
  });
  document.addEventListener('paste', (e) => { // a table copied from elsewhere brings a picture of itself: its text is meant
    const input = field(e);
    if (!input || !e.clipboardData.files.length || e.clipboardData.types.includes('text/plain')) return;
    e.preventDefault();
    along(input, e.clipboardData.files);
  });
  const sending = ({ detail: { ctx } }, on) => {
    const input = ctx.sourceElement;
    if (!input?.matches?.('[data-along]') || !input.form) return;
    busy(null, input.form.querySelector('[data-send]'), on);
    input.form.querySelector('.bar [role=status]').textContent = on ? input.dataset.along : '';
    if (!on) input.value = '';
  };
  document.addEventListener('htmx:before:request', (e) => sending(e, true));
  document.addEventListener('htmx:finally:request', (e) => sending(e, false));
}
