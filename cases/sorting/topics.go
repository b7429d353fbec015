package sorting

import (
	"context"
	"slices"

	"makegood/cases"
)

// Topic is something a case can be about.
type Topic struct {
	Code string
	Name string
	Type cases.Type
	// Reason tells that the topic is a reason code, so that a dispute line can be made of it.
	Reason bool
}

// general are the topics that are no claim.
func general() []Topic {
	return []Topic{
		{Code: "remittance", Name: "Remittance advice", Type: cases.Remittance},
		{Code: "goodwill", Name: "Asks for goodwill", Type: cases.Concession},
		{Code: "cancellation", Name: "Cancellation", Type: cases.Cancellation},
		{Code: "refund", Name: "Asks for a refund", Type: cases.Refund},
		{Code: "payment", Name: "How and when to pay", Type: cases.Inquiry},
		{Code: "general", Name: "General question", Type: cases.Inquiry},
	}
}

// General is the topic of a message about which nothing is known.
const General = "general"

// Topics lists the reason codes in use, then what else a case can be about.
func (s *Service) Topics(ctx context.Context) ([]Topic, error) {
	reasons, err := s.cases.Reasons(ctx)
	if err != nil {
		return nil, err
	}
	return TopicsOf(reasons), nil
}

// TopicsOf are the topics that go with reason codes.
func TopicsOf(reasons []cases.Reason) []Topic {
	var out []Topic
	for _, r := range reasons {
		t := Topic{Code: r.Code, Name: r.Name, Type: r.CaseType, Reason: true}
		if r.Code == "invoice_missing" {
			t.Type = cases.Inquiry // whoever asks for a copy contests nothing
		}
		out = append(out, t)
	}
	for _, t := range general() {
		if !slices.ContainsFunc(out, func(o Topic) bool { return o.Code == t.Code }) {
			out = append(out, t)
		}
	}
	return out
}

// TypeOf is the type of case a topic makes; an inquiry when the topic is not known.
func TypeOf(list []Topic, code string) cases.Type {
	for _, t := range list {
		if t.Code == code {
			return t.Type
		}
	}
	return cases.Inquiry
}

// NameOf is the name of a topic for people; its code when it is not known.
func NameOf(list []Topic, code string) string {
	for _, t := range list {
		if t.Code == code {
			return t.Name
		}
	}
	return code
}
