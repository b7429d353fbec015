package figures

// Name says which figure something is. It is the word in the API and the last part of the message keys.
type Name string

// The figures.
const (
	Receivable        Name = "receivable"
	Aging             Name = "aging"
	DisputedOpen      Name = "disputed_open"
	UnappliedCash     Name = "unapplied_cash"
	UnappliedCredits  Name = "unapplied_credits"
	CreditSales       Name = "credit_sales"
	DaysSales         Name = "dso"
	CountBackDays     Name = "dso_count_back"
	TrueDays          Name = "dso_true"
	BestPossibleDays  Name = "dso_best_possible"
	AverageDelinquent Name = "days_delinquent"
	Effectiveness     Name = "effectiveness"
	PaidInTermsCount  Name = "paid_in_terms_count"
	PaidInTermsValue  Name = "paid_in_terms_value"
	CurrentShare      Name = "current_share"
	TurnoverRate      Name = "turnover"
	BadDebt           Name = "bad_debt"
	DaysToSettle      Name = "days_to_settle"
	DaysLate          Name = "days_late"
	LateShare         Name = "late_share"
	BillingCycle      Name = "billing_cycle"
	InvoiceErrors     Name = "invoice_errors"
	DisputeCount      Name = "disputes"
	DisputeAmount     Name = "disputed"
	DisputeRate       Name = "dispute_rate"
	DisputeTime       Name = "dispute_time"
	WinRate           Name = "win_rate"
	DisputeDays       Name = "days_disputes"
	Credits           Name = "credits"
	Corrections       Name = "corrections"
	ConcessionBudget  Name = "concession_budget"
)

// Unit says how a figure is written.
type Unit string

// The units. A share is a fraction of one.
const (
	Money      Unit = "money"
	InDays     Unit = "days"
	InHours    Unit = "hours"
	Share      Unit = "share"
	Times      Unit = "times"
	Count      Unit = "count"
	Thousandth Unit = "per_thousand"
)

// Direction says which way a figure gets better.
type Direction int

// The directions.
const (
	Lower   Direction = -1
	Neither Direction = 0
	Higher  Direction = 1
)

// Definition says what a figure is. The messages "figure.<name>" and "figure.<name>.definition" are its title and the
// sentence shown with it.
type Definition struct {
	Name   Name
	Unit   Unit
	Better Direction
}

// TitleKey is the message that names the figure.
func (d Definition) TitleKey() string { return "figure." + string(d.Name) }

// Key is the message that says how the figure is made.
func (d Definition) Key() string { return d.TitleKey() + ".definition" }

// DefinitionOf finds a figure's definition; ok is false for a name that is none.
func DefinitionOf(name Name) (d Definition, ok bool) {
	for _, d := range Definitions() {
		if d.Name == name {
			return d, true
		}
	}
	return Definition{}, false
}

// Definitions lists every figure in the order it is shown in.
func Definitions() []Definition {
	return []Definition{
		{Receivable, Money, Neither},
		{Aging, Money, Neither},
		{DisputedOpen, Money, Lower},
		{UnappliedCash, Money, Lower},
		{UnappliedCredits, Money, Lower},
		{CreditSales, Money, Neither},
		{DaysSales, InDays, Lower},
		{CountBackDays, InDays, Lower},
		{TrueDays, InDays, Lower},
		{BestPossibleDays, InDays, Lower},
		{AverageDelinquent, InDays, Lower},
		{Effectiveness, Share, Higher},
		{PaidInTermsCount, Share, Higher},
		{PaidInTermsValue, Share, Higher},
		{CurrentShare, Share, Higher},
		{TurnoverRate, Times, Higher},
		{BadDebt, Share, Lower},
		{DaysToSettle, InDays, Lower},
		{DaysLate, InDays, Lower},
		{LateShare, Share, Lower},
		{BillingCycle, InDays, Lower},
		{InvoiceErrors, Share, Lower},
		{DisputeCount, Count, Lower},
		{DisputeAmount, Money, Lower},
		{DisputeRate, Share, Lower},
		{DisputeTime, InHours, Lower},
		{WinRate, Share, Neither},
		{DisputeDays, InDays, Lower},
		{Credits, Money, Lower},
		{Corrections, Thousandth, Lower},
		{ConcessionBudget, Share, Lower},
	}
}
