package reports

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting"
	"makegood/cases/survey"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/blob"
	"makegood/internal/db"
)

// How much of a long story one read brings; the rest is fetched when somebody asks for it.
const (
	messagesShown = 80
	eventsShown   = 240
	mailsShown    = 20
)

// CaseFiles reads a case with everything its screen shows, in a fixed number of round trips however much the case holds.
type CaseFiles struct {
	db      *db.DB
	files   *blob.Store
	cases   *cases.Service
	billing *billing.Service

	promises promises
}

// CaseFiles makes the reader; clocks are explained by cases, positions added up by billing.
func (s *Service) CaseFiles(c *cases.Service, b *billing.Service) *CaseFiles {
	return &CaseFiles{db: s.db, files: s.files, cases: c, billing: b, promises: promises{byID: map[int64]promise{}}}
}

// CaseFile is a case with its conversation, money, clocks and customer.
type CaseFile struct {
	CaseHead
	Messages     []FileMessage // oldest first, the last messagesShown
	Before       Before        // where what is older goes on
	Events       []audit.Row   // oldest first, the last eventsShown
	Invoices     []FileInvoice
	Disputes     []FileDispute
	Credits      []FileCredit
	Clocks       []cases.ClockView
	Position     *billing.Position // nil while nobody knows the customer
	Participants []cases.Participant
	Recipient    []struct{ Address string } // whom a reply goes to; empty when there is nobody to answer
	Warnings     []cases.Warning
	Watchers     []cases.Watcher
	Fields       []cases.FieldValue // the company's own
	Links        []cases.LinkedCase // that the reader may see
	Sorting      []sorting.Sorting  // how its first message was sorted; empty when a person opened it
	Said         []sorting.Said     // what a person said last about its topic
	Survey       []FileSurvey       // the question how it went; empty while nobody looked whether to ask
	Tags         []string
	Points       []cases.CasePoint   // its checklist
	Playbooks    []cases.Playbook    // as PlaybooksQuery reads them
	Drafts       []cases.Draft       // of the reader
	DraftFiles   []cases.DraftFile   // of the reader
	Dead         []inbox.DeadAddress // of those who take part: mail to them is stopped
	Mails        []FileMail          // that went out, the newest first, the last mailsShown
	Others       []OtherCase         // open ones of the same customer
	ClosedBefore int                 // of the same customer, in the last 12 months
	Reasons      []cases.Reason
	RootCauses   []cases.RootCause
	Colleagues   []Colleague
	Teams        []TeamName
	ReadAt       time.Time
}

// TeamName is a team a case can be with.
type TeamName struct {
	ID   int64
	Name string
}

// CaseHead is a case with the names behind its references.
type CaseHead struct {
	cases.Case
	CustomerName  string
	Account       string
	Tier          string
	CustomerKind  string
	TermsDays     int
	ParentName    string
	EntityName    string
	FromAddress   string
	AssigneeName  string
	TeamName      string
	RootCause     string
	UpstreamOwner string
	PolicyName    string
	PolicyVersion int
	CalendarName  string
	FollowsNumber string
	MergedNumber  string
}

// FileMessage is a message with what became of it on its way out.
type FileMessage struct {
	ID                cases.MessageID
	Kind              cases.MessageKind
	AuthorKind        cases.AuthorKind
	AuthorName        string
	AuthorAddress     string
	Recipients        []string
	Subject           string
	Body              string
	More              bool // the whole text holds more than Body
	Language          string
	Trust             cases.Trust
	Machine           bool
	Apart             bool // its sender takes no part
	Formatted         bool // has a part in HTML
	InboundMessageID  *int64
	OutgoingMessageID *int64
	OutgoingState     string
	OutgoingError     string
	NotBefore         *time.Time
	SentAt            *time.Time
	At                time.Time

	Files []MessageFile `db:"-"`
}

// MessageFile is a file of a message.
type MessageFile struct {
	MessageID cases.MessageID
	Position  int
	Filename  string
	MediaType string
	Size      int64
	Inline    bool
}

// FileSurvey is whether the customer was asked how the case went, and the answer.
type FileSurvey struct {
	LeftOut    survey.LeftOut
	Name       string // of who was asked; "" for nobody and once it is erased
	Address    string
	SettledAt  time.Time
	ExpiresAt  *time.Time
	Score      *int
	Comment    string
	AnsweredAt *time.Time
	ChangedAt  *time.Time
}

