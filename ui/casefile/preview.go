package casefile

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type previewView struct {
	Number, Topic, Subject, Customer, Tier, TierText, Href string
	Tick                                                   string // its number with the version that is shown
	Priority                                               int
	Clocks                                                 []namedClock
	InDispute                                              string
	Disputes                                               []previewDispute
	Credits                                                []creditView
	Position                                               []kit.SumRow
	Currency                                               string
	Words                                                  []messageView
	Free, MayWork, Active                                  bool
	People                                                 []kit.Option
}

type previewDispute struct {
	Text, Amount string
	Status       kit.TagView
}

// Preview is a case beside the queue: enough to know what to do next.
func (s *Screen) Preview(c echo.Context) error {
	f, err := s.files.CaseFile(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	if !web.IsHTMX(c) {
		return c.Redirect(http.StatusSeeOther, "/cases/"+f.Number)
	}
	r := s.reader(c)
	r.Now = f.ReadAt
	return s.desk.Fragment(c, http.StatusOK, preview(r.preview(f)))
}

func (r reader) preview(f reports.CaseFile) previewView {
	h := r.head(f)
	v := previewView{
		Number: f.Number, Tick: f.Number + ":" + strconv.Itoa(f.Version), Topic: f.ID.Topic(), Subject: f.Subject, Customer: f.CustomerName, Tier: f.Tier, TierText: desk.TierName(billing.Tier(f.Tier)), Href: "/customers/" + f.Account,
		Priority: h.Priority, Clocks: h.Clocks, Free: h.Free, Active: h.Active, MayWork: access.May(r.by, access.WorkCases),
	}
	if f.Disputed.IsPositive() {
		v.InDispute = kit.FormatMoney(f.InDispute(), r.Lang)
	}
	for _, d := range f.Disputes {
		line := previewDispute{Text: d.InvoiceNumber, Amount: r.number(d.Contested, d.Currency), Status: disputeTag(d.Status)}
		if d.LineNo != nil {
			line.Text = strconv.Itoa(*d.LineNo) + " · " + d.Description
		}
		v.Disputes = append(v.Disputes, line)
	}
	for _, credit := range f.Credits[:min(len(f.Credits), 3)] {
		v.Credits = append(v.Credits, r.credit(f, credit))
	}
	if p := f.Position; p != nil {
		v.Currency = string(p.Currency)
		v.Position = []kit.SumRow{
			{Label: i18n.T("Open"), Value: r.number(p.Open, p.Currency)},
			{Label: i18n.T("Disputed"), Value: r.number(p.Disputed, p.Currency), Bold: p.Disputed.IsPositive()},
			{Label: i18n.T("Collectible"), Value: r.number(p.Collectible, p.Currency)},
			{Label: i18n.T("Unapplied"), Value: r.number(p.Unapplied, p.Currency)},
		}
	}
	for _, m := range f.Messages[max(0, len(f.Messages)-2):] {
		words := r.message(f.Number, m)
		words.Meta, words.FullURL, words.RawURL, words.LookURL = "", "", "", ""
		words.Paragraphs = []string{beginning(m.Body, 420)}
		words.ID = "p" + words.ID
		v.Words = append(v.Words, words)
	}
	for _, p := range f.Colleagues {
		if !access.May(r.by, access.AssignOthers) {
			break
		}
		v.People = append(v.People, kit.Option{Value: strconv.FormatInt(p.ID, 10), Text: p.Name})
	}
	return v
}

// shortChain is a chain on one line, first names only.
func shortChain(steps []kit.ChainStep) []kit.ChainStep {
	short := make([]kit.ChainStep, len(steps))
	for i, s := range steps {
		short[i] = kit.ChainStep{State: s.State, Name: firstName(s.Name)}
		if s.Name == "" {
			short[i].Name = i18n.T("Post")
		}
	}
	return short
}

func firstName(name string) string {
	for i, r := range name {
		if r == ' ' || r == ',' {
			return name[:i]
		}
	}
	return name
}
