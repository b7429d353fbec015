package cases

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/cases/letters"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// MacroID names a macro.
type MacroID int64

// Macro is what somebody writes and does again and again: a text with variables, what becomes of the case with it, or both. A
// shared one is everybody's to use.
type Macro struct {
	ID        MacroID
	OwnerID   int64
	OwnerName string
	Shared    bool
	Folder    string
	Name      string
	Kind      MessageKind // what Body becomes: PublicReply or Note
	Body      string
	Does      MacroDoes
	CreatedAt time.Time
	Version   int
}

// Who a macro gives a case to, beside somebody named by id.
const (
	AssignMe     = "me" // whoever uses it
	AssignNobody = "nobody"
)

// MacroDoes is what becomes of a case with a macro: Status "open", "resolved" or "waiting:" and on whom; Assign AssignMe,
// AssignNobody or a user's id; Tags are put on; FollowUp puts the case off. What is empty stays as it is.
type MacroDoes struct {
	Status   string   `json:"status,omitempty"`
	Assign   string   `json:"assign,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	FollowUp int      `json:"follow_up,omitempty"` // in so many days, at nine in the morning of the legal entity
}

// Nothing tells that the case stays as it is.
func (d MacroDoes) Nothing() bool {
	return d.Status == "" && d.Assign == "" && len(d.Tags) == 0 && d.FollowUp == 0
}

// SaveMacroInput keeps a new macro (ID 0), or changes one as it is in Version.
type SaveMacroInput struct {
	By      access.Actor
	ID      MacroID
	Version int
	Shared  bool
	Folder  string
	Name    string
	Kind    MessageKind
	Body    string
	Does    MacroDoes
}

// How many macros one person keeps, and how many are shown to choose from.
const (
	maxMacros   = 200
	shownMacros = 400
)

// What macros refuse.
var (
	ErrNoMacro        = errs.New(errs.NotFound, "macro.no_macro")
	ErrSameMacro      = errs.New(errs.Conflict, "macro.same_name")
	ErrMacroVariables = errs.New(errs.Invalid, "macro.empty_variables")
)

// MacroVariables are what the text of a macro may use. Amounts are those of the case's dispute lines and credits as the books
// have them; an amount that is typed is refused.
func MacroVariables() []letters.Variable {
	return []letters.Variable{
		{Name: "name", Explained: "Name of whom a reply goes to"},
		{Name: "customer", Explained: "Name of the customer"},
		{Name: "account", Explained: "Account number of the customer"},
		{Name: "number", Explained: "Number of the case"},
		{Name: "subject", Explained: "Subject of the case"},
		{Name: "invoices", Explained: "Numbers of the linked invoices"},
		{Name: "disputed", Explained: "Amount in dispute, with its currency"},
		{Name: "approved", Explained: "Sum of the credits that are approved and not posted yet"},
		{Name: "credited", Explained: "Sum of the credits that are posted"},
		{Name: "entity", Explained: "Name of the legal entity that writes"},
		{Name: "agent", Explained: "Your name"},
	}
}

// tidy takes out what nobody meant to write.
func (in *SaveMacroInput) tidy() {
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	in.Folder, in.Name, in.Body = words(in.Folder), words(in.Name), strings.TrimSpace(in.Body)
	tags := make([]string, 0, len(in.Does.Tags))
	for _, tag := range in.Does.Tags {
		if tag = strings.ToLower(strings.TrimSpace(tag)); tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	in.Does.Tags = tags
}

func (in SaveMacroInput) check() error {
	if err := access.Can(in.By, access.WorkCases, access.Object{}); err != nil {
		return err
	}
	if in.Shared {
		if err := access.Can(in.By, access.AssignOthers, access.Object{}); err != nil {
			return err
		}
	}
	var wrong []errs.Field
	add := func(bad bool, name, key string) {
		if bad {
			wrong = append(wrong, errs.Field{Name: name, Key: key})
		}
	}
	add(in.Name == "" || utf8.RuneCountInString(in.Name) > 60, "name", "macro.needs_name")
	add(utf8.RuneCountInString(in.Folder) > 60, "folder", "macro.long_folder")
	add(in.Kind != PublicReply && in.Kind != Note, "kind", "case.unknown_kind")
	add(in.Body == "" && in.Does.Nothing(), "body", "macro.does_nothing")
	if problem := checkMacroBody(in.Body); problem != nil {
		problem.Name = "body"
		wrong = append(wrong, *problem)
	}
	wrong = append(wrong, in.Does.check()...)
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// checkMacroBody is the letters' checker, and no amount that would be the same in every case.
func checkMacroBody(body string) *errs.Field {
	if problem := letters.CheckPassage(body, MacroVariables()); problem != nil {
		return problem
	}
	for _, sentence := range sentences(body) {
		if found := amountsIn(sentence); len(found) > 0 {
			return &errs.Field{Key: "macro.typed_amount", Params: errs.Params{"amount": found[0].String()}}
		}
	}
	return nil
}

func (d MacroDoes) check() []errs.Field {
	var wrong []errs.Field
	if d.Status != "" {
		if _, _, ok := statusOf(d.Status); !ok {
			wrong = append(wrong, errs.Field{Name: "status", Key: "case.unknown_status"})
		}
	}
	if d.Assign != "" && d.Assign != AssignMe && d.Assign != AssignNobody {
		if _, err := strconv.ParseInt(d.Assign, 10, 64); err != nil {
			wrong = append(wrong, errs.Field{Name: "assign", Key: "case.no_such_person"})
		}
	}
	if d.FollowUp < 0 || d.FollowUp > 365 {
		wrong = append(wrong, errs.Field{Name: "follow_up", Key: "follow_up.not_ahead"})
	}
	if d.FollowUp > 0 && d.Status == string(StatusResolved) {
		wrong = append(wrong, errs.Field{Name: "follow_up", Key: "macro.resolved_comes_back"})
	}
	for _, tag := range d.Tags {
		if !goodTag(tag) {
			wrong = append(wrong, errs.Field{Name: "tags", Key: "macro.bad_tag"})
			break
		}
	}
	return wrong
}

// mayPutOff is what stands against the follow-up in a case: once the status has moved, there must be work to come back for.
func (d MacroDoes) mayPutOff(c Case) error {
	active := d.Status == string(StatusOpen) || c.Status.Active() && d.Status != string(StatusResolved)
	if d.FollowUp == 0 || active {
		return nil
	}
	return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", c.Number)
}

// to is whom a case is given to by an actor, nil for nobody.
func (d MacroDoes) to(by access.Actor) *int64 {
	if d.Assign == AssignMe {
		return userID(by)
	}
	return numberOrNil(d.Assign)
}

func goodTag(tag string) bool {
	return tag != "" && tag == strings.ToLower(strings.TrimSpace(tag)) && utf8.RuneCountInString(tag) <= 40 && !strings.Contains(tag, ",")
}
