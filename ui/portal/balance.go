package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/web"
)

// balanceView is what is owed by age, and the credit memos.
type balanceView struct {
	Balance *billing.Position
	PayLink string // where what is to be paid now is paid
	Memos   []billing.MemoRow
	Next    string
}

// Balance shows what is owed and what was given back: GET /portal/balance?after=.
func (s *Screen) Balance(c echo.Context) error {
	p, link, err := s.balance(c)
	if err != nil {
		return err
	}
	memos, err := s.portal.Memos(c.Request().Context(), visitor(c), c.QueryParam("after"))
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, s.word(c, "portal.your_balance"), prefix+"/balance", balance(balanceView{Balance: p, PayLink: link, Memos: memos.Rows, Next: memos.Next}))
}

// MemoPDF is a credit memo as the customer got it: GET /portal/credit-memos/:number/pdf.
func (s *Screen) MemoPDF(c echo.Context) error { return s.paper(c, false) }

// MemoXML is a credit memo for the customer's own system: GET /portal/credit-memos/:number/xml.
func (s *Screen) MemoXML(c echo.Context) error { return s.paper(c, true) }

func (s *Screen) paper(c echo.Context, xml bool) error {
	doc, err := s.portal.MemoPaper(c.Request().Context(), visitor(c), c.Param("number"), xml)
	if err != nil {
		return err
	}
	return web.Download(c, doc.Filename, doc.MediaType, doc.Content)
}
