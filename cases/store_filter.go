package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"makegood/cases/filter"
	"makegood/internal/access"
)

// asked is a filter with its text read and looked up.
type asked struct {
	Filter

	by      access.Actor
	now     time.Time
	terms   []filter.Term
	found   found
	closing []closing // where the view asks for it
}

// asked reads a filter's text and looks its words up.
func (s *Service) asked(ctx context.Context, f Filter, by access.Actor) (asked, error) {
	a := asked{Filter: f, by: by, now: s.db.Now()}
	read, err := filter.Reader{Now: a.now, Zone: f.Zone}.Parse(strings.TrimSpace(f.Query))
	if err != nil {
		return a, err
	}
	a.terms = read.Terms
	if f.View == ViewClosing {
		if a.closing, err = s.closings(ctx, s.db, a.now); err != nil {
			return a, err
		}
	}
	a.found, err = s.lookUp(ctx, read.Words)
	return a, err
}

// narrow adds the terms and the words.
func (q *query) narrow(a asked) {
	for _, t := range a.terms {
		q.term(t, a.by)
	}
	q.words(a)
	if askOpen(a.terms) {
		q.add(activeOnly)
	}
}

// askOpen tells whether terms leave nothing but open work.
func askOpen(terms []filter.Term) bool {
	return slices.ContainsFunc(terms, func(t filter.Term) bool {
		return !t.Not && (t.Field == filter.Is && slices.Equal(t.Values, []string{"open"}) || t.Field == filter.Status && allActive(t.Values))
	})
}

// onlyOpen tells whether what is asked for is open work only.
func (a asked) onlyOpen() bool {
	return a.View.active() || askOpen(a.terms) || len(a.Status) > 0 && !slices.ContainsFunc(a.Status, func(s Status) bool { return !s.Active() })
}

func allActive(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !Status(v).Active() })
}

// condition is text with a question mark for each argument.
type condition struct {
	text string
	args []any
}

// term adds a condition. Each field's text stands in this file; what was typed is only ever an argument.
func (q *query) term(t filter.Term, by access.Actor) {
	var alternatives []condition
	switch {
	case t.Field == filter.Is || t.Field == filter.Has:
		for _, v := range t.Values {
			alternatives = append(alternatives, stateCondition(t.Field, v, by))
		}
	case t.Holds != nil:
		alternatives = []condition{holdsCondition(*t.Holds)}
	case t.Bounds != nil:
		alternatives = []condition{boundsCondition(amountColumn(t.Field), t.Bounds)}
	case t.From != nil || t.Until != nil:
		alternatives = []condition{spanCondition(momentColumn(t.Field), t)}
	case t.Field == filter.Assignee:
		for _, v := range t.Values {
			alternatives = append(alternatives, assigneeCondition(v, by))
		}
	case t.Field == filter.Subject || t.Field == filter.Team || t.Field == filter.Customer || t.Field == filter.Contact:
		alternatives = []condition{nameCondition(t)}
	default:
		alternatives = []condition{valueCondition(t)}
	}
	texts, args := make([]string, len(alternatives)), []any{}
	for n, c := range alternatives {
		texts[n], args = c.text, append(args, c.args...)
	}
	text := strings.Join(texts, ` or `)
	if t.Not {
		q.add(`(`+text+`) is not true`, args...)
		return
	}
	q.add(`(`+text+`)`, args...)
}

func stateCondition(f filter.Field, value string, by access.Actor) condition {
	if f == filter.Is && value == "mine" {
		return condition{`c.assignee_id = ?`, []any{by.UserID}}
	}
	texts := map[string]string{ //nolint:gosec // no credentials: what a case has
		"is:open": activeOnly, "is:done": `c.status in ('resolved', 'closed')`, "is:breached": `c.breached`, "is:paused": `c.clock_paused`,
		"is:running":    `c.next_due_at is not null and not c.clock_paused`,
		"is:unassigned": `c.assignee_id is null`, "is:unanswered": `c.unanswered_since is not null`, "is:merged": `c.merged_into is not null`,
		"has:customer": `c.customer_id is not null`, "has:cause": `c.root_cause_id is not null`, "has:credit": `c.credit_state <> 'none'`,
		"has:invoice": `exists (select from case_invoices i where i.case_id = c.id)`,
		"has:dispute": `exists (select from dispute_lines d where d.case_id = c.id)`,
		"has:tag":     `exists (select from case_tags g where g.case_id = c.id)`,
	}
	return condition{texts[string(f)+":"+value], nil}
}

func amountColumn(f filter.Field) string {
	if f == filter.Risk {
		return `c.risk_base`
	}
	return `c.disputed`
}

func momentColumn(f filter.Field) string {
	switch f {
	case filter.Due:
		return `c.next_due_at`
	case filter.Heard:
		return `c.last_customer_at`
	case filter.Answered:
		return `c.last_reply_at`
	case filter.Silent:
		return `c.unanswered_since`
	case filter.Resolved:
		return `c.resolved_at`
	case filter.Closed:
		return `c.closed_at`
	default:
		return `c.opened_at`
	}
}

