package parse_test

import (
	"slices"
	"strings"
	"testing"

	"makegood/inbox/parse"
)

// Whatever the text: what is kept of it are its own lines, in their order.
func FuzzReplyText(f *testing.F) {
	for _, text := range []string{
		"Fine.\n\nOn Tue, 3 Mar 2026 at 10:01, Makegood <d@m.example> wrote:\n> Is it?\n",
		"Merci.\n\nDe : a\nEnvoyé : b\nÀ : c\nObjet : d\n\nvieux", "> q\nanswer\n> q\nanswer", "-- \nsig\n\nSent from my iPhone",
		"Makegood <d@m.example> 于2026年3月3日周二 10:01写道：\n> 您好", "_____\nFrom: a\nDate: b\nTo: c\n\nd",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := parse.Parse([]byte("Content-Type: text/plain; charset=utf-8\n\n"+text), parse.Options{MaxBytes: 1 << 18})
		from := lines(m.Text)
		for _, l := range lines(m.ReplyText) {
			i := slices.IndexFunc(from, func(whole string) bool { return strings.HasPrefix(whole, l) })
			if i < 0 {
				t.Fatalf("%q is no line of %q", l, m.Text)
			}
			from = from[i+1:]
		}
	})
}

func lines(s string) []string {
	var out []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\u00a0", " "), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Whatever an address header holds, addresses come out clean: on one line, the domain in lower case.
func FuzzAddresses(f *testing.F) {
	for _, value := range []string{
		`"Moreau, Alex" <alex@k.example>, b@K.EXAMPLE`, `undisclosed-recipients:;`, `=?utf-8?q?J=C3=B6rg?= <j@k.example>`, `a@k.example (Alex (AP))`,
		`Team: a@k.example, b@k.example;`, `"a\"b" <<a@k.example>>`, `=?utf-8?b?PGFAay5leGFtcGxlPg==?=`,
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		m := parse.Parse([]byte("From: "+strings.NewReplacer("\r", "", "\n", "").Replace(value)+"\n\nx"), parse.Options{})
		for _, a := range m.From {
			domain := a.Address[strings.LastIndexByte(a.Address, '@')+1:]
			if strings.ContainsAny(a.Address+a.Name, "\r\n\x00") || strings.Contains(a.Address, "@") && domain != strings.ToLower(domain) {
				t.Errorf("not clean: %q", a)
			}
		}
		checkStorable(t, m)
	})
}
