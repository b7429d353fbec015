package cases

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/cases/letters"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ReasonBook is what claims and credits are sorted by: reasons, which customers read, and root causes, which they do not. It is also
// the form of the file they travel in.
type ReasonBook struct {
	Reasons    []ReasonEntry `yaml:"reasons,omitempty"     json:"reasons,omitempty"     maxItems:"500"`
	RootCauses []CauseEntry  `yaml:"root_causes,omitempty" json:"root_causes,omitempty" maxItems:"500"`
}

// ReasonEntry is a reason as it is kept. Its code never changes and is never given to another. Version is counted up by every change;
// when keeping, 0 takes whatever there is.
type ReasonEntry struct {
	Code     string            `yaml:"code"               json:"code"               doc:"small letters, digits and low lines; it never changes"`
	Name     string            `yaml:"name"               json:"name"               doc:"at the desk, and for customers whose language has no wording"`
	CaseType Type              `yaml:"type"               json:"type"               enum:"inquiry,dispute,concession,cancellation,refund,remittance" doc:"of a case about it"`
	Wordings map[string]string `yaml:"wordings,omitempty" json:"wordings,omitempty" doc:"what customers read, by language: de, zh-Hans, ja, pt"`
	Position int               `yaml:"position,omitempty" json:"position,omitempty" doc:"its place in lists; without it the one it has, or the last"   minimum:"0" maximum:"10000"`
	Retired  bool              `yaml:"retired,omitempty"  json:"retired,omitempty"  doc:"offered no more; what carries it keeps it"`
	Version  int               `yaml:"-"                  json:"version,omitempty"  doc:"as it was read; a stale one is refused with 409; without it whatever there is"`
}

// CauseEntry is a root cause as it is kept; code and version are a reason's.
type CauseEntry struct {
	Code          string `yaml:"code"              json:"code"`
	Name          string `yaml:"name"              json:"name"`
	UpstreamOwner string `yaml:"owner"             json:"owner"             doc:"who upstream mends it"`
	Retired       bool   `yaml:"retired,omitempty" json:"retired,omitempty"`
	Version       int    `yaml:"-"                 json:"version,omitempty"`
}

// ReasonChange is what became of a code: added, changed, retired or taken up.
type ReasonChange struct {
	Of   string `json:"of"   enum:"reason,root_cause"`
	Code string `json:"code"`
	What string `json:"what" enum:"added,changed,retired,taken_up"`
}

// KeepReasonsInput keeps the entries of a book; codes that it does not name stay as they are. New refuses codes that are there
// already. DryRun keeps nothing.
type KeepReasonsInput struct {
	By     access.Actor
	Book   ReasonBook
	New    bool
	DryRun bool
}

// What is refused about reasons and root causes.
var (
	ErrNoReason    = errs.New(errs.NotFound, "reasons.no_reason")
	ErrReasonTaken = errs.New(errs.Conflict, "reasons.code_taken")
	ErrReasonMoved = errs.New(errs.Conflict, "reasons.changed_meanwhile")
)

//go:embed starter_reasons.yaml
var starterReasons []byte

// StarterReasons are reasons and root causes of a billing desk to begin with, with what customers read in every language.
func StarterReasons() (ReasonBook, error) { return ReadReasonBook(starterReasons) }

// ReasonBook reads all there are, in their order, also those that are retired.
func (s *Service) ReasonBook(ctx context.Context, by access.Actor) (ReasonBook, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return ReasonBook{}, err
	}
	return reasonBook(ctx, s.db, "")
}

func reasonBook(ctx context.Context, r db.Reader, locked string) (ReasonBook, error) {
	var b ReasonBook
	var err error
	if b.Reasons, err = db.List[ReasonEntry](ctx, r, `select code, name, case_type, wordings, position, not active as retired, version
		from reason_codes order by position, code`+locked); err != nil {
		return b, fmt.Errorf("read reasons: %w", err)
	}
	if b.RootCauses, err = db.List[CauseEntry](ctx, r, `select code, name, upstream_owner, not active as retired, version
		from root_causes order by name, code`+locked); err != nil {
		return b, fmt.Errorf("read root causes: %w", err)
	}
	return b, nil
}

// AddStarterReasons keeps those of the starter set whose codes are not there yet.
func (s *Service) AddStarterReasons(ctx context.Context, by access.Actor, dryRun bool) ([]ReasonChange, error) {
	starter, err := StarterReasons()
	if err != nil {
		return nil, err
	}
	there, err := s.ReasonBook(ctx, by)
	if err != nil {
		return nil, err
	}
	starter.Reasons = slices.DeleteFunc(starter.Reasons, func(e ReasonEntry) bool { return there.reason(e.Code) != nil })
	starter.RootCauses = slices.DeleteFunc(starter.RootCauses, func(e CauseEntry) bool { return there.cause(e.Code) != nil })
	for n := range starter.Reasons {
		starter.Reasons[n].Position = 0 // behind those there are
	}
	return s.KeepReasons(ctx, KeepReasonsInput{By: by, Book: starter, New: true, DryRun: dryRun})
}

