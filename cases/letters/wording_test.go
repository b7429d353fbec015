package letters_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/cases/letters"
	"makegood/internal/errs"
)

// TestShippedWordingSaysWhatWeShip: whoever begins from the shipped wording and changes nothing sends the very same text.
func TestShippedWordingSaysWhatWeShip(t *testing.T) {
	t.Parallel()
	bare, ok := samples()[letters.CreditPosted].(letters.CreditPostedVars)
	if !ok {
		t.Fatal("no sample")
	}
	bare.Invoice, bare.Open, bare.Lines, bare.MemoAttached, bare.Name = "", eur("0.00"), nil, false, ""
	bare.Refunded, bare.Kept = eur("12.00"), eur("3.00")
	paid, _ := samples()[letters.CreditPosted].(letters.CreditPostedVars)
	paid.Open, paid.NewInvoice, paid.NewAmount = eur("0.00"), "DE-2026-02000", eur("7.00")
	for _, kind := range letters.Kinds() {
		variants := []any{samples()[kind], letters.Sample(kind, letters.Frame{}, "", at(12, 17))}
		if kind == letters.CreditPosted {
			variants = append(variants, bare, paid)
		}
		for _, lang := range letters.Languages() {
			for n, vars := range variants {
				own, err := letters.Shipped(kind, lang)
				if err != nil {
					t.Fatal(err)
				}
				if err := letters.Check(kind, own); err != nil {
					t.Fatalf("%s/%s: %v\n%s", kind, lang, err, own.Body)
				}
				own.ID = 7
				want := write(t, kind, lang, vars)
				got, err := letters.WriteIn(&own, kind, lang, vars)
				if err != nil {
					t.Fatal(err)
				}
				if got.Version == nil || *got.Version != 7 || got.Subject != want.Subject || got.Text != want.Text {
					t.Errorf("%s/%s/%d: %q\n%s\n--- want ---\n%s", kind, lang, n, got.Subject, got.Text, want.Text)
				}
			}
		}
	}
}

func fieldsOf(err error) []errs.Field {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Fields
	}
	return nil
}

func TestWordingIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind        letters.Kind
		body, field string
		key, line   string
		names       string
	}{
		"unknown variable":   {letters.Nudge, "Hello,\n\n{{.limit}}", "body", "letters.unknown_variable", "3", "limit"},
		"in a condition":     {letters.Nudge, "Hello\n{{if .secret}}\nx\n{{end}}", "body", "letters.unknown_variable", "2", "secret"},
		"a method of ours":   {letters.Nudge, "{{.Money}}", "body", "letters.unknown_variable", "1", "Money"},
		"without the dot":    {letters.Nudge, "a\n{{number}}", "body", "letters.no_dot", "2", "number"},
		"a function":         {letters.Nudge, `{{printf "%s" .number}}`, "body", "letters.not_allowed", "1", ""},
		"a chain":            {letters.Nudge, "{{.number.x}}", "body", "letters.not_allowed", "1", ""},
		"a pipe":             {letters.Nudge, "{{.number | html}}", "body", "letters.not_allowed", "1", ""},
		"everything":         {letters.Nudge, "{{.}}", "body", "letters.not_allowed", "1", ""},
		"a loop":             {letters.Nudge, "\n\n{{range .number}}x{{end}}", "body", "letters.not_allowed", "3", ""},
		"a definition":       {letters.Nudge, `{{define "letter"}}x{{end}}y`, "body", "letters.not_allowed", "1", ""},
		"a value":            {letters.Nudge, "{{$x := .number}}{{$x}}", "body", "letters.not_allowed", "1", ""},
		"never ended":        {letters.Nudge, "a\n{{if .number}}\nb", "body", "letters.broken", "3", ""},
		"never closed":       {letters.Nudge, "a\nb {{.number", "body", "letters.broken", "2", ""},
		"without what it is": {letters.PortalCode, "Your code\n{{if .name}}{{.code}}{{end}}", "body", "letters.must_use", "0", "code"},
		"another kind's":     {letters.ContactProof, "{{.link}} {{.number}}", "body", "letters.unknown_variable", "1", "number"},
		"too long":           {letters.Nudge, strings.Repeat("ä", 10_001), "body", "letters.long_body", "0", ""},
		"empty":              {letters.Nudge, " \n", "body", "error.required", "0", ""},
		"without the answer": {letters.Reply, "{{.name}}", "body", "letters.must_use", "0", "body"},
	} {
		err := letters.Check(c.kind, letters.Wording{Body: c.body})
		fields := fieldsOf(err)
		if len(fields) != 1 || fields[0].Name != c.field || fields[0].Key != c.key || fields[0].Params["line"] != c.line || fields[0].Params["name"] != c.names {
			t.Errorf("%s: %v %+v", name, err, fields)
		}
	}
	for _, subject := range []string{"a\nBcc: all@lumen.example", "{{.nothing}}", strings.Repeat("x", 161)} {
		err := letters.Check(letters.Nudge, letters.Wording{Subject: subject, Body: "x"})
		if fields := fieldsOf(err); len(fields) != 1 || fields[0].Name != "subject" {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

func TestWordingShowsValuesAsText(t *testing.T) {
	t.Parallel()
	vars := letters.PortalCodeVars{
		Frame: letters.Frame{Entity: "Nordwall <b>", Signature: "N\nW"}, Name: "{{.code}} <script> https://evil.example\r\nBcc: x", Code: "1234 5678",
		URL: "https://billing.example/l?a=1&b=2", EndsAt: at(12, 9),
	}
	own := letters.Wording{Subject: "For {{.name}}", Body: "{{.greeting}}\n\n\n\n> said before\n{{if .name}}\n{{.code}}: {{.code}} or {{.link}}\n{{else}}\nnobody\n{{end}}\n{{.code}}\n"}
	l, err := letters.WriteIn(&own, letters.PortalCode, "en", vars)
	if err != nil {
		t.Fatal(err)
	}
	if l.Text != "Hello {{.code}} <script> https://evil.example Bcc: x,\n\n> said before\n1234 5678: 1234 5678 or https://billing.example/l?a=1&b=2\n1234 5678\n" {
		t.Errorf("%q", l.Text)
	}
	if l.Subject != "For {{.code}} <script> https://evil.example Bcc: x" || l.Version != nil {
		t.Errorf("%q", l.Subject)
	}
	if strings.Contains(l.HTML, "<script>") || strings.Count(l.HTML, "<a ") != 1 || !strings.Contains(l.HTML, `href="https://billing.example/l?a=1&amp;b=2"`) ||
		!strings.Contains(l.HTML, "said before</blockquote>") {
		t.Error(l.HTML)
	}
}

func TestWordingThatIsNoLongerUnderstood(t *testing.T) {
	t.Parallel()
	vars := samples()[letters.Nudge]
	got, err := letters.WriteIn(&letters.Wording{ID: 3, Body: "{{.gone}}"}, letters.Nudge, "de", vars)
	if err != nil || got.Version != nil || got.Text != write(t, letters.Nudge, "de", vars).Text {
		t.Errorf("%v %+v", err, got)
	}
}

func FuzzWording(f *testing.F) {
	for _, kind := range letters.Kinds() {
		own, err := letters.Shipped(kind, "en")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(own.Subject, own.Body)
	}
	f.Fuzz(func(t *testing.T, subject, body string) {
		own := letters.Wording{ID: 1, Subject: subject, Body: body}
		l, err := letters.WriteIn(&own, letters.Nudge, "en", letters.NudgeVars{Frame: frame(), AskedAt: at(1, 1)})
		if err != nil {
			t.Fatalf("accepted and not written: %v", err)
		}
		if strings.ContainsAny(l.Subject, "\r\n") {
			t.Fatalf("%q", l.Subject)
		}
	})
}

// What an agent wrote has its marks in the HTML of a company's own wording too, and stays as typed in the text.
func TestMarksOfAnAnswer(t *testing.T) {
	t.Parallel()
	own := letters.Wording{ID: 3, Body: "Hello {{.entity}},\n{{.body}}\nBye, {{.agent}}"}
	vars := letters.ReplyVars{Frame: frame(), Body: "We **agree**:\n- ports\n- cables & co\n\n> you wrote", Agent: "Mara"}
	shipped, err := letters.Write(letters.Reply, "en", vars)
	if err != nil {
		t.Fatal(err)
	}
	for name, wording := range map[string]*letters.Wording{"shipped": nil, "own": &own} {
		l, err := letters.WriteIn(wording, letters.Reply, "en", vars)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"<p>We <strong>agree</strong>:</p>", "<ul>\n<li>ports</li>\n<li>cables &amp; co</li>\n</ul>", "color:#5b6770\">\n<p>you wrote</p>\n</blockquote>", "Mara"} {
			if !strings.Contains(l.HTML, part) {
				t.Errorf("%s: %q is not in %s", name, part, l.HTML)
			}
		}
		if !strings.Contains(l.Text, vars.Body) || strings.Contains(l.HTML+l.Text, "\uE000") {
			t.Errorf("%s: the text is %s", name, l.Text)
		}
	}
	if strings.Contains(shipped.HTML, "**") {
		t.Errorf("marks are left in %s", shipped.HTML)
	}
}
