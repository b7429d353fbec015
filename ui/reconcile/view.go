package reconcile

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	compared "makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// listView is the page of runs.
type listView struct {
	May     bool
	Form    startView
	Rows    []rowView
	NextURL string
}

type rowView struct {
	Href, Title, Entity, Source, File, Period, When, Who string
	Matched, Found, Open                                 string
	Tag                                                  kit.TagView
}

// runView is one run.
type runView struct {
	asked                              asked
	Title, File, Period, Who, Hash     string
	Topic, SelfURL, AgainURL           string
	Tag                                kit.TagView
	Finished, Done, Live, May          bool
	Failure, Refusal                   string
	Facts                              []kit.KV
	Resolutions                        []kit.Segment
	Classes                            []kit.Segment
	Query                              string
	Proofs                             []proofView
	Source                             string
	Rows                               []findingView
	NextURL, FirstURL, CSVURL, XLSXURL string
	Percent                            int
}

type findingView struct {
	ID                                        reconciling.FindingID
	Anchor                                    string
	Class, Number, Href, Customer, AccountURL string
	Here, There                               sideView
	Gap                                       []string
	Where, Reason, By                         string
	Tag                                       kit.TagView
	Note                                      string
	CaseURL, ExplainURL                       string
	Open                                      bool
	Typed, Error                              string
}

type sideView struct {
	There                     bool
	Amount, Tax, Date, Status string
	Number, Customer          string
	Bad                       map[string]bool // what differs
}

func (r reader) when(t time.Time) string { return kit.FormatDateTime(t, r.zone, r.lang) }
func (r reader) day(t time.Time) string  { return kit.FormatDate(t, time.UTC, r.lang) }

func (r reader) period(run reconciling.Run) string {
	if run.PeriodFrom == nil || run.PeriodTo == nil {
		return ""
	}
	return r.day(*run.PeriodFrom) + " – " + r.day(*run.PeriodTo)
}

func (r reader) row(row reconciling.Row) rowView {
	v := rowView{
		Href: asked{id: row.ID}.to(""), Title: i18n.F("No. {int64}", "int64", strconv.FormatInt(int64(row.ID), 10)), Entity: row.Entity, Source: row.Source, File: row.Filename,
		Period: r.period(row.Run), When: r.when(row.CreatedAt), Who: who(row.CreatedName), Tag: stateTag(row.Run, row.Open),
	}
	if row.State == reconciling.Done {
		v.Matched, v.Found, v.Open = count(row.Matched), count(row.Found), count(row.Open)
	}
	return v
}

func who(name string) string {
	if name == "" {
		return i18n.T("System")
	}
	return name
}

