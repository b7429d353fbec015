package cases_test

import (
	"testing"

	"makegood/cases"
)

// What another system hands over is acknowledged as mail is; what an agent takes down in a call is not.
func TestAcknowledgementOfCasesOpenedByHand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source, message string
		reader          bool
		want            int64
	}{
		"by another system":            {"api", "You charged us twice.", true, 1},
		"without the customer's words": {"api", "", true, 0},
		"to nobody":                    {"api", "You charged us twice.", false, 0},
		"by an agent":                  {"agent", "You charged us twice.", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			in := cases.OpenInput{Type: cases.Inquiry, Subject: "Charged twice", CustomerID: &k.customer, Source: c.source, By: k.agent}
			if c.message != "" {
				in.Message = &cases.InboundMessage{AuthorName: "Ada", Body: c.message, Language: "de"}
			}
			if c.reader {
				in.Participants = []cases.Participant{{Address: "ada@lumen.example", Name: "Ada", Accepted: true}}
			}
			opened, err := k.cases.Open(t.Context(), in)
			k.must(err)
			got := value[int64](t, k.db, `select count(*) from outgoing_messages where case_id = $1 and kind = 'acknowledgement' and language = 'de'`, opened.ID)
			if got != c.want {
				t.Errorf("%d acknowledgements, want %d", got, c.want)
			}
		})
	}
}
