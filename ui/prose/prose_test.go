package prose_test

import (
	"strings"
	"testing"

	"makegood/ui/prose"
)

func TestProse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, out string }{
		{"", ""},
		{" \n ", ""},
		{"Look at the **meter** & the _contract_.", "<p>Look at the <strong>meter</strong> &amp; the <em>contract</em>.</p>"},
		{"1. One\n2. Two\n\n- a\n- b", "<ol>\n<li>One</li>\n<li>Two</li>\n</ol>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"# Big *word*", "<p><strong>Big <em>word</em></strong></p>"},
		{"> # Big", "<blockquote>\n<p><strong>Big</strong></p>\n</blockquote>"},
		{"[ours](/settings/sla)", `<p><a href="/settings/sla">ours</a></p>`},
		{"see https://wiki.example/x", `<p>see <a href="https://wiki.example/x" rel="noreferrer noopener" target="_blank">https://wiki.example/x</a></p>`},
	} {
		if got := strings.TrimSpace(prose.HTML(c.in)); got != c.out {
			t.Errorf("%q\n got %s\nwant %s", c.in, got, c.out)
		}
	}
}

// Nothing that is written runs, loads or leads elsewhere unseen.
func TestProseIsSafe(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](https://elsewhere.example/p.png)", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
		"[x](data:text/html,hi)", "[x](//elsewhere.example)", `[x](/\elsewhere.example)`, "<a href='#' onclick='x()'>x</a>", "<style>p{color:red}</style>", `<p style="color:red">x</p>`,
		"<iframe src='/x'></iframe>", "```<script>\nalert(1)\n```", "[x]: javascript:alert(1)\n[x]", "<javascript:alert(1)>", "<form action=/x><button>x</button></form>",
	} {
		got := strings.ToLower(prose.HTML(in))
		for _, bad := range []string{"<script", "<img", "onerror", "onclick", "<style", "style=", "<iframe", `href="javascript`, `href="data`, `href="//`, `href="/\`, `href="/%5c`, "<form", "<button"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q became %q", in, got)
			}
		}
	}
}

func FuzzProse(f *testing.F) {
	f.Add("# A\n\n- [x](javascript:y) <b onclick=z>")
	f.Fuzz(func(t *testing.T, in string) {
		got := strings.ToLower(prose.HTML(in))
		for _, bad := range []string{"<script", "<img", "<iframe", "<style", `href="javascript:`} {
			if strings.Contains(got, bad) {
				t.Errorf("%q became %q", in, got)
			}
		}
	})
}
