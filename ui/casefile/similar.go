package casefile

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// similarView is a settled case that is like the one looked at.
type similarView struct {
	Number, Subject, When string // with whose it was
	Why, Words            string
	Outcome               []string
	Credited              string
}

// Similar shows them: GET /cases/:number/similar. The page asks for it once it is there.
func (s *Screen) Similar(c echo.Context) error {
	found, err := s.files.Similar(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	r := s.reader(c)
	var list []similarView
	for _, one := range found {
		list = append(list, r.similar(one))
	}
	return s.desk.Fragment(c, http.StatusOK, similarCases(list))
}

// wordsNamed is how many of the words in common are named; all are counted.
const wordsNamed = 5

func (r reader) similar(c cases.SimilarCase) similarView {
	v := similarView{Number: c.Number, Subject: c.Subject, When: r.short(c.ResolvedAt)}
	if c.CustomerName != "" {
		v.When += ", " + c.CustomerName
	}
	var why []string
	for _, same := range c.Why {
		why = append(why, likeWord(same))
	}
	if n := len(c.Words); n > 0 {
		why = append(why, i18n.N(n, "{n} word in common", "{n} words in common", "n", kit.FormatCount(n, r.Lang)))
		v.Words = strings.Join(c.Words[:min(n, wordsNamed)], ", ")
	}
	v.Why = strings.Join(why, ", ")
	for _, part := range []struct {
		n    int
		text string
	}{{c.Accepted, i18n.T("accepted")}, {c.Partly, i18n.T("partly accepted")}, {c.Rejected, i18n.T("rejected")}, {c.Withdrawn, i18n.T("withdrawn")}} {
		if part.n > 0 {
			v.Outcome = append(v.Outcome, strconv.Itoa(part.n)+" "+part.text)
		}
	}
	if c.RootCause != "" {
		v.Outcome = append(v.Outcome, c.RootCause)
	}
	if c.Resolution != "" && c.Resolution != "credited" {
		v.Outcome = append(v.Outcome, "“"+beginning(c.Resolution, 120)+"”")
	}
	var sums []string
	for _, a := range c.Credited {
		sums = append(sums, kit.FormatMoney(a, r.Lang))
	}
	v.Credited = strings.Join(sums, ", ")
	return v
}

func likeWord(l cases.Likeness) string {
	switch l {
	case cases.SameInvoice:
		return i18n.T("same invoice")
	case cases.SameCustomer:
		return i18n.T("same customer")
	case cases.SameFamily:
		return i18n.T("same family of customers")
	case cases.SameReason:
		return i18n.T("same reason")
	case cases.SameTopic:
		return i18n.T("about the same")
	}
	return string(l)
}
