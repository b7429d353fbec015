package parse

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"makegood/inbox/parse/hint"
	"makegood/internal/errs"
)

// Series are further patterns, as regular expressions, that a legal entity's numbers follow. Where a pattern has a
// group, the group is the reference, else the whole match is.
type Series struct {
	Invoices       []string // invoice, credit and debit memo numbers
	Accounts       []string
	PurchaseOrders []string
	Payments       []string
}

// Patterns find references in text. They are immutable and safe for concurrent use.
type Patterns struct {
	invoices, accounts, orders, payments []pattern
}

// pattern is an expression that is only asked about texts it could match.
type pattern struct {
	*regexp.Regexp

	hint hint.Hint
}

func newPattern(expression string) (pattern, error) {
	re, err := regexp.Compile(expression)
	if err != nil {
		return pattern{}, err
	}
	h, err := hint.Of(expression)
	return pattern{re, h}, err
}

func mustPattern(expression string) pattern {
	h, _ := hint.Of(expression) // without a hint it is asked about every text
	return pattern{regexp.MustCompile(expression), h}
}

// NewPatterns adds the series of the legal entities to the default patterns. It refuses a pattern that is no
// regular expression.
func NewPatterns(series ...Series) (*Patterns, error) {
	p := *DefaultPatterns()
	for _, s := range series {
		for _, kind := range []struct {
			to  *[]pattern
			src []string
		}{
			{&p.invoices, s.Invoices},
			{&p.accounts, s.Accounts},
			{&p.orders, s.PurchaseOrders},
			{&p.payments, s.Payments},
		} {
			added, err := compileAll(kind.src)
			if err != nil {
				return nil, err
			}
			*kind.to = append(added, *kind.to...)
		}
	}
	return &p, nil
}

func compileAll(sources []string) ([]pattern, error) {
	var out []pattern
	for _, src := range sources {
		re, err := newPattern(src)
		if err != nil {
			return nil, errs.Wrap(fmt.Errorf("compile reference pattern: %w", err), errs.Invalid, "parse.bad_pattern", "pattern", src)
		}
		out = append(out, re)
	}
	return out, nil
}

// SeriesPattern makes a pattern of a prefix such as "DE-": the prefix, then digits that may be grouped by dashes.
func SeriesPattern(prefix string) string {
	return `(?i)\b` + regexp.QuoteMeta(strings.TrimSpace(prefix)) + `[-/ ]?\d{2,}(?:[-/]\d+)*\b`
}

// OwnNumbers makes a pattern of the series that documents of ours carry, such as "DE" and "CM-DE": one of them, a year, and a place of four
// digits or more, whatever separates them. It gives "" for no series.
func OwnNumbers(series []string) string {
	if len(series) == 0 {
		return ""
	}
	const gap = `[-–‑/ ]?`
	names := make([]string, len(series))
	for n, name := range series {
		names[n] = strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(name)), "-", gap)
	}
	return `(?i)\b((?:(?:PAY|CB|RF|WO|TR|RV)[- ]?)?(?:` + strings.Join(names, "|") + `)` + gap + `20\d{2}` + gap + `[\dO]{4,9})\b`
}

// SeriesOf are the patterns of numbers in use: our own series, and what numbers of other systems begin with.
func SeriesOf(own, imported []string) Series {
	var s Series
	if pattern := OwnNumbers(own); pattern != "" {
		s.Invoices = append(s.Invoices, pattern)
	}
	if len(imported) > 0 {
		patterns := make([]string, len(imported))
		for n, prefix := range imported {
			patterns[n] = SeriesPattern(prefix)
		}
		s.Invoices = append(s.Invoices, strings.Join(patterns, "|"))
	}
	return s
}

const (
	// token is a reference behind its name: letters, digits and separators, with at least one digit.
	token = `((?:[A-Z]{1,6}[-/_.]?)*(?:[A-Z]{0,4}\d[A-Z0-9]*)(?:[-/_][A-Z0-9]+)*)` //nolint:gosec // a pattern, no credential
	// numbered is what may stand between the name of a document and its number.
	numbered = `(?:[ \t-]*(?:numbers?|no|nos|nr|num|nummern?|núm|numéro|número|id|ref(?:erence)?|code)\b\.?|(?: ?n°| ?nº|№|番号|号码|號碼|編號|编号|号))?[ \t]*[:：#=.]?[ \t]*(?:#|is|ist|est|es|é|は)?[ \t]*`
)

