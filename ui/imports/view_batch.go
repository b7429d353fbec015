package imports

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// batchView is one import as it stands.
type batchView struct {
	ID                       billing.ImportID
	File, Sub, Show, Failure string
	Tag                      kit.TagView
	Refusal, ReasonError     string
	Planned, Moving, Whole   bool
	Percent                  int
	Progress                 string
	Bad, Fresh, Waiting      int64
	MayStart, MayDiscard     bool
	MayDecide                bool
	Signed                   string // by whom so far
	WhyNot                   string // why this person does not decide
	Approved                 string
	Shows                    []kit.Segment
	Rows                     []recordView
	NextURL                  string
	Upload                   billing.UploadID
}

// credits is how many wait, in words.
func (v batchView) credits() string {
	if v.Waiting == 1 {
		return i18n.T("1 credit waits for approval.")
	}
	return i18n.F("{waiting} credits wait for approval.", "waiting", strconv.FormatInt(v.Waiting, 10))
}

func (v batchView) base() string { return address(v.ID) }

// self is the address that the page fetches itself from again.
func (v batchView) self() string {
	if v.Show == "" {
		return v.base()
	}
	return v.base() + "?" + url.Values{"show": {v.Show}}.Encode()
}

// recordView is a record, or a row that became none.
type recordView struct {
	Row, Kind, Name, Detail, Href, Document string
	Tag                                     kit.TagView
	Reasons                                 []string
}

func (r reader) batch(b billing.ImportBatch, counts billing.ImportCounts, show string) batchView {
	v := batchView{
		ID: b.ID, File: b.Filename, Tag: stateTag(b.State), Show: show, Planned: b.State == billing.ImportPlanned, Whole: b.AllOrNothing,
		Moving: b.State == billing.ImportRunning || b.State == billing.ImportApproved || b.State == billing.ImportReading,
		Bad:    counts[billing.RowRejected] + counts[billing.RowFailed] + counts[billing.RowConflict], Fresh: counts[billing.RowNew],
		Waiting: counts[billing.RowWaiting],
	}
	who := b.CreatedName
	if who == "" {
		who = i18n.T("the command line")
	}
	v.Sub = i18n.F("{kind_name} of {system} · given by {who}, {when}", "kind_name", kindName(b.Kind), "system", b.System, "who", who, "when", r.when(b.CreatedAt))
	if b.Failure != nil {
		v.Failure = r.say(b.Failure.Key, b.Failure.Params)
		if b.Failure.Row > 0 {
			v.Failure = i18n.F("Row {row}: {failure}", "row", strconv.Itoa(b.Failure.Row), "failure", v.Failure)
		}
	}
	if n := len(b.Signers); n > 0 && b.ApprovedAt == nil {
		v.Signed = i18n.F("Signed by {n} so far; another signature is needed.", "n", strconv.Itoa(n))
	}
	if b.ApprovedAt != nil {
		v.Approved = i18n.F("Approved by {approved_name}, {when}", "approved_name", b.ApprovedName, "when", r.when(*b.ApprovedAt))
	}
	v.progress(counts)
	right := access.IssueInvoice
	if b.Kind == importer.Payments {
		right = access.RecordPayment
	}
	may := access.May(r.by, right)
	v.MayStart = may && v.Planned && v.Fresh > 0 && (!v.Whole || v.Bad == 0)
	v.MayDiscard = may && (v.Planned || b.State == billing.ImportFailed)
	r.decision(&v, b)
	v.segments(counts)
	return v
}

// progress is how much of what can come in has come in.
func (v *batchView) progress(counts billing.ImportCounts) {
	in := counts[billing.RowDone] + counts[billing.RowWaiting]
	all := in + counts[billing.RowNew] + counts[billing.RowApproved]
	if all > 0 {
		v.Percent = int(in * 100 / all)
	}
	v.Progress = i18n.F("{in} of {all} records", "in", strconv.FormatInt(in, 10), "all", strconv.FormatInt(all, 10))
}