// KeepReasons adds what is not there and changes what is, all or nothing, and answers what differs; each is an audit row. A code is
// retired and taken up again, never deleted. It refuses stale versions (ErrReasonMoved) and, with New, codes that are there (ErrReasonTaken).
func (s *Service) KeepReasons(ctx context.Context, in KeepReasonsInput) ([]ReasonChange, error) {
	in.Book = in.Book.tidied()
	if err := access.Can(in.By, access.ManageReasons, access.Object{}); err != nil {
		return nil, err
	}
	if err := in.Book.check(); err != nil {
		return nil, err
	}
	var changes []ReasonChange
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		there, err := reasonBook(ctx, tx, ` for update`)
		if err != nil {
			return err
		}
		if changes, err = keepReasonsTx(ctx, tx, in, there); err != nil {
			return err
		}
		causes, err := keepCausesTx(ctx, tx, in, there)
		changes = append(changes, causes...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// keepReasonsTx keeps the reasons of a book over those there are.
func keepReasonsTx(ctx context.Context, tx *db.Tx, in KeepReasonsInput, there ReasonBook) ([]ReasonChange, error) {
	changes, last := []ReasonChange{}, 0
	for _, e := range there.Reasons {
		last = max(last, e.Position)
	}
	for _, e := range in.Book.Reasons {
		was := there.reason(e.Code)
		if e.Position == 0 && was != nil {
			e.Position = was.Position
		} else if e.Position == 0 {
			e.Position = last + 1
		}
		last = max(last, e.Position)
		what, err := fate(in.New, was, e, ErrReasonTaken, ErrReasonMoved)
		if err == nil && what != "" && !in.DryRun {
			err = keepReasonTx(ctx, tx, in.By, what, was, e)
		}
		if err != nil {
			return nil, err
		}
		if what != "" {
			changes = append(changes, ReasonChange{Of: "reason", Code: e.Code, What: what})
		}
	}
	return changes, nil
}

// keepCausesTx is keepReasonsTx of the root causes.
func keepCausesTx(ctx context.Context, tx *db.Tx, in KeepReasonsInput, there ReasonBook) ([]ReasonChange, error) {
	changes := []ReasonChange{}
	for _, e := range in.Book.RootCauses {
		was := there.cause(e.Code)
		what, err := fate(in.New, was, e, ErrReasonTaken, ErrReasonMoved)
		if err == nil && what != "" && !in.DryRun {
			err = keepCauseTx(ctx, tx, in.By, what, was, e)
		}
		if err != nil {
			return nil, err
		}
		if what != "" {
			changes = append(changes, ReasonChange{Of: "root_cause", Code: e.Code, What: what})
		}
	}
	return changes, nil
}

// entry is what a company keeps by a code: never deleted, retired and taken up again, with a version counted up by every change.
type entry[E any] interface {
	facts() (code string, retired bool, version int)
	same(E) bool
}

// fate is what becomes of an entry, "" when nothing differs. A code that is there already is refused as taken, a stale version as moved.
func fate[E entry[E]](isNew bool, was *E, e E, taken, moved *errs.Error) (string, error) {
	if was == nil {
		return "added", nil
	}
	code, retired, version := e.facts()
	_, wasRetired, now := (*was).facts()
	switch {
	case isNew:
		return "", errs.New(taken.Kind, taken.Key, "code", code)
	case version != 0 && version != now:
		return "", errs.New(moved.Kind, moved.Key, "code", code)
	case retired && !wasRetired:
		return "retired", nil
	case !retired && wasRetired:
		return "taken_up", nil
	case (*was).same(e):
		return "", nil
	}
	return "changed", nil
}

func (e ReasonEntry) facts() (code string, retired bool, version int) {
	return e.Code, e.Retired, e.Version
}

func (e ReasonEntry) same(o ReasonEntry) bool {
	return e.Name == o.Name && e.CaseType == o.CaseType && e.Position == o.Position && maps.Equal(e.Wordings, o.Wordings)
}

func (e CauseEntry) facts() (code string, retired bool, version int) {
	return e.Code, e.Retired, e.Version
}

func (e CauseEntry) same(o CauseEntry) bool {
	return e.Name == o.Name && e.UpstreamOwner == o.UpstreamOwner
}

func keepReasonTx(ctx context.Context, tx *db.Tx, by access.Actor, what string, was *ReasonEntry, e ReasonEntry) error {
	query := `update reason_codes set name = $2, case_type = $3, wordings = $4, position = $5, active = $6, version = version + 1 where code = $1`
	if was == nil {
		query = `insert into reason_codes (code, name, case_type, wordings, position, active) values ($1, $2, $3, $4, $5, $6)`
	}
	if _, err := tx.Exec(ctx, query, e.Code, e.Name, e.CaseType, e.Wordings, e.Position, !e.Retired); err != nil {
		if db.Violates(err, "reason_codes_pkey") { // somebody added it at the same moment
			return errs.New(ErrReasonTaken.Kind, ErrReasonTaken.Key, "code", e.Code)
		}
		return fmt.Errorf("keep reason %s: %w", e.Code, err)
	}
	e.Version = 0
	return noteReasonTx(ctx, tx, by, "reason."+what, map[string]any{"code": e.Code, "was": was, "is": e})
}

func keepCauseTx(ctx context.Context, tx *db.Tx, by access.Actor, what string, was *CauseEntry, e CauseEntry) error {
	query := `update root_causes set name = $2, upstream_owner = $3, active = $4, version = version + 1 where code = $1`
	if was == nil {
		query = `insert into root_causes (code, name, upstream_owner, active) values ($1, $2, $3, $4)`
	}
	if _, err := tx.Exec(ctx, query, e.Code, e.Name, e.UpstreamOwner, !e.Retired); err != nil {
		if db.Violates(err, "root_causes_code_key") {
			return errs.New(ErrReasonTaken.Kind, ErrReasonTaken.Key, "code", e.Code)
		}
		return fmt.Errorf("keep root cause %s: %w", e.Code, err)
	}
	e.Version = 0
	return noteReasonTx(ctx, tx, by, "root_cause."+what, map[string]any{"code": e.Code, "was": was, "is": e})
}

func noteReasonTx(ctx context.Context, tx *db.Tx, by access.Actor, what string, data map[string]any) error {
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: data}); err != nil {
		return fmt.Errorf("record %s: %w", what, err)
	}
	return nil
}