// DefaultPatterns know the usual forms of numbers in the languages of the product.
var DefaultPatterns = sync.OnceValue(func() *Patterns {
	list := func(sources ...string) []pattern {
		var out []pattern
		for _, s := range sources {
			out = append(out, mustPattern(`(?i)`+s))
		}
		return out
	}
	return &Patterns{
		invoices: list(
			`\b((?:(?:CM|DM|CN|DN|PAY|CB|RF|WO|TR|RV)[- ]?)?[A-Z]{2}[-–‑/ ]?20\d{2}[-–‑/ ]?[\dO]{4,6})\b`,
			`\b((?:INV|INVOICE|RE|RG|RN|FA|FAC|FACT|FV|FT|NF|NFE|GS|GU|CM|DM|CN|DN|AV|SI)[-–‑_/#]\d{1,8}(?:[-–‑/]\d{1,8}){0,3})\b`,
			`\b((?:INV|RE|RG|FAC|CM|CN|DN)\d{4,12})\b`,
			`(?:\binvoices?|\bbills?|\brechnung(?:en|s)?|\bgutschrift|\bfactures?|\bavoir|\bfacturas?|\bfaturas?|\bnotas? (?:fiscal|de crédito)|\bcredit (?:note|memo)s?|請求書|発票|发票|發票|账单|帳單)`+numbered+token,
		),
		accounts: list(
			`\b(MG-\d{4,8})\b`,
			`(?:\b(?:customer|client|account|debtor)|\bkunden?-?|\bkd\.?-?|\bdebitoren-?|\bkonto|\bcompte(?: client)?|\b(?:code|numéro) client|\bcuenta(?: de cliente)?|\bcliente|\bconta(?: de cliente)?|\bcódigo de cliente|(?:顧客|お客様|客户|客戶|账户|帳戶))[- ]?`+
				`(?:numbers?|nummer|no|nr|num|n°|nº|id|código|número|numéro|番号|编号|編號|号码|號碼)\.?[ \t]*[:：#=]?[ \t]*(?:is|ist|は)?[ \t]*`+token,
			`\baccount[ \t]*[:#][ \t]*`+token,
		),
		orders: list(
			`\b(PO[-–# ]?\d[\dA-Z]*(?:[-/]\d+)*)\b`,
			`(?:\bpurchase orders?|\bP\.?O\.?|\border|\bbestell(?:ung|nummer|-?nr)|\bauftrags?(?:nummer|-?nr)|\bbon de commande|\bcommande|\borden de compra|\bpedido(?: de compra)?|\bordem de compra|注文(?:書)?|発注|采购订单|訂單|订单)`+numbered+token,
		),
		payments: list(
			`\b(PAY-[A-Z0-9-]*\d[A-Z0-9-]*)\b`,
			`\b((?:pi|ch|py|po|txn)_[A-Za-z0-9]{8,40})\b`,
			`\b(RF\d{2}[A-Z0-9]{4,21})\b`,
			`(?:\b(?:payment|remittance|transaction|transfer|wire|bank)(?: (?:advice|reference|ref))?|\bzahlungs?-?(?:referenz|avis)?|\büberweisung|\bréférence (?:de )?(?:paiement|virement)|\bpaiement|\bpago|\btransferencia|\bpagamento|\btransferência|\bUTR|\bE2E|支払|振込|付款|汇款|匯款)`+
				`[ \t]*(?:(?:numbers?|no|nr|ref(?:erence)?|id|nummer)\b|n°|nº|番号|编号|編號)\.?[ \t]*[:：#=]?[ \t]*`+token,
		),
	}
})

// otherPaper begins the numbers of ours that end like an invoice's and are none: payments, chargebacks, refunds and the like.
var otherPaper = regexp.MustCompile(`(?i)^(?:PAY|CB|RF|WO|TR|RV)[- ]?[A-Z][A-Z0-9]*[-–‑/ ]?20\d{2}`)

const (
	maxScanned = 256 * kib // of all texts together
	maxRefs    = 200       // of one sort
)

