package casefile

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
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
		why = append(why, kit.FormatCount(n, r.Lang)+plural(n, " word in common", " words in common"))
		v.Words = strings.Join(c.Words[:min(n, wordsNamed)], ", ")
	}
	v.Why = strings.Join(why, ", ")
	for _, part := range []struct {
		n    int
		text string
	}{{c.Accepted, "accepted"}, {c.Partly, "partly accepted"}, {c.Rejected, "rejected"}, {c.Withdrawn, "withdrawn"}} {
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
		return "same invoice"
	case cases.SameCustomer:
		return "same customer"
	case cases.SameFamily:
		return "same family of customers"
	case cases.SameReason:
		return "same reason"
	case cases.SameTopic:
		return "about the same"
	}
	return string(l)
}