func (b ReasonBook) reason(code string) *ReasonEntry {
	if at := slices.IndexFunc(b.Reasons, func(e ReasonEntry) bool { return e.Code == code }); at >= 0 {
		return &b.Reasons[at]
	}
	return nil
}

func (b ReasonBook) cause(code string) *CauseEntry {
	if at := slices.IndexFunc(b.RootCauses, func(e CauseEntry) bool { return e.Code == code }); at >= 0 {
		return &b.RootCauses[at]
	}
	return nil
}

// codes are lower case, so that files of several systems agree, and never the word that a new one's page is called.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// tidied is the book without what nobody meant to write.
func (b ReasonBook) tidied() ReasonBook {
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	reasons, causes := slices.Clone(b.Reasons), slices.Clone(b.RootCauses)
	for n, e := range reasons {
		said := map[string]string{}
		for language, text := range e.Wordings {
			if text = words(text); text != "" {
				said[language] = text
			}
		}
		if e.CaseType == "" {
			e.CaseType = Dispute
		}
		e.Code, e.Name, e.Wordings = strings.TrimSpace(e.Code), words(e.Name), said
		reasons[n] = e
	}
	for n, e := range causes {
		e.Code, e.Name, e.UpstreamOwner = strings.TrimSpace(e.Code), words(e.Name), words(e.UpstreamOwner)
		causes[n] = e
	}
	return ReasonBook{Reasons: reasons, RootCauses: causes}
}

// check names each wrong field by its place: reasons.2.code; of a single entry by its name alone.
func (b ReasonBook) check() error {
	var wrong []errs.Field
	alone := len(b.Reasons)+len(b.RootCauses) == 1
	add := func(bad bool, list string, n int, name, key string) {
		if !bad {
			return
		}
		if !alone {
			name = fmt.Sprintf("%s.%d.%s", list, n, name)
		}
		wrong = append(wrong, errs.Field{Name: name, Key: key})
	}
	long := func(text string) bool { return text == "" || utf8.RuneCountInString(text) > 80 }
	seen := map[string]bool{}
	code := func(list string, n int, code string) {
		add(!codeForm.MatchString(code) || code == "new", list, n, "code", "reasons.bad_code")
		add(seen[list+code], list, n, "code", "reasons.twice")
		seen[list+code] = true
	}
	for n, e := range b.Reasons {
		code("reasons", n, e.Code)
		add(long(e.Name), "reasons", n, "name", "reasons.needs_name")
		add(!slices.Contains(Types(), e.CaseType), "reasons", n, "type", "reasons.unknown_type")
		add(e.Position < 0 || e.Position > 10000, "reasons", n, "position", "reasons.bad_position")
		for _, language := range slices.Sorted(maps.Keys(e.Wordings)) {
			add(!slices.Contains(ReasonLanguages(), language), "reasons", n, "wordings."+language, "reasons.unknown_language")
			add(long(e.Wordings[language]), "reasons", n, "wordings."+language, "reasons.long_wording")
		}
	}
	for n, e := range b.RootCauses {
		code("root_causes", n, e.Code)
		add(long(e.Name), "root_causes", n, "name", "reasons.needs_name")
		add(long(e.UpstreamOwner), "root_causes", n, "owner", "reasons.needs_owner")
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// ReasonLanguages are those that a reason may have a wording in beside its name.
func ReasonLanguages() []string {
	return slices.DeleteFunc(letters.Languages(), func(language string) bool { return language == "en" })
}
