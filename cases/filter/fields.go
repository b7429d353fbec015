package filter

// The fields. Amounts are in the currency of the case, Risk in the authority currency; moments are told by the day of
// the reader's zone, or by how long ago or how far ahead they are.
const (
	Is       Field = "is"
	Has      Field = "has"
	Number   Field = "number"
	Status   Field = "status"
	Waiting  Field = "waiting"
	Type     Field = "type"
	Priority Field = "priority"
	Topic    Field = "topic"
	Language Field = "language"
	Tag      Field = "tag"
	Subject  Field = "subject"
	Own      Field = "field" // one of the company's own

	Customer Field = "customer"
	Account  Field = "account"
	Tier     Field = "tier"
	Country  Field = "country"
	Entity   Field = "entity"
	Contact  Field = "contact"
	Assignee Field = "assignee"
	Team     Field = "team"

	Invoice  Field = "invoice"
	Reason   Field = "reason"
	Cause    Field = "cause"
	Credit   Field = "credit"
	Currency Field = "currency"
	Disputed Field = "disputed"
	Risk     Field = "risk"

	Opened   Field = "opened"
	Due      Field = "due"
	Heard    Field = "heard"    // the customer wrote last
	Answered Field = "answered" // we wrote last
	Silent   Field = "silent"   // the customer has waited for an answer since
	Resolved Field = "resolved"
	Closed   Field = "closed"
)

// Kind says what a field's values look like.
type Kind string

// The kinds: one of a fixed set; a code or number, told whole; a part of a name; an amount; a moment behind us; a moment
// ahead of us; a field of the company's own, alone or compared with what it holds.
const (
	Choice Kind = "choice"
	Code   Kind = "code"
	Name   Kind = "name"
	Amount Kind = "amount"
	Past   Kind = "past"
	Future Kind = "future"
	Held   Kind = "field"
)

// Definition describes a field to whoever writes a filter.
type Definition struct {
	Field   Field
	Kind    Kind
	Choices []string // of a Choice
	Example string
}

// Fields lists every field, in the order of the help.
func Fields() []Definition {
	return []Definition{
		{Is, Choice, []string{"open", "done", "breached", "running", "paused", "unassigned", "mine", "unanswered", "merged"}, "is:breached"},
		{Has, Choice, []string{"customer", "invoice", "dispute", "credit", "tag", "cause"}, "-has:invoice"},
		{Status, Choice, []string{"new", "open", "waiting", "resolved", "closed"}, "status:new,open"},
		{Waiting, Choice, []string{"customer", "approver", "billing", "upstream", "third_party"}, "waiting:upstream"},
		{Type, Choice, []string{"inquiry", "dispute", "concession", "cancellation", "refund", "remittance"}, "type:dispute"},
		{Priority, Choice, []string{"p1", "p2", "p3", "p4"}, "priority:p1,p2"},
		{Assignee, Name, nil, "assignee:me"},
		{Team, Name, nil, "team:emea"},
		{Customer, Name, nil, `customer:"north sea"`},
		{Account, Code, nil, "account:C-1042"},
		{Tier, Choice, []string{"platinum", "gold", "silver"}, "tier:gold"},
		{Country, Code, nil, "country:DE"},
		{Entity, Code, nil, "entity:SG"},
		{Contact, Name, nil, "contact:anna@"},
		{Invoice, Code, nil, "invoice:DE-2026-01877"},
		{Reason, Code, nil, "reason:wrong_price"},
		{Cause, Code, nil, "cause:price_list"},
		{Credit, Choice, []string{"none", "pending", "approved", "posted"}, "credit:pending"},
		{Currency, Code, nil, "currency:USD"},
		{Disputed, Amount, nil, "disputed:1000..5000"},
		{Risk, Amount, nil, "risk:>2500"},
		{Topic, Code, nil, "topic:tax_wrong"},
		{Tag, Code, nil, "tag:audit"},
		{Language, Code, nil, "language:ja"},
		{Subject, Name, nil, "subject:refund"},
		{Own, Held, nil, "field:purchase_order=4711"},
		{Number, Code, nil, "number:MG-000123"},
		{Due, Future, nil, "due:<4h"},
		{Opened, Past, nil, "opened:<7d"},
		{Heard, Past, nil, "heard:>3d"},
		{Answered, Past, nil, "answered:>5d"},
		{Silent, Past, nil, "silent:>24h"},
		{Resolved, Past, nil, "resolved:2026-05-01..2026-05-31"},
		{Closed, Past, nil, "closed:>=2026-05-01"},
	}
}

func definitionOf(name string) (Definition, bool) {
	for _, d := range Fields() {
		if string(d.Field) == name {
			return d, true
		}
	}
	return Definition{}, false
}
