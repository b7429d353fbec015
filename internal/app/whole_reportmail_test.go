package app_test

import (
	"fmt"
	"testing"

	"makegood/internal/access"
	"makegood/internal/reportmail"
)

// byMail is a report that comes to somebody by mail, which nobody else finds; "" for who may read none.
func (p premises) byMail(t *testing.T, by access.Actor) string {
	t.Helper()
	sch, err := p.app.ReportMail.Make(t.Context(), reportmail.Input{
		By: by, Report: "dso", Form: reportmail.Link, Rhythm: reportmail.Rhythm{Repeats: reportmail.Monthly, OnDay: 1},
	})
	if err != nil {
		return ""
	}
	return fmt.Sprint(sch.ID)
}