func boundsCondition(column string, bounds []filter.Bound) condition {
	var c condition
	for _, b := range bounds {
		sign := `=`
		switch b.Sign {
		case ">", ">=", "<", "<=":
			sign = b.Sign
		}
		c.and(column+` `+sign+` ?::numeric`, b.Value)
	}
	return c
}

// holdsCondition asks what a field of the company's own holds. Each kind has its column and index; texts are compared whole, in any case.
func holdsCondition(h filter.Holding) condition {
	const of = `c.id in (select v.case_id from case_field_values v join case_fields f on f.id = v.field_id where f.code = ?`
	if h.Sign == "" {
		return condition{of + `)`, []any{h.Code}}
	}
	sign := `=`
	switch h.Sign {
	case ">", ">=", "<", "<=":
		sign = h.Sign
	}
	var held condition
	either := func(text string, arg any) {
		if held.text != "" {
			held.text += ` or `
		}
		held.text, held.args = held.text+text, append(held.args, arg)
	}
	if len(h.Values) > 0 {
		values := make([]string, len(h.Values))
		for n, v := range h.Values {
			values[n] = strings.ToLower(v)
		}
		either(`lower(v.text_value) = any (?)`, values)
	}
	if h.Number != nil {
		either(`v.number_value `+sign+` ?::numeric`, *h.Number)
	}
	if h.Day != "" {
		either(`v.date_value `+sign+` ?::date`, h.Day)
	}
	return condition{of + ` and (` + held.text + `))`, append([]any{h.Code}, held.args...)}
}

func spanCondition(column string, t filter.Term) condition {
	var c condition
	if t.From != nil {
		c.and(column+` >= ?::timestamptz`, *t.From)
	}
	if t.Until != nil {
		c.and(column+` < ?::timestamptz`, *t.Until)
	}
	return c
}

func (c *condition) and(text string, args ...any) {
	if c.text != "" {
		text = c.text + ` and ` + text
	}
	c.text, c.args = text, append(c.args, args...)
}

func assigneeCondition(value string, by access.Actor) condition {
	switch strings.ToLower(value) {
	case "me":
		return condition{`c.assignee_id = ?`, []any{by.UserID}}
	case "none", "nobody":
		return condition{`c.assignee_id is null`, nil}
	}
	return condition{`c.assignee_id in (select id from users where email = ? or name ilike ?)`, []any{strings.ToLower(value), contains(value)}}
}

// nameCondition looks for parts of names. Each value is a comparison of its own: an index over parts serves those, not one with a list.
func nameCondition(t filter.Term) condition {
	columns := map[filter.Field][]string{
		filter.Subject: {`c.subject`}, filter.Team: {`name`}, filter.Customer: {`name`}, filter.Contact: {`address`, `name`},
	}
	within := map[filter.Field]string{
		filter.Team: `c.team_id in (select id from teams where `, filter.Customer: `c.customer_id in (select id from customers where `,
		filter.Contact: `c.id in (select case_id from case_participants where `,
	}
	var parts []string
	var args []any
	for _, v := range t.Values {
		for _, column := range columns[t.Field] {
			parts, args = append(parts, column+` ilike ?`), append(args, contains(v))
		}
	}
	text := strings.Join(parts, ` or `)
	if open := within[t.Field]; open != "" {
		text = open + text + `)`
	}
	return condition{text, args}
}

// valueCondition compares with codes, told whole.
func valueCondition(t filter.Term) condition {
	texts := map[filter.Field]string{
		filter.Status: `c.status = any (?)`, filter.Waiting: `c.waiting_on = any (?)`, filter.Type: `c.type = any (?)`,
		filter.Credit: `c.credit_state = any (?)`, filter.Topic: `c.topic = any (?)`, filter.Language: `c.language = any (?)`,
		filter.Priority: `c.priority = any (?)`, filter.Currency: `c.disputed_currency = any (?)`, filter.Number: `c.number = any (?)`,
		filter.Tag:     `c.id in (select case_id from case_tags where tag = any (?))`,
		filter.Reason:  `c.id in (select case_id from dispute_lines where reason_code = any (?))`,
		filter.Cause:   `c.root_cause_id in (select id from root_causes where code = any (?))`,
		filter.Tier:    `c.customer_id in (select id from customers where tier = any (?))`,
		filter.Account: `c.customer_id in (select id from customers where account = any (?))`,
		filter.Country: `c.customer_id in (select id from customers where country = any (?))`,
		filter.Entity:  `c.entity_id in (select id from legal_entities where code = any (?))`,
		filter.Invoice: `c.id in (select i.case_id from case_invoices i join invoices v on v.id = i.invoice_id where v.number = any (?))`,
	}
	return condition{texts[t.Field], []any{writtenAs(t.Field, t.Values)}}
}

// writtenAs brings values to the form the records have them in.
func writtenAs(f filter.Field, values []string) []string {
	form := strings.ToLower
	switch f {
	case filter.Priority, filter.Currency, filter.Number, filter.Account, filter.Country, filter.Entity, filter.Invoice:
		form = strings.ToUpper
	default: // the others are kept in lower case
	}
	out := make([]string, len(values))
	for n, v := range values {
		out[n] = form(v)
	}
	return out
}

// contains is a pattern for ilike.
func contains(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}
