package credits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// WarningRow is a warning in a list, with its request as it stands now.
type WarningRow struct {
	Raised

	Number        string
	State         State
	Kind          billing.Kind
	Currency      money.Currency
	Total         decimal.Decimal
	CaseID        *int64
	EntityID      billing.EntityID
	RequesterID   int64
	RequesterName string
	CustomerName  string
	Account       string
	Signers       []int64 // who decided about the request, and for whom
}

// WarningFilter narrows a list of warnings; zero values do not narrow, but the period is the last 30 days unless From says
// otherwise. Both days are included, in UTC. After is the Next of the page before.
type WarningFilter struct {
	Rule      WarningRule
	Requester int64
	Account   string
	From, To  time.Time
	OpenOnly  bool // nobody has looked at them
	After     string
	Limit     int // 0 means 50, at most 200
}

// WarningSum is how often a rule spoke in a period, or about one person or customer.
type WarningSum struct {
	Key    string // the rule, the person's id or the account
	Name   string // of the person or customer
	Count  int
	Open   int
	Amount decimal.Decimal // of the requests, each once, in billing.AuthorityCurrency
}

const warningPeriod = 30 // days

// What keeps somebody from settling a warning.
var (
	ErrNoWarning  = errs.New(errs.NotFound, "credits.no_warning")
	ErrOwnWarning = errs.New(errs.Forbidden, "credits.own_warning")
	ErrLookedOnce = errs.New(errs.Conflict, "credits.looked_once")
)

const warningRows = `select ` + raisedColumns + `, r.number, r.state, r.kind, r.currency, r.total, r.case_id, w.entity_id, w.requester_id, u.name as requester_name,
		coalesce(c.name, '') as customer_name, coalesce(c.account, '') as account,
		array(select x.id from credit_decisions d, unnest(array[d.user_id, d.on_behalf_of]) as x (id) where d.credit_request_id = r.id and x.id is not null) as signers
	from credit_warnings w join credit_requests r on r.id = w.credit_request_id join users u on u.id = w.requester_id
		left join customers c on c.id = w.customer_id left join users l on l.id = w.looked_by`

func (f WarningFilter) where(now time.Time, by access.Actor) (string, []any, error) {
	if f.Rule != "" && !slices.Contains(WarningRules(), f.Rule) {
		return "", nil, errs.InvalidField("rule", "credits.unknown_warning_rule", "rule", string(f.Rule))
	}
	from := f.From
	if from.IsZero() {
		from = now.AddDate(0, 0, -warningPeriod)
	}
	parts, args := []string{"w.raised_at >= $1"}, []any{from}
	add := func(given bool, condition string, arg any) {
		if given {
			args = append(args, arg)
			parts = append(parts, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
		}
	}
	add(!f.To.IsZero(), "w.raised_at < ?", f.To.AddDate(0, 0, 1))
	add(f.Rule != "", "w.rule = ?", f.Rule)
	add(f.Requester != 0, "w.requester_id = ?", f.Requester)
	add(f.Account != "", "w.customer_id = (select id from customers where account = ?)", f.Account)
	add(len(by.EntityIDs) > 0, "w.entity_id = any (?)", by.EntityIDs)
	if f.OpenOnly {
		parts = append(parts, "w.looked_at is null")
	}
	return " where " + strings.Join(parts, " and "), args, nil
}

// Warnings lists what was noticed, the latest first.
func (s *Service) Warnings(ctx context.Context, f WarningFilter, by access.Actor) (Page[WarningRow], error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return Page[WarningRow]{}, err
	}
	where, args, err := f.where(s.db.Now(), by)
	if err != nil {
		return Page[WarningRow]{}, err
	}
	if from := readPlace(f.After); from.id != 0 {
		args = append(args, from.at, from.id)
		where += fmt.Sprintf(" and (w.raised_at, w.id) < ($%d, $%d)", len(args)-1, len(args))
	}
	limit := limitOf(f.Limit)
	list, err := db.List[WarningRow](ctx, s.db, warningRows+where+` order by w.raised_at desc, w.id desc limit `+strconv.Itoa(limit+1), args...)
	if err != nil {
		return Page[WarningRow]{}, fmt.Errorf("list warnings: %w", err)
	}
	for i, w := range list {
		list[i].Warning = w.seenBy(by)
	}
	if len(list) <= limit {
		return Page[WarningRow]{Rows: list}, nil
	}
	last := list[limit-1]
	return Page[WarningRow]{Rows: list[:limit], Next: place{at: last.RaisedAt, id: last.ID}.String()}, nil
}

