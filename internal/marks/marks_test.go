package marks_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"makegood/internal/marks"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ typed, want string }{
		"nothing":           {" \n", ""},
		"lines":             {"Dear Ms Köhler,\n\nport 3 is live.\nPort 4 too.", "<p>Dear Ms Köhler,</p>\n<p>port 3 is live.<br>\nPort 4 too.</p>"},
		"bold and italic":   {"**One** and _two_.", "<p><strong>One</strong> and <em>two</em>.</p>"},
		"list":              {"We did:\n- **ports**\n- cables\nThank you", "<p>We did:</p>\n<ul>\n<li><strong>ports</strong></li>\n<li>cables</li>\n</ul>\n<p>Thank you</p>"},
		"numbers":           {"1. First\n2. Second", "<ol>\n<li>First</li>\n<li>Second</li>\n</ol>"},
		"item of two lines": {"- one\n  more\n- two", "<ul>\n<li>one<br>\nmore</li>\n<li>two</li>\n</ul>"},
		"quote":             {"> you wrote\nWe answer", "<blockquote>\n<p>you wrote</p>\n</blockquote>\n<p>We answer</p>"},
		"longer quote":      {"> you wrote\n> 1000 EUR\n>\n> and so on", "<blockquote>\n<p>you wrote<br>\n1000 EUR</p>\n<p>and so on</p>\n</blockquote>"},
		"link":              {"See [our terms](https://x.example/a?b=1&c=2).", `<p>See <a href="https://x.example/a?b=1&amp;c=2" rel="noreferrer noopener" target="_blank">our terms</a>.</p>`},
		"bare link":         {"See https://x.example/a?b=1&c=2", `<p>See <a href="https://x.example/a?b=1&amp;c=2" rel="noreferrer noopener" target="_blank">https://x.example/a?b=1&amp;c=2</a></p>`},
		"script":            {"<script>alert(1)</script> <b>x</b>", "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;x&lt;/b&gt;</p>"},
		"script in a link":  {"[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"},
	} {
		if got := marks.HTML(c.typed); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What people have always typed stays as it is.
func TestPlainTextStays(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"- 5.00 EUR\n- 3.00 EUR", "+ 5.00 EUR", "* incl. tax", "100 EUR* and 200 EUR**", "5*3 = 15 and 4*2 = 8", "INV*2041*A, INV*2042*A", "*urgent*", "*** Important ***",
		"12. November 2026", "1. Mai 2026", "3. Mai\n4. Mai", "# Invoice 4711", "    four spaces of code", "~~~\nfence\n~~~", "```", "---", "===", "Total\n-----\n500", "snake_case_name and __init__", "Signature: ________",
		`\\server\share and C:\papers\*`, "AT&amp;T &lt;b&gt; &copy;", "Anna <anna@x>", "[1] see below [a](b) ![c](d)", "[x]: https://y.example", "`code`", "> 1000 EUR", ">1000", "a\\", "two  spaces  \nend", "1) one\n2) two", "| a | b |\n|---|---|",
		"10 - 5 = 5\n- 5", "-5 EUR", "_", "**", "2 ** 3", "a**b**c", "- one only", "<!-- x -->", "&", "Pauschale §4 (3) *) siehe unten\n*) netto",
	} {
		want := strings.Join(strings.Fields(typed), " ")
		if got := strings.Join(strings.Fields(marks.Plain(typed)), " "); got != want {
			t.Errorf("%q reads %q: %s", typed, got, marks.HTML(typed))
		}
		if n := strings.Count(marks.HTML(typed), "<li>") + strings.Count(marks.HTML(typed), "<em>") + strings.Count(marks.HTML(typed), "<strong>") + strings.Count(marks.HTML(typed), "<blockquote>"); n > 0 {
			t.Errorf("%q has marks: %s", typed, marks.HTML(typed))
		}
	}
}

// Letters and figures are never lost, whatever is typed.
func TestNoWordIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringOf(rapid.SampledFrom([]rune("ab1 2.\n\n->*_[]()!\\&;#<x`~|=:/+"))).Draw(t, "typed")
		kept := func(text string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune("ab12x.;#<!&()=/+\\`~|", r) {
					return r
				}
				return -1
			}, text)
		}
		if strings.Contains(typed, "](http") {
			return
		}
		want, got := kept(typed), kept(marks.Plain(typed))
		if numbers := strings.Count(marks.HTML(typed), "<ol>"); numbers == 0 && want != got {
			t.Fatalf("%q reads %q: %s", typed, marks.Plain(typed), marks.HTML(typed))
		}
	})
}