// decision tells whether this person signs the credits off, and if not, why.
func (r reader) decision(v *batchView, b billing.ImportBatch) {
	if b.State != billing.ImportWaiting {
		return
	}
	switch {
	case !access.May(r.by, access.SignImports) || r.by.Assistant:
		v.WhyNot = i18n.T("A controller or director whose level reaches to what each customer gets has to approve them.")
	case r.by.UserID == b.CreatedBy:
		v.WhyNot = i18n.T("Somebody else has to approve them: you gave the file.")
	case slices.Contains(b.Signers, r.by.UserID):
		v.WhyNot = i18n.T("You have signed them. They need one more signature of somebody whose level reaches as far.")
	default:
		v.MayDecide = true
	}
}

func (v *batchView) segments(counts billing.ImportCounts) {
	all := int64(0)
	for _, n := range counts {
		all += n
	}
	v.Shows = append(v.Shows, kit.Segment{Text: i18n.T("All"), Count: strconv.FormatInt(all, 10), Href: v.base(), Current: v.Show == ""})
	for _, s := range stateNames() {
		if n := counts[s.State]; n > 0 || v.Show == string(s.State) {
			v.Shows = append(v.Shows, kit.Segment{
				Text: s.Name, Count: strconv.FormatInt(n, 10), Href: v.base() + "?show=" + string(s.State), Current: v.Show == string(s.State),
			})
		}
	}
}

func (s *Screen) rowView(c echo.Context, row billing.ImportRow) recordView {
	r := s.reader(c)
	v := recordView{Kind: kindName(row.Kind), Name: row.ExternalID, Document: row.DocumentNumber, Row: rowsOf(row.Rows)}
	for _, state := range stateNames() {
		if state.State == row.State {
			v.Tag = kit.TagView{Text: state.Name, Tone: state.Tone}
		}
	}
	for _, reason := range row.Reasons {
		text := r.say(reason.Key, reason.Params)
		if reason.Column != "" {
			text = reason.Column + ": " + text
		}
		if reason.Got != "" {
			text += " " + i18n.F("It says “{got}”.", "got", reason.Got)
		}
		v.Reasons = append(v.Reasons, text)
	}
	switch row.DocumentKind {
	case "customer":
		v.Href = "/customers/" + url.PathEscape(row.DocumentNumber)
	case "invoice", "payment", "credit_memo":
		v.Href = "/documents/" + url.PathEscape(row.DocumentNumber)
	}
	v.Detail = r.detail(row)
	return v
}

func rowsOf(rows []int) string {
	switch len(rows) {
	case 0:
		return ""
	case 1:
		return strconv.Itoa(rows[0])
	}
	return strconv.Itoa(rows[0]) + "–" + strconv.Itoa(rows[len(rows)-1])
}

// detail is what a record is about, in a line. A credit says which invoice it stands on.
func (r reader) detail(row billing.ImportRow) string {
	c := row.Content
	var parts []string
	switch {
	case c == nil:
		return ""
	case c.Customer != nil:
		parts = []string{c.Customer.Name, c.Customer.Country}
	case c.Invoice != nil:
		parts = []string{c.Invoice.Customer, kit.FormatMoney(money.Of(c.Invoice.Total, c.Invoice.Currency), r.lang)}
	case c.CreditNote != nil:
		parts = []string{c.CreditNote.Customer, kit.FormatMoney(money.Of(c.CreditNote.Total, c.CreditNote.Currency), r.lang)}
		if row.Adjustment != nil && row.Adjustment.InvoiceNumber != "" {
			parts = append(parts, i18n.F("on {invoice_number}", "invoice_number", row.Adjustment.InvoiceNumber))
		}
	case c.Payment != nil:
		parts = []string{c.Payment.Customer, kit.FormatMoney(money.Of(c.Payment.Amount, c.Payment.Currency), r.lang)}
	case c.Balance != nil:
		parts = []string{c.Balance.Customer, kit.FormatMoney(money.Of(c.Balance.Open, c.Balance.Currency), r.lang)}
	case c.Rate != nil:
		parts = []string{string(c.Rate.Base) + "/" + string(c.Rate.Quote), c.Rate.Rate.String()}
	}
	return strings.Join(parts, " · ")
}
