package approvals

import (
	"encoding/hex"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// request draws a request for whoever looks.
func (r reader) request(f reports.RequestFile) requestView {
	v := requestView{
		RequestFile: f, Lang: r.Lang, Href: href(f.ID), Kind: creditview.KindName(f.Kind), Tag: creditview.StateTag(f.State),
		Amount: f.Detail.Amount(f.Total), Chain: r.Chain(f.Detail), Digest: hex.EncodeToString(f.Sealed()),
	}
	const end = 6
	if len(v.Digest) > 2*end {
		v.ShortDigest = v.Digest[:end] + "…" + v.Digest[len(v.Digest)-4:]
	}
	v.Asked = r.asked(f)
	v.Deed, v.To = r.deed(f)
	v.Tables = r.tables(f)
	v.After = r.after(f)
	r.may(f, &v)
	r.came(f, &v)
	r.notices(f, &v)
	r.pieces(f, &v)
	for _, m := range f.Past {
		v.Past = append(v.Past, pastView{
			Day: kit.FormatDate(m.IssuedOn, nil, r.Lang), Number: m.Number, Href: "/credit-memos/" + m.Number,
			Invoice: m.InvoiceNumber, Amount: kit.FormatNumber(m.CreditMemo.Amount(m.Total), r.Lang),
		})
	}
	if f.CustomerID != 0 {
		v.PastSum = kit.FormatMoney(money.Of(f.Position.CreditsIn12Months.Sum, f.Position.Currency), r.Lang)
	}
	return v
}

// asked tells who asked and when, or who began a draft.
func (r reader) asked(f reports.RequestFile) string {
	at, own := f.CreatedAt, f.RequesterID == r.UserID
	if f.SubmittedAt != nil {
		at = *f.SubmittedAt
	}
	when := kit.FormatShort(at, r.Now, r.zone, r.Lang)
	switch {
	case f.SubmittedAt == nil && own:
		return i18n.F("You drafted this {when}.", "when", when)
	case f.SubmittedAt == nil:
		return i18n.F("{name} drafted this {when}.", "name", f.RequesterName, "when", when)
	case own:
		return i18n.F("You asked {when}.", "when", when)
	}
	return i18n.F("{name} asked {when}.", "name", f.RequesterName, "when", when)
}

func (r reader) name(id int64, name string) string {
	if id == r.UserID {
		return i18n.T("You")
	}
	return name
}

func pending(state credits.State) bool {
	return state == credits.Draft || state == credits.Pending || state == credits.Returned || state == credits.Approved || state == credits.Failed
}

// released is what the decision of its dispute lines takes off hold.
func released(f reports.RequestFile) decimal.Decimal {
	sum := decimal.Zero
	for _, h := range f.Invoice.Holds {
		for _, l := range f.Lines {
			if l.DisputeLineID != nil && int64(*l.DisputeLineID) == h.DisputeLineID {
				sum = sum.Add(h.Amount)
			}
		}
	}
	return sum
}

// mayAsRequester says what the requester can do with a request that is not over.
func (r reader) mayAsRequester(f reports.RequestFile, v *requestView) {
	undecided := f.State == credits.Pending || f.State == credits.Returned
	v.MayWithdraw = undecided || f.State == credits.Draft || f.State == credits.Failed
	v.MayAnswer = f.State == credits.Returned
	v.MaySubmit = f.State == credits.Draft && access.May(r.by, access.Propose)
	v.MayChange = (undecided || f.State == credits.Draft) && reports.Changeable(f.Request) && access.May(r.by, access.Propose)
}

// may says what the reader can do with the request, and if nothing, why.
func (r reader) may(f reports.RequestFile, v *requestView) {
	step, isOpen := f.Open()
	own := f.RequesterID == r.UserID
	if own {
		r.mayAsRequester(f, v)
	}
	v.MayAdd = pending(f.State) && f.State != credits.Draft && access.May(r.by, access.Propose)
	v.MayRetry = f.MayRetry(r.by)
	v.MayTakeBack = f.State == credits.Posted && f.Kind != billing.Reverse && f.TakenBackBy == "" && access.May(r.by, access.Propose)
	v.PaperHref, v.PaperText = paper(f.Detail)
	v.PaperXML = v.PaperHref != "" && f.DocumentKind != billing.RefundDoc
	if f.State != credits.Pending || !isOpen {
		v.Why = ended(f)
		return
	}
	v.Step = step.ID
	if step.DueAt != nil && step.OpenedAt != nil {
		v.Clock = r.StepClock(step.ID, *step.OpenedAt, *step.DueAt)
	}
	candidate := slices.ContainsFunc(step.Candidates, func(c credits.Candidate) bool { return c.UserID == r.UserID })
	for _, s := range f.Steps {
		for _, d := range s.Decisions {
			if d.UserID == r.UserID && d.ContentVersion == f.ContentVersion {
				v.Why = i18n.F("You have decided. It waits for {waits_for}.", "waits_for", waitsFor(step))
				return
			}
		}
	}
	v.MayDecide = candidate && !own && access.May(r.by, access.Decide)
	v.Last = lastSignature(f, step)
	if v.MayDecide {
		v.Less = r.less(f)
	}
	switch {
	case own:
		v.Why = i18n.F("You asked for this, so others decide. It waits for {waits_for}.", "waits_for", waitsFor(step))
	case !v.MayDecide:
		v.Why = i18n.F("It waits for {waits_for}.", "waits_for", waitsFor(step))
	}
}

func waitsFor(step credits.Step) string {
	var names []string
	for _, c := range step.Candidates {
		names = append(names, c.Name)
	}
	return creditview.Either(names)
}

// lastSignature tells that one more signature on the open step signs the request off.
func lastSignature(f reports.RequestFile, step credits.Step) bool {
	for _, s := range f.Steps {
		if s.State == credits.StepWaiting && s.ContentVersion == f.ContentVersion || s.State == credits.StepOpen && s.ID != step.ID {
			return false
		}
	}
	return len(step.Decisions)+1 >= step.Needed
}

func ended(f reports.RequestFile) string {
	switch f.State {
	case credits.Posted:
		if f.TakenBackBy != "" {
			return i18n.F("Posted as {document_number}, taken back by {taken_back_by}.", "document_number", f.DocumentNumber, "taken_back_by", f.TakenBackBy)
		}
		return i18n.F("Posted as {document_number}.", "document_number", f.DocumentNumber)
	case credits.Approved:
		return i18n.F("Approved; the {kind} is being posted.", "kind", i18n.Lower(creditview.DocumentName(f.Kind)))
	case credits.Rejected:
		return i18n.T("Rejected; nothing was posted.")
	case credits.Withdrawn:
		return i18n.T("Withdrawn; nothing was posted.")
	case credits.Failed:
		return i18n.T("Approved, but posting was refused.")
	case credits.Draft:
		return i18n.T("A draft; nobody has been asked yet.")
	case credits.Expired:
		return i18n.T("Expired; nothing was posted.")
	case credits.Returned:
		return i18n.F("Asked back: {requester_name} has to answer or change it. Until then it keeps what it reserved.", "requester_name", f.RequesterName)
	case credits.Pending:
	}
	return i18n.T("Nobody is available to decide.")
}

func (r reader) notices(f reports.RequestFile, v *requestView) {
	if f.State == credits.Failed {
		v.Notices = append(v.Notices, kit.NoticeView{Tone: "bad", Title: i18n.T("Posting was refused."), Text: r.Say(f.Failure, f.FailureParams)})
	}
	if f.State == credits.Expired && f.Failure != "" {
		v.Notices = append(v.Notices, kit.NoticeView{Tone: "bad", Title: i18n.T("Its approval no longer stands."), Text: r.Say(f.Failure, f.FailureParams)})
	}
	if f.State == credits.Posted {
		posted := kit.NoticeView{Tone: "ok", Title: i18n.T("Posted."), Text: f.DocumentNumber}
		if href := documentHref(f.Detail); href != "" {
			posted.Text, posted.LinkText, posted.Href = "", f.DocumentNumber, href
		}
		v.Notices = append(v.Notices, posted)
	}
	if f.TakenBackBy != "" {
		v.Notices = append(v.Notices, kit.NoticeView{Icon: "arrow-back-up", Text: i18n.F("Taken back by {taken_back_by}: nothing of it stands any more.", "taken_back_by", f.TakenBackBy)})
	}
	if f.WindowAmount.IsPositive() {
		v.Notices = append(v.Notices, kit.NoticeView{
			Tone: "stop", Icon: "history", Title: i18n.T("It does not stand alone."),
			Text: i18n.F("{window_amount} for this customer in {window_days} days or on this invoice count with it: {add} in all.", "window_amount", kit.FormatMoney(money.Of(f.WindowAmount, billing.AuthorityCurrency), r.Lang), "window_days", credits.WindowDays, "add", kit.FormatMoney(money.Of(f.WindowAmount.Add(f.AuthorityAmount), billing.AuthorityCurrency), r.Lang)),
		})
	}
	for _, w := range f.Raised {
		v.Warned = append(v.Warned, r.Warned([]credits.Warning{w.Warning}, r.zone)...)
	}
	if f.Kind == billing.Rebill && f.Content != nil && f.Content.BillsMore() {
		v.Notices = append(v.Notices, kit.NoticeView{
			Tone: "stop", Icon: "file-invoice", Title: i18n.T("It bills more than it gives back."),
			Text: i18n.F("Limits look at the new invoice, {billed}.", "billed", kit.FormatMoney(f.Content.SumOf(f.Content.BilledTotal()), r.Lang)),
		})
	}
	if f.Currency != billing.AuthorityCurrency {
		v.Notices = append(v.Notices, kit.NoticeView{Icon: "coins", Text: i18n.F("Compared with limits as {authority_total}, at {authority_rate}.", "authority_total", kit.FormatMoney(f.AuthorityTotal(), r.Lang), "authority_rate", f.AuthorityRate.String())})
	}
}
