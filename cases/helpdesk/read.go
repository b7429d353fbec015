package helpdesk

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"makegood/cases"
	"makegood/internal/errs"
)

// Read reads files of a helpdesk together: what belongs to one case may stand in several of them. A file that cannot be read as a whole
// is an error; a case that cannot be taken is among the refused. Now bounds what may be called the past.
func Read(format Format, files []File, o Options, now time.Time) (Export, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if !slices.Contains([]string{"", dayFirst, monthFirst}, o.DateOrder) {
		return Export{}, errs.New(ErrDateOrder.Kind, ErrDateOrder.Key, "order", o.DateOrder)
	}
	parts, err := unpack(files)
	if err != nil {
		return Export{}, err
	}
	var x Export
	switch format {
	case Salesforce:
		x, err = readSalesforce(parts, o)
	case Intercom:
		x, err = readIntercom(parts)
	default:
		err = errs.New(ErrFormat.Kind, ErrFormat.Key, "format", string(format))
	}
	if err != nil {
		return Export{}, err
	}
	if len(x.Cases)+len(x.Refused)+x.Deleted == 0 {
		return Export{}, ErrNothing
	}
	x.settle(now)
	return x, nil
}

// settle refuses what cannot be of the past or stands in the files twice, and puts the rest into the order in which it happened.
func (x *Export) settle(now time.Time) {
	seen := map[string]Past{}
	kept := x.Cases[:0]
	for _, p := range x.Cases {
		first, twice := seen[p.Number]
		switch {
		case p.OpenedAt.After(now):
			x.refuse(p, errs.New(errFuture.Kind, errFuture.Key, "opened", p.OpenedAt.Format(time.RFC3339)))
			continue
		case twice:
			x.refuse(p, errs.New(errTwice.Kind, errTwice.Key, "file", first.File, "row", itoa(first.Row)))
			continue
		}
		seen[p.Number] = p
		p.tidy(now)
		kept = append(kept, p)
	}
	x.Cases = kept
	slices.SortStableFunc(x.Cases, func(a, b Past) int { return a.OpenedAt.Compare(b.OpenedAt) })
	slices.SortStableFunc(x.Refused, func(a, b Refusal) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row)) })
}

func (x *Export) refuse(p Past, why *errs.Error) {
	x.Refused = append(x.Refused, Refusal{File: p.File, Row: p.Row, Number: p.Number, Key: why.Key, Params: why.Params})
}

// longest is how much of a text is kept; what other helpdesks keep is shorter.
const longest = 200_000

// tidy makes a case such as the desk keeps: texts that PostgreSQL takes, messages by their times and none outside the life of the case.
func (p *Past) tidy(now time.Time) {
	p.Customer.Address = address(p.Customer.Address)
	p.Customer.Person, p.Customer.Company = line(p.Customer.Person), line(p.Customer.Company)
	kept := p.Messages[:0]
	for _, m := range p.Messages {
		m.Body, m.Subject, m.Name, m.Address = text(m.Body), line(m.Subject), line(m.Name), address(m.Address)
		if m.At.IsZero() || m.At.After(now) {
			m.At = p.OpenedAt
		}
		if m.Body == "" && len(m.Files) == 0 {
			continue
		}
		kept = append(kept, m)
	}
	p.Messages = kept
	slices.SortStableFunc(p.Messages, func(a, b Message) int { return a.At.Compare(b.At) })
	if p.Subject = line(p.Subject); p.Subject == "" {
		p.Subject = p.firstLine()
	}
	if p.Status == cases.StatusClosed && (p.ClosedAt.IsZero() || p.ClosedAt.Before(p.OpenedAt) || p.ClosedAt.After(now)) {
		p.ClosedAt = p.lastAt()
	}
}

// firstLine stands for a subject where there is none.
func (p *Past) firstLine() string {
	for _, m := range p.Messages {
		if first, _, _ := strings.Cut(strings.TrimSpace(m.Body), "\n"); first != "" {
			return shortened(first, 120)
		}
	}
	return p.Number
}

// lastAt is when something was last heard in the case.
func (p *Past) lastAt() time.Time {
	if n := len(p.Messages); n > 0 && p.Messages[n-1].At.After(p.OpenedAt) {
		return p.Messages[n-1].At
	}
	return p.OpenedAt
}

// text is what PostgreSQL takes, with \n line ends and no more of it than is kept.
func text(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), "\r", "\n")
	s = strings.TrimSpace(strings.ReplaceAll(s, "\x00", ""))
	return shortened(s, longest)
}

// line is a text on one line.
func line(s string) string { return shortened(strings.Join(strings.Fields(text(s)), " "), 500) }

func shortened(s string, runes int) string {
	if len(s) <= runes {
		return s
	}
	if cut := []rune(s); len(cut) > runes {
		return string(cut[:runes-1]) + "…"
	}
	return s
}

// address is a mail address as the desk keeps it; "" for what is none.
func address(s string) string {
	s = strings.ToLower(strings.TrimSpace(text(s)))
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 254 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>,;"`, r) }) {
		return ""
	}
	return s
}

// addresses are those of a header or a cell, by comma or semicolon, named or not.
func addresses(s string) []string {
	var list []string
	for _, one := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		if from := strings.LastIndexByte(one, '<'); from >= 0 {
			one = strings.TrimRight(one[from+1:], "> ")
		}
		if a := address(one); a != "" && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}
