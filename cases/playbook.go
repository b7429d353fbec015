package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// PlaybookText says how a claim is worked, in Markdown. A part may be empty.
type PlaybookText struct {
	Checks   string `yaml:"check,omitempty"`    // what to check
	Asks     string `yaml:"ask,omitempty"`      // what to ask the customer for
	Evidence string `yaml:"evidence,omitempty"` // what a credit needs
	Offers   string `yaml:"offer,omitempty"`    // what to offer
}

// Leveled is the text as it is kept.
func (t PlaybookText) Leveled() PlaybookText {
	level := func(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }
	return PlaybookText{Checks: level(t.Checks), Asks: level(t.Asks), Evidence: level(t.Evidence), Offers: level(t.Offers)}
}

// Empty tells that it says nothing.
func (t PlaybookText) Empty() bool { return t == PlaybookText{} }

// Playbook is a version of how claims of a reason, cases of a type, or claims of a reason in cases of a type are worked. The one with the
// highest number is in force; an empty one is none.
type Playbook struct {
	CaseType    Type   // "" for cases of every type
	Reason      string // "" for whatever is claimed
	ReasonName  string
	Number      int
	CreatedName string
	CreatedAt   time.Time

	PlaybookText
}

const longestPlaybook = 5000

// ErrStalePlaybook is refused when somebody else was quicker.
var ErrStalePlaybook = errs.New(errs.Conflict, "playbook.stale")

const playbookColumns = `coalesce(p.case_type, '') as case_type, coalesce(p.reason_code, '') as reason, coalesce(r.name, '') as reason_name, p.number,
	p.created_name, p.created_at, p.checks, p.asks, p.evidence, p.offers`

// PlaybooksQuery reads the playbooks in force for the case $1 of the type $2 that is sorted under $3: of its type, and of each reason that is
// claimed in it or that it is about.
const PlaybooksQuery = `select distinct on (coalesce(p.case_type, ''), coalesce(p.reason_code, '')) ` + playbookColumns + `
	from playbooks p left join reason_codes r on r.code = p.reason_code
	where (p.case_type is null or p.case_type = $2)
		and (p.reason_code is null or p.reason_code = $3 or p.reason_code in (select reason_code from dispute_lines where case_id = $1))
	order by coalesce(p.case_type, ''), coalesce(p.reason_code, ''), p.number desc limit 40`

// Playbooks are all those in force that say something, by reason and type.
func (s *Service) Playbooks(ctx context.Context, by access.Actor) ([]Playbook, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Playbook](ctx, s.db, `select distinct on (coalesce(p.reason_code, ''), coalesce(p.case_type, '')) `+playbookColumns+`
		from playbooks p left join reason_codes r on r.code = p.reason_code order by coalesce(p.reason_code, ''), coalesce(p.case_type, ''), p.number desc`)
	if err != nil {
		return nil, fmt.Errorf("read playbooks: %w", err)
	}
	return slices.DeleteFunc(list, func(p Playbook) bool { return p.Empty() }), nil
}

// PlaybookOf is the one in force for a type and a reason, also when it says nothing; Number 0 is none.
func (s *Service) PlaybookOf(ctx context.Context, t Type, reason string, by access.Actor) (Playbook, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return Playbook{}, err
	}
	return playbookInForce(ctx, s.db, t, reason)
}

func playbookInForce(ctx context.Context, r db.Reader, t Type, reason string) (Playbook, error) {
	p, err := db.One[Playbook](ctx, r, `select `+playbookColumns+` from playbooks p left join reason_codes r on r.code = p.reason_code
		where coalesce(p.case_type, '') = $1 and coalesce(p.reason_code, '') = $2 order by p.number desc limit 1`, t, reason)
	if errors.Is(err, db.ErrNoRow) {
		return Playbook{CaseType: t, Reason: reason}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read playbook: %w", err)
	}
	return p, nil
}