// find collects the references of a message: subject, what is new, the rest of the body, attachments.
func (p *Patterns) find(m *Message) Refs {
	text := scanned(m)
	folded := hint.Fold(text)
	invoices := slices.DeleteFunc(collect(p.invoices, text, folded, nil), otherPaper.MatchString)
	taken := map[string]bool{}
	for _, r := range invoices {
		taken[Normalise(r)] = true
	}
	return Refs{
		Invoices:       invoices,
		Accounts:       collect(p.accounts, text, folded, taken),
		PurchaseOrders: collect(p.orders, text, folded, taken),
		Payments:       collect(p.payments, text, folded, taken),
		Amounts:        findAmounts(text, folded),
	}
}

func scanned(m *Message) string {
	var b strings.Builder
	add := func(s string) {
		for line := range strings.Lines(s) {
			if b.Len()+len(line) < maxScanned && worthScanning(line) {
				b.WriteString(strings.TrimRight(line, "\n") + "\n")
			}
		}
	}
	add(m.Subject)
	add(m.Text)
	for _, a := range m.Attachments {
		add(strings.ReplaceAll(a.Filename, "_", " "))
	}
	for _, a := range m.Attachments {
		switch a.ContentType {
		case "text/plain", "text/csv", "text/tab-separated-values", "application/csv", "text/comma-separated-values":
			text, _ := decodeText(a.Content[:min(len(a.Content), maxScanned)], "")
			add(clean(text))
		}
	}
	return yenSign(b.String())
}

// worthScanning spares the patterns what cannot hold a reference: lines without two digits, and the endless words
// of encoded data.
func worthScanning(line string) bool {
	digits, word := 0, 0
	for i := range len(line) {
		switch c := line[i]; {
		case c >= '0' && c <= '9':
			digits++
			word++
		case c <= ' ':
			word = 0
		case c < 0x80:
			word++
		}
		if word > 200 {
			return false
		}
	}
	return digits > 1 || digits == 1 && strings.ContainsAny(line, "€$£¥￥円元")
}

var backslashSum = regexp.MustCompile(`\\(\d{1,3}(?:,\d{3})*)`)

// yenSign undoes what Japanese charsets do: there the byte of the backslash is a yen sign.
func yenSign(text string) string {
	if !strings.Contains(text, `\`) || scriptLanguage(text) != "ja" {
		return text
	}
	return backslashSum.ReplaceAllString(text, "¥$1")
}

func collect(patterns []pattern, text, folded string, taken map[string]bool) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, re := range patterns {
		if !re.hint.Possible(folded) {
			continue
		}
		for _, m := range re.FindAllStringSubmatch(text, maxRefs) {
			ref := m[0]
			if len(m) > 1 {
				ref = m[1]
			}
			ref = strings.Trim(strings.Join(strings.Fields(ref), " "), "-–/_.,:# ")
			key := Normalise(ref)
			if len(out) >= maxRefs || seen[key] || taken[key] || !plausible(ref) {
				continue
			}
			seen[key] = true
			out = append(out, ref)
		}
	}
	return out
}

// plausible leaves out what stands behind a document's name but is no number of it: a day, a year, one digit.
func plausible(ref string) bool {
	digits := 0
	for _, r := range ref {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits >= 2 && len(ref) >= 3 && len(ref) <= 40 && !dayOrYear.MatchString(ref)
}

var dayOrYear = regexp.MustCompile(`^(?:(?:19|20)\d\d|\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{2,4})?|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d+(?:st|nd|rd|th|%|x|h|am|pm))$`)

// Normalise brings a reference to the form in which slips of the pen no longer matter: capitals, no spaces, dashes
// or slashes, O read as 0, I and L as 1, no zeros before a number, be it at its start or behind a year.
func Normalise(ref string) string {
	joined := strings.Map(confusable, strings.Join(strings.FieldsFunc(strings.ToUpper(clean(ref)), isSeparator), ""))
	return digitRun.ReplaceAllStringFunc(joined, func(run string) string {
		run = strings.TrimLeft(run, "0")
		if len(run) > 4 && strings.HasPrefix(run, "20") {
			return run[:4] + strings.TrimLeft(run[4:], "0")
		}
		return run
	})
}

var digitRun = regexp.MustCompile(`[0-9]+`)

func isSeparator(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '-', '–', '—', '‑', '‐', '−', '/', '_', '.', '#', '\u00a0':
		return true
	}
	return false
}

func confusable(r rune) rune {
	switch r {
	case 'O', 'Ｏ':
		return '0'
	case 'I', 'L', '|':
		return '1'
	}
	if r >= '０' && r <= '９' {
		return '0' + r - '０'
	}
	return r
}
