// The marks that a text may have, set by button or key where the cursor is. What is typed stays text, and undoing works as ever.
const keys = { b: 'bold', i: 'italic', k: 'link' };
const around = { bold: '**', italic: '_' };

// put replaces what is selected, as if it had been typed.
function put(text, words, from, to) {
  text.focus();
  if (!document.execCommand('insertText', false, words)) {
    text.setRangeText(words, text.selectionStart, text.selectionEnd, 'end');
    text.dispatchEvent(new Event('input', { bubbles: true }));
  }
  const start = text.selectionEnd - words.length;
  text.setSelectionRange(start + from, start + to);
}

function lines(text, begin) {
  const from = text.value.lastIndexOf('\n', text.selectionStart - 1) + 1;
  const next = text.value.indexOf('\n', text.selectionEnd);
  text.setSelectionRange(from, next < 0 ? text.value.length : next);
  const words = text.value.slice(text.selectionStart, text.selectionEnd).split('\n').map((line) => begin + line).join('\n');
  put(text, words, words.length, words.length);
}

function set(text, mark) {
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
  if (mark === 'list') lines(text, '- ');
  else if (mark === 'quote') lines(text, '> ');
  else if (mark === 'link') {
    const address = /^https?:\/\/\S+$/.test(chosen);
    const words = address ? `[](${chosen})` : `[${chosen}](https://)`;
    if (address || !chosen) put(text, words, 1, 1);
    else put(text, words, chosen.length + 3, words.length - 1);
  } else {
    const end = around[mark];
    put(text, end + chosen + end, end.length, end.length + chosen.length);
  }
}

export function startMarks() {
  document.addEventListener('click', (e) => {
    const button = e.target.closest?.('[data-composer] [data-mark]');
    if (button) set(button.closest('form').elements.body, button.dataset.mark);
  });
  document.addEventListener('keydown', (e) => {
    const mark = (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && keys[e.key.toLowerCase()];
    if (!mark || !e.target.matches?.('[data-composer] textarea') || !e.target.form.querySelector('[data-mark]')) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    set(e.target, mark);
  }, true);
  document.addEventListener('input', (e) => { // a preview of what is no longer there would mislead
    const shown = e.target.matches?.('[data-composer] textarea') && e.target.form.querySelector('.mg-shown');
    if (shown) shown.textContent = '';
  });
}
