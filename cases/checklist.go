package cases

import (
	"context"
	"errors"
	"fmt"
	"regexp"
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

// Point is one thing to do with every case of a type. Its code stays the same over versions, so that a case that changes its type
// keeps what was done.
type Point struct {
	Code     string `json:"code"           yaml:"code,omitempty"`
	Text     string `json:"text"           yaml:"text"`
	Hint     string `json:"hint,omitempty" yaml:"hint,omitempty"`
	Required bool   `json:"required"       yaml:"required,omitempty"` // before the case is resolved
}

// Checklist is a version of what is to be done with cases of a type; the one with the highest number is in force. Number 0 is none.
type Checklist struct {
	CaseType    Type
	Number      int
	Points      []Point
	CreatedBy   int64
	CreatedName string
	CreatedAt   time.Time
}

// The bounds of a checklist.
const (
	mostPoints       = 30
	longestPoint     = 160
	longestPointHint = 300
)

// What checklists refuse.
var (
	ErrStaleChecklist = errs.New(errs.Conflict, "checklist.stale")
	ErrNoPoint        = errs.New(errs.NotFound, "checklist.no_point")
	ErrPointMoved     = errs.New(errs.Conflict, "checklist.point_moved")
	ErrUndonePoints   = errs.New(errs.Conflict, "case.undone_points")
)

// Checklists are those in force, one for each type of case in the types' order; a type without one has Number 0.
func (s *Service) Checklists(ctx context.Context, by access.Actor) ([]Checklist, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	found, err := db.List[Checklist](ctx, s.db, `select distinct on (case_type) * from checklists order by case_type, number desc`)
	if err != nil {
		return nil, fmt.Errorf("read checklists: %w", err)
	}
	list := make([]Checklist, 0, len(Types()))
	for _, t := range Types() {
		one := Checklist{CaseType: t}
		if at := slices.IndexFunc(found, func(c Checklist) bool { return c.CaseType == t }); at >= 0 {
			one = found[at]
		}
		list = append(list, one)
	}
	return list, nil
}

// ChecklistInput is a checklist in new words. Base is the number of the version it was begun from; no Points at all ends it.
type ChecklistInput struct {
	By       access.Actor
	CaseType Type
	Base     int
	Points   []Point
}

// SaveChecklist puts a new version in force, for cases that open or get this type from then on; those there are keep what they were
// given. A point without a code is a new one. ErrStaleChecklist when somebody else was quicker.
func (s *Service) SaveChecklist(ctx context.Context, in ChecklistInput) (Checklist, error) {
	if err := access.Can(in.By, access.ManagePlaybooks, access.Object{}); err != nil {
		return Checklist{}, err
	}
	if !slices.Contains(Types(), in.CaseType) {
		return Checklist{}, errs.InvalidField("type", "case.unknown_type")
	}
	points, err := LevelPoints(in.Points)
	if err != nil {
		return Checklist{}, err
	}
	var kept Checklist
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		base, err := checklistInForce(ctx, tx, in.CaseType)
		if err != nil {
			return err
		}
		if base.Number != in.Base {
			return ErrStaleChecklist
		}
		kept, err = db.One[Checklist](ctx, tx, `insert into checklists (case_type, number, points, created_by, created_name, created_at)
			values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning *`, in.CaseType, base.Number+1, points, in.By.UserID, in.By.Name, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrStaleChecklist
		}
		if err != nil {
			return fmt.Errorf("keep checklist: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "checklist.saved", Data: map[string]any{
			"type": in.CaseType, "number": kept.Number, "points": points, "was": base.Points,
		}})
	})
	return kept, err
}

func checklistInForce(ctx context.Context, r db.Reader, t Type) (Checklist, error) {
	c, err := db.One[Checklist](ctx, r, `select * from checklists where case_type = $1 order by number desc limit 1`, t)
	if errors.Is(err, db.ErrNoRow) {
		return Checklist{CaseType: t}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read checklist: %w", err)
	}
	return c, nil
}

// LevelPoints are points as they are kept: without what surrounds the words, new ones with a code. It refuses what is wrong with them.
func LevelPoints(list []Point) ([]Point, error) {
	if len(list) > mostPoints {
		return nil, errs.InvalidField("points", "checklist.many_points", "most", strconv.Itoa(mostPoints))
	}
	out := make([]Point, 0, len(list))
	var wrong []errs.Field
	texts, codes := map[string]bool{}, map[string]bool{}
	for i, p := range list {
		p.level()
		for stem, n := p.Code, 2; codes[p.Code]; n++ {
			p.Code = stem + "_" + strconv.Itoa(n)
		}
		wrong = append(wrong, p.wrong(fmt.Sprintf("points.%d.", i), texts)...)
		texts[strings.ToLower(p.Text)], codes[p.Code] = true, true
		out = append(out, p)
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return out, nil
}

var noPartOfCode = regexp.MustCompile(`[^a-z0-9]+`)

// level takes what surrounds the words away, and makes a code of the text where there is none.
func (p *Point) level() {
	p.Text, p.Hint = strings.Join(strings.Fields(p.Text), " "), strings.TrimSpace(p.Hint)
	if p.Code == "" {
		p.Code = p.Text
	}
	p.Code = strings.Trim(noPartOfCode.ReplaceAllString(strings.ToLower(p.Code), "_"), "_")
	if len(p.Code) > 60 {
		p.Code = strings.Trim(p.Code[:60], "_")
	}
	if p.Code == "" {
		p.Code = "point"
	}
}

// wrong are the faults of a point, each at its field; texts are those before it.
func (p *Point) wrong(at string, texts map[string]bool) []errs.Field {
	var wrong []errs.Field
	if n := utf8.RuneCountInString(p.Text); n == 0 || n > longestPoint || texts[strings.ToLower(p.Text)] {
		wrong = append(wrong, errs.Field{Name: at + "text", Key: "checklist.point_text", Params: errs.Params{"most": strconv.Itoa(longestPoint)}})
	}
	if utf8.RuneCountInString(p.Hint) > longestPointHint {
		wrong = append(wrong, errs.Field{Name: at + "hint", Key: "checklist.long_hint", Params: errs.Params{"most": strconv.Itoa(longestPointHint)}})
	}
	return wrong
}
