package demo

import (
	"context"
	"fmt"

	"makegood/cases"
)

// macros are what the desk writes again and again.
func (f *filler) macros(ctx context.Context) error {
	for _, in := range []cases.SaveMacroInput{
		{
			Folder: "Disputes", Name: "What is on hold", Kind: cases.PublicReply,
			Body: "Dear {{.name}},\n\nthank you for telling us. {{.disputed}} of {{.invoices}} is on hold while we look into it: until then it is neither due nor reminded of." +
				"\n\nKind regards\n{{.agent}}",
			Does: cases.MacroDoes{Assign: cases.AssignMe},
		},
		{
			Folder: "Disputes", Name: "Credited", Kind: cases.PublicReply,
			Body: "Dear {{.name}},\n\nwe have credited {{.credited}}. The credit memo is on its way to you.\n{{if .invoices}}\nIt belongs to {{.invoices}}.\n{{end}}\n\nKind regards\n{{.agent}}",
			Does: cases.MacroDoes{Status: "waiting:customer"},
		},
		{
			Folder: "Usage", Name: "Ask for the meter reading", Kind: cases.PublicReply,
			Body: "Dear {{.name}},\n\nto compare the usage on {{.invoices}} we need your own meter reading, with date and time. A photo is enough.\n\nKind regards\n{{.agent}}",
			Does: cases.MacroDoes{Status: "waiting:customer", Tags: []string{"meter"}},
		},
		{
			Folder: "Inside", Name: "Price list checked", Kind: cases.Note,
			Body: "Price list and contract of {{.customer}} ({{.account}}) compared with {{.invoices}}.", Does: cases.MacroDoes{Tags: []string{"checked"}},
		},
		{Folder: "Inside", Name: "To metering", Kind: cases.Note, Does: cases.MacroDoes{Status: "waiting:upstream", Tags: []string{"metering"}}},
	} {
		in.By, in.Shared = f.byEmail("katrin.vogel@nordwall.example").actor, true
		if _, err := f.Cases.SaveMacro(ctx, in); err != nil {
			return fmt.Errorf("keep macro %s: %w", in.Name, err)
		}
	}
	return nil
}