// WarningWay is what warnings are summed by.
type WarningWay string

// The ways.
const (
	WarningsByRule     WarningWay = "rule"
	WarningsByPerson   WarningWay = "person"
	WarningsByCustomer WarningWay = "customer"
)

// WarningSums sums the warnings of a filter, the most frequent first, at most a hundred. Two warnings of one request count its
// amount once.
func (s *Service) WarningSums(ctx context.Context, f WarningFilter, way WarningWay, by access.Actor) ([]WarningSum, error) {
	if err := access.Can(by, access.ReadReviews, access.Object{}); err != nil {
		return nil, err
	}
	where, args, err := f.where(s.db.Now(), by)
	if err != nil {
		return nil, err
	}
	key, name := "w.rule", "''"
	switch way {
	case WarningsByPerson:
		key, name = "w.requester_id::text", "u.name"
	case WarningsByCustomer:
		key, name = "coalesce(c.account, '')", "coalesce(c.name, '')"
	case WarningsByRule:
	}
	list, err := db.List[WarningSum](ctx, s.db, `select key, name, sum(n)::int as count, sum(open)::int as open, sum(amount) as amount from (
			select `+key+` as key, `+name+` as name, count(*) as n, count(*) filter (where w.looked_at is null) as open, max(r.authority_amount) as amount
			from credit_warnings w join credit_requests r on r.id = w.credit_request_id join users u on u.id = w.requester_id left join customers c on c.id = w.customer_id`+
		where+` group by 1, 2, w.credit_request_id) g group by key, name order by count desc, key limit 100`, args...)
	if err != nil {
		return nil, fmt.Errorf("sum warnings: %w", err)
	}
	return list, nil
}

// LookInput says what somebody found looking at a warning.
type LookInput struct {
	By   access.Actor
	ID   int64
	Note string
}

// LookAtWarning marks a warning as looked at, once, by somebody who neither asked for the request nor signed it. It changes nothing of the request.
func (s *Service) LookAtWarning(ctx context.Context, in LookInput) (WarningRow, error) {
	if err := access.Can(in.By, access.Review, access.Object{}); err != nil {
		return WarningRow{}, err
	}
	if trimmed(in.Note) == "" {
		return WarningRow{}, errs.InvalidField("note", "credits.look_needs_note")
	}
	var out WarningRow
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select from credit_warnings where id = $1 for update`, in.ID); err != nil {
			return fmt.Errorf("lock warning: %w", err)
		}
		found, err := warningRow(ctx, tx, in.ID)
		switch {
		case err != nil:
			return err
		case access.Can(in.By, access.Review, access.Object{EntityID: int64(found.EntityID)}) != nil:
			return ErrNoWarning
		case !found.SettledBy(in.By.UserID):
			return ErrOwnWarning
		case found.LookedAt != nil:
			return errs.New(ErrLookedOnce.Kind, ErrLookedOnce.Key, "name", found.LookedByName)
		}
		if _, err := tx.Exec(ctx, `update credit_warnings set looked_by = $2, looked_at = $3, look_note = $4 where id = $1`, in.ID, in.By.UserID, tx.Now(), trimmed(in.Note)); err != nil {
			return fmt.Errorf("note the look: %w", err)
		}
		if out, err = warningRow(ctx, tx, in.ID); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: out.stream(), By: in.By, What: "credit_warning.looked_at", Data: map[string]any{
			"request": out.CreditRequestID, "number": out.Number, "warning": out.ID, "rule": out.Rule, "note": out.LookNote,
		}})
	})
	return out, err
}

// signedBy tells whether somebody decided about the request, or somebody else did for them.
func (w WarningRow) signedBy(user int64) bool { return slices.Contains(w.Signers, user) }

// SettledBy tells whether somebody may say what they found: neither the requester nor who signed.
func (w WarningRow) SettledBy(user int64) bool { return w.RequesterID != user && !w.signedBy(user) }

func warningRow(ctx context.Context, r db.Reader, id int64) (WarningRow, error) {
	found, err := db.One[WarningRow](ctx, r, warningRows+` where w.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return found, ErrNoWarning
	}
	if err != nil {
		return found, fmt.Errorf("read warning: %w", err)
	}
	return found, nil
}

// stream is where its events go: to the case of its request, or to the books of the legal entity.
func (w WarningRow) stream() audit.Stream {
	if w.CaseID != nil {
		return audit.Case(*w.CaseID)
	}
	return audit.Books(int64(w.EntityID))
}
