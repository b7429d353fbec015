package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/money"
)

type entityCommand struct {
	Add  entityAdd  `cmd:"" help:"Add a legal entity, with an account for every role of the ledger."`
	List entityList `cmd:"" help:"List the legal entities."`
}

type entityAdd struct {
	Code           string `arg:"" help:"Two to eight capital letters and digits; document numbers begin with it, and it is never changed."`
	Name           string `required:"" help:"Its name, as on documents."`
	Country        string `required:"" help:"Two letters: whose law its documents follow."`
	BaseCurrency   string `required:"" placeholder:"EUR" help:"In which its books add up."`
	TimeZone       string `required:"" placeholder:"Europe/Berlin" help:"By which its days begin."`
	Language       string `required:"" placeholder:"de" help:"Of its own papers."`
	SupportAddress string `required:"" placeholder:"MAIL" help:"From which it writes to its customers."`
	SupportName    string `help:"Name of the sender; the entity's without it."`
	Signature      string `help:"Stands below every mail."`
	FiscalMonth    int    `default:"1" help:"In which its fiscal year begins, 1 to 12."`
	TaxID          string `name:"tax-id" help:"Tax number."`
	Address        string `help:"Several lines, as on documents."`
	Phone          string `help:"Telephone."`
	Bank           string `help:"Where customers pay, as on statements."`
	BrandColor     string `help:"Of papers and pages for customers, such as #0b5a7d."`
	TaxRelief      bool   `help:"The tax of what is written off comes back."`
	MemoPeriod     string `default:"tax_point" enum:"tax_point,memo_day" help:"In which month a memo is booked: of its tax point, or of its day."`
}

// Run adds the entity.
func (c *entityAdd) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		e, err := a.Billing.AddEntity(ctx, billing.NewEntity{
			By: access.SystemActor("makegood entity add"), Code: c.Code, SupportAddress: c.SupportAddress, SupportName: c.SupportName, Signature: c.Signature,
			EntityFacts: billing.EntityFacts{
				Name: c.Name, Country: c.Country, BaseCurrency: money.Currency(c.BaseCurrency), TimeZone: c.TimeZone, Language: c.Language, FiscalMonth: c.FiscalMonth,
				TaxID: c.TaxID, Address: c.Address, Phone: c.Phone, BankDetails: c.Bank, BrandColor: c.BrandColor, WriteOffTaxRelief: c.TaxRelief, MemoPeriodPolicy: c.MemoPeriod,
			},
		})
		if err != nil {
			return a.Explain(err)
		}
		_, err = fmt.Fprintf(s.out, "added %s, %s\n", e.Code, e.Name)
		return err
	})
}

type entityList struct{}

// Run lists them.
func (*entityList) Run(ctx context.Context, set *settings, s streams) error {
	return closed(ctx, set, s, func(a *app.App) error {
		list, err := a.Billing.Entities(ctx)
		if err != nil {
			return a.Explain(err)
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		for _, e := range list {
			if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Code, e.Country, e.BaseCurrency, e.TimeZone, e.Name); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}