func count[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// stateTag is where a run stands: never by colour alone.
func stateTag(run reconciling.Run, open int64) kit.TagView {
	switch {
	case run.State == reconciling.Failed:
		return kit.TagView{Text: i18n.T("Cannot be compared"), Tone: "due", Icon: "alert-triangle"}
	case run.State == reconciling.Waiting:
		return kit.TagView{Text: i18n.T("Waiting"), Tone: "line", Icon: "clock"}
	case run.State == reconciling.Reading:
		return kit.TagView{Text: i18n.T("Reading"), Tone: "line", Icon: "clock"}
	case run.State == reconciling.Comparing:
		return kit.TagView{Text: i18n.T("Comparing"), Tone: "line", Icon: "clock"}
	case open > 0:
		return kit.TagView{Text: i18n.T("Differences open"), Tone: "soon", Icon: "scale"}
	case !run.Proven:
		return kit.TagView{Text: i18n.T("Not proven"), Tone: "due", Icon: "alert-triangle"}
	}
	return kit.TagView{Text: i18n.T("Reconciled"), Tone: "ok", Icon: "circle-check"}
}

func (r reader) run(a asked, run reconciling.Run, entity billing.Entity, counts []reconciling.Count, proofs []reconciling.Proof, page billing.Page[reconciling.Finding]) runView {
	open := reconciling.Unexplained(counts)
	v := runView{
		asked: a, Title: i18n.F("Reconciliation {int64}", "int64", strconv.FormatInt(int64(run.ID), 10)), File: run.Filename, Period: r.period(run), Source: run.Source,
		Who: who(run.CreatedName) + ", " + r.when(run.CreatedAt), Topic: a.id.Topic(), SelfURL: a.to(""), AgainURL: a.to("/again"), Tag: stateTag(run, int64(open)),
		Finished: run.State.Finished(), Done: run.State == reconciling.Done, May: r.may, Query: a.filter.Query, CSVURL: a.to("", "as", "csv"), XLSXURL: a.to("", "as", "xlsx"),
	}
	v.Live = !v.Finished
	if run.Failure != nil {
		v.Failure = r.fill(run.Failure)
	}
	v.Facts = r.facts(run, entity)
	v.Resolutions, v.Classes = resolutionSegments(a, counts), classSegments(a, counts)
	for _, p := range proofs {
		v.Proofs = append(v.Proofs, r.proof(p))
	}
	for _, f := range page.Rows {
		v.Rows = append(v.Rows, r.finding(a, f))
		v.Live = v.Live || f.Resolution == reconciling.CaseAsked
	}
	if page.Next != "" {
		v.NextURL = a.to("", "after", page.Next)
	}
	if a.filter.After != "" {
		v.FirstURL = a.to("", "after", "")
	}
	return v
}

func (r reader) facts(run reconciling.Run, entity billing.Entity) []kit.KV {
	facts := []kit.KV{{Label: i18n.T("Books of"), Value: entity.Code + ", " + entity.Name}}
	if period := r.period(run); period != "" {
		facts = append(facts, kit.KV{Label: i18n.T("Period"), Value: period})
	}
	facts = append(facts, kit.KV{Label: i18n.T("Started by"), Value: who(run.CreatedName) + ", " + r.when(run.CreatedAt)}, kit.KV{Label: i18n.T("Rows read"), Value: count(run.RowsRead)})
	if run.State != reconciling.Done {
		return facts
	}
	facts = append(facts, kit.KV{Label: i18n.T("Documents"), Value: i18n.F("{count} here, {count_2} there", "count", count(run.Ours), "count_2", count(run.Theirs))}, kit.KV{Label: i18n.T("Agree in everything"), Value: count(run.Matched)})
	if run.RowsLeft > 0 {
		facts = append(facts, kit.KV{Label: i18n.T("Left out"), Value: count(run.RowsLeft)})
	}
	if run.Attempt > 1 {
		facts = append(facts, kit.KV{Label: i18n.T("Comparison"), Value: i18n.F("No. {attempt} of this file", "attempt", strconv.Itoa(run.Attempt))})
	}
	return facts
}

func resolutionSegments(a asked, counts []reconciling.Count) []kit.Segment {
	sums := map[reconciling.Resolution]int{}
	for _, c := range counts {
		sums[""] += c.Count
		sums[c.Resolution] += c.Count
	}
	sums[reconciling.InCase] += sums[reconciling.CaseAsked]
	var list []kit.Segment
	for _, one := range []struct {
		value reconciling.Resolution
		text  string
	}{{"", i18n.T("All")}, {reconciling.Open, i18n.In("difference", "Open")}, {reconciling.InCase, i18n.T("In a case")}, {reconciling.Explained, i18n.T("Explained")}, {reconciling.Timing, i18n.T("Timing")}} {
		list = append(list, kit.Segment{Text: one.text, Count: count(sums[one.value]), Href: a.to("", "resolution", string(one.value)), Current: a.filter.Resolution == one.value})
	}
	return list
}

func classSegments(a asked, counts []reconciling.Count) []kit.Segment {
	sums := map[compared.Class]int{}
	for _, c := range counts {
		sums[c.Class] += c.Count
	}
	list := []kit.Segment{{Text: i18n.T("Every kind"), Href: a.to("", "class", ""), Current: a.filter.Class == ""}}
	for _, class := range reconciling.Classes() {
		if sums[class] > 0 {
			list = append(list, kit.Segment{Text: class.Words(), Count: count(sums[class]), Href: a.to("", "class", string(class)), Current: a.filter.Class == class})
		}
	}
	return list
}

func (v *runView) refuse(no refusal) {
	v.Refusal = no.text
	for i := range v.Rows {
		if v.Rows[i].ID == no.finding && no.field != "" {
			v.Rows[i].Typed, v.Rows[i].Error = no.reason, no.field
		}
	}
}

// class is what differs, in words; of a known timing also what it would be otherwise and why it is none.
func (r reader) class(f reconciling.Finding) string {
	if f.Class != compared.KnownTiming {
		return f.Class.Words()
	}
	why := i18n.T("near the cut-off")
	if f.Why == compared.MemoWaits {
		why = i18n.T("the memo waits for payment")
	}
	return f.Would.Words() + ": " + why
}

func (r reader) finding(a asked, f reconciling.Finding) findingView {
	id := strconv.FormatInt(int64(f.ID), 10)
	v := findingView{
		ID: f.ID, Anchor: "f-" + id, Class: r.class(f), Number: f.Number, Customer: firstOf(f.CustomerName, f.Account), Tag: resolutionTag(f), Note: f.Note,
		CaseURL: a.to("/findings/" + id + "/case"), ExplainURL: a.to("/findings/" + id + "/explain"),
		Open: r.may && (f.Resolution == reconciling.Open || f.Resolution == reconciling.Timing),
		Here: r.side(f.Here, f), There: r.side(f.There, f),
	}
	if f.DocumentID != nil && f.Here != nil {
		v.Href = documentURL(f)
	}
	if f.Account != "" {
		v.AccountURL = "/customers/" + url.PathEscape(f.Account)
	}
	for _, g := range f.Gap {
		v.Gap = append(v.Gap, kit.FormatMoney(g.Money(), r.lang))
	}
	if len(f.Rows) > 0 {
		v.Where = i18n.F("row {rows}", "rows", strconv.Itoa(f.Rows[0]))
	}
	if f.Reason != nil {
		v.Reason = strings.TrimSpace(f.Reason.Column + ": " + r.fill(f.Reason))
		if f.Reason.Got != "" {
			v.Reason += " (“" + f.Reason.Got + "”)"
		}
	}
	if f.ByName != "" && f.At != nil {
		v.By = f.ByName + ", " + r.when(*f.At)
	}
	return v
}

func documentURL(f reconciling.Finding) string {
	switch f.DocumentKind {
	case "invoice":
		return "/invoices/" + url.PathEscape(f.Here.Number)
	case "credit_memo":
		return "/credit-memos/" + url.PathEscape(f.Here.Number)
	case "payment":
		return "/payments/" + url.PathEscape(f.Here.Number)
	}
	return "/documents/" + url.PathEscape(f.Here.Number)
}

func (r reader) side(p *reconciling.Paper, f reconciling.Finding) sideView {
	if p == nil {
		return sideView{}
	}
	v := sideView{There: true, Amount: kit.FormatMoney(p.Total(), r.lang), Date: r.day(p.Date), Status: string(p.Status), Number: p.Number, Customer: p.Customer}
	if p.Tax != nil && (f.Class == compared.DifferentTax) {
		v.Tax = i18n.F("{tax} tax", "tax", kit.FormatMoney(money.Of(*p.Tax, p.Currency), r.lang))
	}
	class := f.Class
	if class == compared.KnownTiming {
		class = f.Would
	}
	v.Bad = map[string]bool{
		"amount": class == compared.DifferentAmount || class == compared.DifferentCurrency, "date": class == compared.DifferentDate,
		"status": class == compared.DifferentStatus, "customer": class == compared.DifferentCustomer,
	}
	return v
}

// resolutionTag is what became of a finding.
func resolutionTag(f reconciling.Finding) kit.TagView {
	switch f.Resolution {
	case reconciling.Explained:
		return kit.TagView{Text: i18n.T("Explained"), Tone: "ok", Icon: "message-2"}
	case reconciling.CaseAsked:
		return kit.TagView{Text: i18n.T("Case being opened"), Tone: "line", Icon: "clock"}
	case reconciling.InCase:
		return kit.TagView{Text: f.CaseNumber, Tone: "ok", Icon: "inbox", Href: "/cases/" + f.CaseNumber}
	case reconciling.Timing:
		return kit.TagView{Text: i18n.T("Heals with time"), Tone: "line", Icon: "clock"}
	case reconciling.Open:
	}
	return kit.TagView{Text: i18n.In("difference", "Open"), Tone: "soon", Icon: "scale"}
}

func firstOf(list ...string) string {
	for _, text := range list {
		if text != "" {
			return text
		}
	}
	return ""
}

// proofView is the roll-forward of a currency: lines with both sides and what they differ by.
type proofView struct {
	Currency string
	Tag      kit.TagView
	Lines    []proofLine
	Why      []proofLine
	Note     string
}

type proofLine struct {
	Label             string
	Here, There, Diff *money.Amount
	Total             bool
}

func (r reader) proof(p reconciling.Proof) proofView {
	v := proofView{Currency: string(p.Currency), Tag: kit.TagView{Text: i18n.T("Proven"), Tone: "ok", Icon: "circle-check"}}
	if !p.Proven {
		v.Tag = kit.TagView{Text: i18n.T("Does not add up"), Tone: "due", Icon: "alert-triangle"}
	}
	at := func(d decimal.Decimal) *money.Amount { return new(money.Of(d, p.Currency)) }
	line := func(label string, here, there decimal.Decimal, total bool) {
		switch {
		case total && !p.Stated: // what it began with is taken to be ours, which says nothing
			v.Lines = append(v.Lines, proofLine{Label: label, Here: at(here), Total: true})
		case total || !here.IsZero() || !there.IsZero():
			v.Lines = append(v.Lines, proofLine{label, at(here), at(there), at(here.Sub(there)), total})
		}
	}
	h, t := p.Here, p.There
	line(i18n.T("Opening"), h.Opening, t.Opening, true)
	line(i18n.T("Invoices"), h.Invoices, t.Invoices, false)
	line(i18n.T("Credit memos"), h.Credits.Neg(), t.Credits.Neg(), false)
	line(i18n.T("Payments"), h.Payments.Neg(), t.Payments.Neg(), false)
	line(i18n.T("Refunds"), h.Refunds, t.Refunds, false)
	line(i18n.T("Write-offs"), h.WriteOffs.Neg(), t.WriteOffs.Neg(), false)
	line(i18n.T("Chargebacks, reversals, settled outside"), h.Other, t.Other, false)
	line(i18n.T("Closing"), h.Closing, t.Closing, true)
	if !h.Unproven().IsZero() || !t.Unproven().IsZero() {
		line(i18n.T("Stated beyond its documents"), h.Unproven(), t.Unproven(), false)
	}
	for _, class := range append(reconciling.Classes(), compared.NotCompared) {
		if amount, there := p.Explained[class]; there {
			label := class.Words()
			if class == compared.NotCompared {
				label = i18n.T("Kinds that the file does not give")
			}
			v.Why = append(v.Why, proofLine{Label: label, Diff: at(amount)})
		}
	}
	if !p.OpeningGap.IsZero() {
		v.Why = append(v.Why, proofLine{Label: i18n.T("Differed at the opening"), Diff: at(p.OpeningGap)})
	}
	v.Why = append(v.Why, proofLine{Label: i18n.T("Gap of the movements"), Diff: at(p.Gap), Total: true}, proofLine{Label: i18n.T("Unexplained"), Diff: at(p.Unexplained), Total: true})
	if !p.Stated {
		v.Note = i18n.T("The file does not say what its receivable was at either end, so the movements are compared.")
	}
	return v
}
