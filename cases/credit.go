package cases

import (
	"context"
	"fmt"
	"maps"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// CreditMark is how far one credit request has come. Of Data, "total" (a decimal as text) and "currency" back what a
// reply may promise, unless "kind" (a billing.Kind) gives the customer no money.
type CreditMark struct {
	Request int64
	State   CreditState
	Data    map[string]any
}

// MarkCreditTx records on a case how far one credit request of any kind has come, so that cases need not ask upwards. Pending makes
// an active case wait for the approver; posted, rejected, withdrawn, expired, failed or asked back ends that, once no other
// request is on its way.
func (s *Service) MarkCreditTx(ctx context.Context, tx *db.Tx, id ID, mark CreditMark, by access.Actor) error {
	if mark.State == CreditNone {
		return errs.InvalidField("state", "case.unknown_credit_state")
	}
	_, err := s.changeTx(ctx, tx, id, by, func(w *work) error {
		credits, err := creditsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		return w.mark(credits, mark)
	})
	return err
}

// mark notes how far a request has come among all of the case.
func (w *work) mark(credits map[int64]credit, mark CreditMark) error {
	event := map[string]any{"request": mark.Request}
	maps.Copy(event, mark.Data)
	w.note("credit."+string(mark.State), event)
	now := credits[mark.Request]
	now.Request, now.State = mark.Request, mark.State
	if kind, ok := mark.Data["kind"].(billing.Kind); ok {
		now.Kind = kind
	}
	credits[mark.Request] = now
	w.c.CreditState = summary(credits)
	return w.awaitApprover(credits)
}

// awaitApprover makes the status follow the credits. What was asked back waits for its requester, so the case is theirs.
func (w *work) awaitApprover(credits map[int64]credit) error {
	asked := w.c.CreditState == CreditPending && !anyIs(credits, CreditPending)
	underway := !asked && (w.c.CreditState == CreditPending || w.c.CreditState == CreditApproved)
	waits := w.c.Status == StatusWaiting && w.c.WaitingOn == OnApprover
	switch {
	case underway && w.c.Status.Active() && !waits && w.c.CreditState == CreditPending:
		return w.move(StatusWaiting, OnApprover, nil)
	case !underway && waits:
		return w.move(StatusOpen, OnNobody, nil)
	}
	return nil
}

func anyIs(credits map[int64]credit, state CreditState) bool {
	for _, c := range credits {
		if c.State == state {
			return true
		}
	}
	return false
}

// credit is where one request stands, as the case's events tell.
type credit struct {
	Request  int64        `json:"request"`
	State    CreditState  `json:"-"`
	Total    string       `json:"total"`
	Currency string       `json:"currency"`
	Kind     billing.Kind `json:"kind"` // "" in events of the time when there were credits alone
}

// gives tells whether the customer gets money by it, so that a reply may name its amount.
func (c credit) gives() bool { return c.Kind == "" || c.Kind.Credits() || c.Kind == billing.RefundOut }

// creditRow is an event about a credit request as stored.
type creditRow struct {
	Stream string
	What   string
	Data   credit
}

const creditRowsQuery = `select stream, what, data from audit_log where stream = any ($1) and what like 'credit.%' order by stream, seq`

// creditsOf reads the last word on each request of a case.
func creditsOf(ctx context.Context, r db.Reader, id ID) (map[int64]credit, error) {
	rows, err := db.List[creditRow](ctx, r, creditRowsQuery, []string{string(audit.Case(int64(id)))})
	if err != nil {
		return nil, fmt.Errorf("read credits: %w", err)
	}
	return lastWords(rows), nil
}

func lastWords(rows []creditRow) map[int64]credit {
	credits := map[int64]credit{}
	for _, row := range rows {
		c := row.Data
		c.State = CreditState(row.What[len("credit."):])
		if before := credits[c.Request]; c.Total == "" {
			c.Total, c.Currency, c.Kind = before.Total, before.Currency, before.Kind
		}
		credits[c.Request] = c
	}
	return credits
}

// summary is the state kept on the case: what still has to happen comes before what has happened. A failed posting
// is still approved: it holds the case open until it is tried again or withdrawn. A posted reversal gave nothing.
func summary(credits map[int64]credit) CreditState {
	found := map[CreditState]bool{}
	for _, c := range credits {
		if c.State != CreditPosted || c.Kind != billing.Reverse {
			found[c.State] = true
		}
	}
	switch {
	case found[CreditPending], found[CreditReturned]:
		return CreditPending
	case found[CreditApproved], found[CreditFailed]:
		return CreditApproved
	case found[CreditPosted]:
		return CreditPosted
	}
	return CreditNone
}

// StepOpenedTx starts the clock of an approval step.
func (s *Service) StepOpenedTx(ctx context.Context, tx *db.Tx, id ID, stepID int64, by access.Actor) error {
	return s.step(ctx, tx, id, stepID, evStepOpened, by)
}

// StepDecidedTx stops the clock of an approval step, with its decision.
func (s *Service) StepDecidedTx(ctx context.Context, tx *db.Tx, id ID, stepID int64, by access.Actor) error {
	return s.step(ctx, tx, id, stepID, evStepDecided, by)
}

// StepVoidedTx cancels the clock of an approval step that will not be decided any more.
func (s *Service) StepVoidedTx(ctx context.Context, tx *db.Tx, id ID, stepID int64, by access.Actor) error {
	return s.step(ctx, tx, id, stepID, evStepVoided, by)
}

func (s *Service) step(ctx context.Context, tx *db.Tx, id ID, stepID int64, what string, by access.Actor) error {
	_, err := s.changeTx(ctx, tx, id, by, func(w *work) error {
		w.quiet = true
		w.note(what, map[string]any{"step": stepID})
		return nil
	})
	return err
}

// ResolveIfSettledTx resolves a case that has nothing left to do: every dispute line decided, a root cause set, credit
// posted and none on its way, its checklist done. Otherwise it leaves the case as it is.
func (s *Service) ResolveIfSettledTx(ctx context.Context, tx *db.Tx, id ID, by access.Actor) (resolved bool, err error) {
	_, err = s.changeTx(ctx, tx, id, by, func(w *work) error {
		lines, err := disputesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !settled(w.c, lines) {
			return nil
		}
		resolved = true
		return w.resolve("credited", map[string]any{"automatic": true})
	})
	return resolved && err == nil, err
}

func settled(c Case, lines []DisputeLine) bool {
	return c.Status.Active() && c.CreditState == CreditPosted && len(lines) > 0 && mayResolve(c, lines, "") == nil
}