// PlaybooksFor are those for a case, as read by PlaybooksQuery, that are to be shown: what says nothing is left out, and so is what is for a
// reason in general where there is one for it in cases of this type. Those of reasons come before that of the type.
func PlaybooksFor(read []Playbook) []Playbook {
	own := map[string]bool{}
	for _, p := range read {
		own[p.Reason] = own[p.Reason] || p.CaseType != "" && p.Reason != "" && !p.Empty()
	}
	var list []Playbook
	for _, p := range read {
		if !p.Empty() && (p.CaseType != "" || !own[p.Reason]) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b Playbook) int {
		if (a.Reason == "") != (b.Reason == "") {
			return strings.Compare(b.Reason, a.Reason)
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return list
}

// CasePlaybooks are those to be shown beside a case. The caller has asked for the case.
func (s *Service) CasePlaybooks(ctx context.Context, r db.Reader, c Case) ([]Playbook, error) {
	list, err := db.List[Playbook](ctx, r, PlaybooksQuery, c.ID, c.Type, c.Topic)
	if err != nil {
		return nil, fmt.Errorf("read playbooks of case: %w", err)
	}
	return PlaybooksFor(list), nil
}

// PlaybookInput is a playbook in new words. Base is the number of the version it was begun from; a text without a word ends it.
type PlaybookInput struct {
	By       access.Actor
	CaseType Type
	Reason   string
	Base     int

	PlaybookText
}

// SavePlaybook puts a new version in force, beside all cases it is for. ErrStalePlaybook when somebody else was quicker.
func (s *Service) SavePlaybook(ctx context.Context, in PlaybookInput) (Playbook, error) {
	if err := access.Can(in.By, access.ManagePlaybooks, access.Object{}); err != nil {
		return Playbook{}, err
	}
	if err := in.check(); err != nil {
		return Playbook{}, err
	}
	var kept Playbook
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		was, err := playbookInForce(ctx, tx, in.CaseType, in.Reason)
		if err != nil {
			return err
		}
		if was.Number != in.Base {
			return ErrStalePlaybook
		}
		if _, err := tx.Exec(ctx, `insert into playbooks (case_type, reason_code, number, checks, asks, evidence, offers, created_by, created_name, created_at)
			values (nullif($1, ''), nullif($2, ''), $3, $4, $5, $6, $7, $8, $9, $10)`,
			string(in.CaseType), in.Reason, was.Number+1, in.Checks, in.Asks, in.Evidence, in.Offers, in.By.UserID, in.By.Name, tx.Now()); err != nil {
			return err
		}
		if kept, err = playbookInForce(ctx, tx, in.CaseType, in.Reason); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "playbook.saved", Data: map[string]any{
			"type": in.CaseType, "reason": in.Reason, "number": kept.Number, "check": in.Checks, "ask": in.Asks, "evidence": in.Evidence, "offer": in.Offers,
		}})
	})
	switch {
	case db.Violates(err, "playbooks_version"):
		return Playbook{}, ErrStalePlaybook
	case db.Violates(err, "playbooks_reason_code_fkey"):
		return Playbook{}, errs.InvalidField("reason", "case.unknown_reason", "reason", in.Reason)
	}
	return kept, err
}

// check levels the text and refuses what is wrong with it.
func (in *PlaybookInput) check() error {
	var wrong []errs.Field
	if in.CaseType != "" && !slices.Contains(Types(), in.CaseType) {
		wrong = append(wrong, errs.Field{Name: "type", Key: "case.unknown_type"})
	}
	if in.CaseType == "" && in.Reason == "" {
		wrong = append(wrong, errs.Field{Name: "reason", Key: "playbook.for_what"})
	}
	in.PlaybookText = in.Leveled()
	for _, part := range [][2]string{{"check", in.Checks}, {"ask", in.Asks}, {"evidence", in.Evidence}, {"offer", in.Offers}} {
		if utf8.RuneCountInString(part[1]) > longestPlaybook {
			wrong = append(wrong, errs.Field{Name: part[0], Key: "playbook.long_text", Params: errs.Params{"most": strconv.Itoa(longestPlaybook)}})
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}
