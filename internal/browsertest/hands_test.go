//go:build browser

package browsertest_test

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// spot is the middle of an element, once it has been scrolled to, is not covered and can be pressed.
const spot = `(() => {
	const e = %s;
	if (!e || e.getAttribute('aria-disabled') === 'true') return null;
	e.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	const box = e.getClientRects()[0];
	if (!box) return null;
	const x = box.x + box.width / 2, y = box.y + box.height / 2;
	const top = document.elementFromPoint(x, y);
	return top && (e.contains(top) || top.closest('label')?.contains(e)) ? [x, y] : null;
})()`

// click presses the first element of a selector that can be seen, as a mouse does: where something covers it, it waits.
func (w *window) click(selector string) {
	w.t.Helper()
	where := fmt.Sprintf(spot, one(selector))
	w.until(selector+" to be there for the mouse", where+" !== null")
	at := value[[]float64](w, where)
	if len(at) != 2 {
		w.fail("%s moved away from the mouse", selector)
	}
	w.do("click "+selector, chromedp.MouseClickXY(at[0], at[1]))
}

// fill replaces what stands in a field.
func (w *window) fill(selector, text string) {
	w.t.Helper()
	w.click(selector)
	value[bool](w, one(selector)+`.select() ?? true`)
	w.write(text)
}

// write types a text where the cursor is, all at once.
func (w *window) write(text string) {
	w.t.Helper()
	w.do("write", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// keys presses keys one after the other, held together with modifiers.
func (w *window) keys(keys string, held ...chromedp.Modifier) {
	w.t.Helper()
	w.pressed += utf8.RuneCountInString(keys)
	w.do("press "+keys, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, key := range keys {
			for _, stroke := range strokes(key, held) {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *stroke); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// strokes are the events of one key. The text belongs to the key going down, so that a page that takes a key as a
// shortcut keeps it from being typed too, as with a real keyboard.
func strokes(key rune, held []chromedp.Modifier) []*input.DispatchKeyEventParams {
	var list []*input.DispatchKeyEventParams
	for _, stroke := range kb.Encode(key) {
		if stroke.Type == kb.KeyChar {
			if len(held) == 0 {
				list[0].Text, list[0].UnmodifiedText = stroke.Text, stroke.UnmodifiedText
			}
			continue
		}
		for _, modifier := range held {
			stroke.Modifiers |= int64(modifier)
		}
		list = append(list, stroke)
	}
	return list
}

// choose picks an entry of a list by its value.
func (w *window) choose(selector, entry string) {
	w.t.Helper()
	w.until(selector, shown(selector))
	if !value[bool](w, fmt.Sprintf(`((e) => { e.value = %s; for (const n of ['input', 'change']) e.dispatchEvent(new Event(n, { bubbles: true })); return e.value === %[1]s; })(%s)`,
		js(entry), one(selector))) {
		w.fail("%s has no entry %q", selector, entry)
	}
}
