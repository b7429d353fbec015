//go:build browser

package browsertest_test

import (
	"context"
	_ "embed"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeSource is axe-core, which finds what keeps people from using a page (Deque Systems, MPL 2.0, see testdata/axe-LICENSE.txt).
//
//go:embed testdata/axe.min.js
var axeSource string

// barrier is a rule of WCAG 2.2 AA that a page breaks, and where.
type barrier struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Where []string `json:"where"`
}

// examine runs axe-core over the page as it stands. Its experimental rule about names and visible words is left out: it counts the
// letters of keys and people's initials, which readers are not told. What stays at an edge while the page is scrolled is put back into
// its place meanwhile: what lies under it is measured whole, as it is once scrolled out from there.
const examine = `(() => {
	const stays = [...document.querySelectorAll('body *')].filter((e) => getComputedStyle(e).position === 'sticky');
	const put = stays.map((e) => e.style.position);
	stays.forEach((e) => { e.style.position = 'relative'; e.style.inset = 'auto'; });
	const back = () => stays.forEach((e, i) => { e.style.position = put[i]; e.style.inset = ''; });
	return axe.run(document, { resultTypes: ['violations'], rules: { 'label-content-name-mismatch': { enabled: false } }, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) =>
	r.violations.map((v) => ({ id: v.id, help: v.help, where: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')) }))).finally(back); })()`

// barriers tells what keeps people from using a page, in the colours it is shown in.
func (w *window) barriers(name string) {
	w.t.Helper()
	if !value[bool](w, `!!window.axe`) {
		w.do("bring axe", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: axeSource})
			return err
		}))
	}
	for _, b := range value[[]barrier](w, examine) {
		w.t.Errorf("%s: %s (%s)\n\t%s", name, b.Help, b.ID, strings.Join(b.Where, "\n\t"))
	}
}