// OtherCase is another case of the same customer.
type OtherCase struct {
	Number  string
	Subject string
	Status  cases.Status
}

// ManyOpen is where it no longer matters how many cases somebody has open.
const ManyOpen = 100

// Colleague is somebody a case can be given to.
type Colleague struct {
	ID    int64
	Name  string
	Away  bool
	Team  string
	Open  int // cases they have open; from ManyOpen on it is not counted further
	Roles []string
}

// Find reads the case of a number for somebody who may see it; cases.ErrNoCase also for one they may not.
func (f *CaseFiles) Find(ctx context.Context, number string, by access.Actor) (CaseHead, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return CaseHead{}, err
	}
	head, err := db.One[CaseHead](ctx, f.db.Keyed(), `select c.*, coalesce(cu.name, '') as customer_name, coalesce(cu.account, '') as account,
			coalesce(cu.tier, '') as tier, coalesce(cu.kind, '') as customer_kind, coalesce(cu.terms_days, 0) as terms_days,
			coalesce(pa.name, '') as parent_name, coalesce(e.name, '') as entity_name, coalesce(e.support_address, '') as from_address,
			coalesce(u.name, '') as assignee_name, coalesce(t.name, '') as team_name, coalesce(rc.name, '') as root_cause,
			coalesce(rc.upstream_owner, '') as upstream_owner, coalesce(p.name, '') as policy_name, coalesce(p.version, 0) as policy_version,
			coalesce(k.name, '') as calendar_name, coalesce(fo.number, '') as follows_number, coalesce(me.number, '') as merged_number
		from cases c
		left join customers cu on cu.id = c.customer_id left join customers pa on pa.id = cu.parent_id
		left join legal_entities e on e.id = c.entity_id left join users u on u.id = c.assignee_id left join teams t on t.id = c.team_id
		left join root_causes rc on rc.id = c.root_cause_id left join sla_policies p on p.id = c.policy_id left join calendars k on k.id = p.calendar_id
		left join cases fo on fo.id = c.follows_id left join cases me on me.id = c.merged_into
		where c.number = $1`, strings.ToUpper(strings.TrimSpace(number)))
	if errors.Is(err, db.ErrNoRow) {
		return CaseHead{}, cases.ErrNoCase
	}
	if err != nil {
		return CaseHead{}, fmt.Errorf("read case: %w", err)
	}
	if head.EntityID != nil && !by.SeesEntity(int64(*head.EntityID)) {
		return CaseHead{}, cases.ErrNoCase
	}
	return head, nil
}

// CaseFile reads the case of a number with everything its screen shows.
func (f *CaseFiles) CaseFile(ctx context.Context, number string, by access.Actor) (CaseFile, error) {
	head, err := f.Find(ctx, number, by)
	if err != nil {
		return CaseFile{}, err
	}
	file := CaseFile{CaseHead: head, ReadAt: f.db.Now()}
	if err := f.parts(ctx, &file, by); err != nil {
		return CaseFile{}, err
	}
	if file.Clocks, err = f.cases.Clocks(ctx, f.db, head.ID); err != nil {
		return CaseFile{}, fmt.Errorf("read clocks: %w", err)
	}
	if head.CustomerID == nil {
		return file, nil
	}
	position, err := f.billing.Position(ctx, f.db, *head.CustomerID)
	if err != nil {
		return CaseFile{}, fmt.Errorf("read position: %w", err)
	}
	file.Position = &position
	return file, nil
}

// Undecided counts what is left to decide: dispute lines still open or under review.
func (f CaseFile) Undecided() int {
	n := 0
	for _, d := range f.Disputes {
		if !d.Status.Decided() {
			n++
		}
	}
	return n
}

// HeldOn is the amount in dispute, including tax, on one invoice.
func (f CaseFile) HeldOn(id billing.InvoiceID) decimal.Decimal {
	sum := decimal.Zero
	for _, d := range f.Disputes {
		if d.InvoiceID == id && !d.Status.Decided() {
			sum = sum.Add(d.Contested)
		}
	}
	return sum
}
