package helpdesk

import (
	"errors"
	"slices"
	"strings"
	"time"

	"makegood/cases"
	"makegood/internal/errs"
)

// readSalesforce reads the tables of Salesforce: of its data export (Case.csv with EmailMessage.csv, CaseComment.csv, Account.csv, Contact.csv,
// User.csv and Attachment.csv) or reports of cases. Tables are known by their columns, so their names may be others.
func readSalesforce(parts []part, o Options) (Export, error) {
	f := salesforce{
		options: o, people: map[string]person{}, accounts: map[string]account{}, contacts: map[string]contact{}, files: map[string][]string{},
		at: map[string]int{}, words: map[string]string{},
	}
	// What others refer to comes first, cases before what was said in them.
	for _, pass := range []map[string]func(row) error{
		{"user": f.user, "account": f.account, "contact": f.contact, "attachment": f.attachment},
		{"case": f.caseOf},
		{"email": f.email, "comment": f.comment},
	} {
		if err := f.pass(parts, pass); err != nil {
			return Export{}, err
		}
	}
	for _, p := range parts {
		if !f.known[p.name] {
			f.Ignored = append(f.Ignored, p.name)
		}
	}
	if !f.sawCases {
		return Export{}, errs.New(ErrNoColumns.Kind, ErrNoColumns.Key, "files", strings.Join(f.Ignored, ", "))
	}
	f.finish()
	return f.Export, nil
}

// salesforce is an export being read. Ids are kept without the three characters that only some files add to them.
type salesforce struct {
	Export

	options  Options
	people   map[string]person
	accounts map[string]account
	contacts map[string]contact
	files    map[string][]string // names of attachments, by what they hang on
	at       map[string]int      // where a case stands in Cases, by id and number
	words    map[string]string   // what a case was described with, by id
	known    map[string]bool     // files that hold something of cases
	sawCases bool
}

type person struct {
	name     string
	customer bool // signs in to a portal for customers, and is none of the desk
}

type account struct{ name, number string }

type contact struct{ name, address, account string }

// pass reads the tables that one pass is about.
func (f *salesforce) pass(parts []part, readers map[string]func(row) error) error {
	if f.known == nil {
		f.known = map[string]bool{}
	}
	for _, p := range parts {
		if err := f.table(p, readers); err != nil {
			return err
		}
	}
	return nil
}

func (f *salesforce) table(p part, readers map[string]func(row) error) (err error) {
	s, closer, err := openSheet(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	kind := s.kind(p.base())
	read := readers[kind]
	if read == nil {
		return nil
	}
	f.sawCases = f.sawCases || kind == "case"
	f.known[p.name] = true
	s.days = days{order: f.options.DateOrder, zone: f.options.Zone}
	if s.days.order == "" {
		if s.days.order, err = f.order(p); err != nil {
			return err
		}
	}
	return s.each(read)
}

// kind tells what a table holds by its columns; by its name only where they leave it open.
func (s *grid) kind(name string) string {
	switch {
	case s.has("casenumber") && s.has("subject", "status", "casestatus"):
		return "case"
	case s.has("parentid") && s.has("commentbody"):
		return "comment"
	case s.has("parentid") && s.has("textbody", "htmlbody", "fromaddress"):
		return "email"
	case s.has("parentid") && s.has("name") && s.has("contenttype", "bodylength"):
		return "attachment"
	case s.has("username") && s.has("id"):
		return "user"
	case s.has("id") && s.has("email") && s.has("accountid", "lastname"):
		return "contact"
	case s.has("id") && s.has("name") && (s.has("accountnumber") || name == "account"):
		return "account"
	case name == "case" && s.has("id") && s.has("subject"):
		return "case"
	}
	return ""
}

// order finds in a table whether its days begin with the day or the month, where they are written with figures alone.
func (f *salesforce) order(p part) (order string, err error) {
	s, closer, err := openSheet(p)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	var cells []string
	err = s.each(func(r row) error {
		for _, column := range append(openedColumns(), closedColumns()...) {
			cell := r.cell(column)
			switch {
			case cell == "":
			case !inFigures.MatchString(evened(cell)) || len(cells) >= enoughDays:
				return errEnough // written without doubt, or too often to be in doubt still
			default:
				cells = append(cells, cell)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return "", err
	}
	return orderOf(cells), nil
}

// errEnough ends the look at the days of a table.
var errEnough = errors.New("enough seen")

const enoughDays = 100_000

func openedColumns() []string {
	return []string{"createddate", "datetimeopened", "dateopened", "openeddate", "opendate", "created", "messagedate"}
}

func closedColumns() []string {
	return []string{"closeddate", "datetimeclosed", "dateclosed", "closedate"}
}

// id is an id without the check that the longer form of it ends in.
func id(s string) string {
	if s = strings.TrimSpace(s); len(s) == 18 {
		return s[:15]
	}
	return s
}

func (f *salesforce) user(r row) error {
	name := r.cell("name")
	if name == "" {
		name = strings.TrimSpace(r.cell("firstname") + " " + r.cell("lastname"))
	}
	kind := plain(r.cell("usertype"))
	f.people[id(r.cell("id"))] = person{name: name, customer: kind != "" && kind != "standard" && !strings.Contains(kind, "automated")}
	return nil
}

func (f *salesforce) account(r row) error {
	f.accounts[id(r.cell("id"))] = account{name: r.cell("name"), number: r.cell("accountnumber")}
	return nil
}

func (f *salesforce) contact(r row) error {
	name := r.cell("name")
	if name == "" {
		name = strings.TrimSpace(r.cell("firstname") + " " + r.cell("lastname"))
	}
	f.contacts[id(r.cell("id"))] = contact{name: name, address: r.cell("email"), account: id(r.cell("accountid"))}
	return nil
}

func (f *salesforce) attachment(r row) error {
	if of := id(r.cell("parentid")); of != "" && !r.is("isdeleted") {
		f.files[of] = append(f.files[of], line(r.cell("name")))
	}
	return nil
}

// caseOf reads one case.
func (f *salesforce) caseOf(r row) error {
	p := Past{File: r.name, Row: r.Number, ID: id(r.cell("id", "caseid")), Number: line(r.cell("casenumber"))}
	if p.Number == "" {
		p.Number = p.ID
	}
	if r.is("isdeleted", "deleted") {
		f.Deleted++
		return nil
	}
	if why := f.fill(&p, r); why != nil {
		f.refuse(p, why)
		return nil
	}
	f.Cases = append(f.Cases, p)
	for _, name := range []string{p.ID, p.Number} {
		if _, there := f.at[name]; name != "" && !there {
			f.at[name] = len(f.Cases) - 1
		}
	}
	return nil
}

func (f *salesforce) fill(p *Past, r row) *errs.Error {
	if why := r.problem(); why != nil {
		return why
	}
	if p.Number == "" {
		return errNoNumber
	}
	var why *errs.Error
	if p.OpenedAt, why = r.moment(openedColumns()); why != nil {
		return why
	}
	if p.OpenedAt.IsZero() {
		return errNoDay
	}
	if p.ClosedAt, why = r.moment(closedColumns()); why != nil {
		return why
	}
	closed, said := yes(r.cell("isclosed", "closed"))
	p.Status = statusCalled(r.cell("status", "casestatus"), closed || !said && !p.ClosedAt.IsZero(), said)
	p.Subject, p.Called = r.cell("subject"), r.cell("priority")
	p.Type, p.Priority = typeCalled(r.cell("type", "casetype"), r.cell("reason", "casereason")), priorityCalled(p.Called)
	p.Customer = f.customer(r)
	f.begin(p, r)
	return nil
}

// moment reads the first of some columns that is not empty.
func (r row) moment(columns []string) (time.Time, *errs.Error) {
	cell := r.cell(columns...)
	at, err := r.days.moment(cell)
	if why, ok := errors.AsType[*errs.Error](err); ok {
		return at, errs.New(why.Kind, why.Key, "got", line(cell))
	}
	return at, nil
}

// customer is whose case it is, by what the row says and the tables beside it.
func (f *salesforce) customer(r row) Customer {
	c := f.contacts[id(r.cell("contactid"))]
	of := id(r.cell("accountid"))
	if of == "" {
		of = c.account
	}
	a := f.accounts[of]
	customer := Customer{
		Address: firstOf(r.cell("suppliedemail", "webemail"), r.cell("contactemail"), c.address, r.cell("emailaddress", "email")),
		Person:  firstOf(r.cell("contactname"), c.name, r.cell("suppliedname", "webname")),
		Company: firstOf(r.cell("accountname"), a.name, r.cell("suppliedcompany", "webcompany", "company")),
	}
	for _, number := range []string{r.cell("accountnumber", "accountaccountnumber"), a.number} {
		if number = line(number); number != "" && !slices.Contains(customer.Accounts, number) {
			customer.Accounts = append(customer.Accounts, number)
		}
	}
	return customer
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// begin puts what the case was described with into its conversation: the customer's own words unless somebody took them down at the
// telephone.
func (f *salesforce) begin(p *Past, r row) {
	hanging := append(slices.Clone(f.files[p.ID]), f.files[id(p.ID)]...)
	slices.Sort(hanging)
	said := Message{Side: ByCustomer, Name: p.Customer.Person, Address: p.Customer.Address, Subject: p.Subject, Body: r.cell("description"), Files: slices.Compact(hanging), At: p.OpenedAt}
	if strings.Contains(plain(r.cell("origin", "caseorigin")), "phone") {
		said.Side, said.Address = AsNote, ""
		said.Name = f.people[id(r.cell("createdbyid"))].name
	}
	if said.Body != "" || len(said.Files) > 0 {
		p.Messages = append(p.Messages, said)
		f.words[p.Number] = said.Body
	}
	if comments := r.cell("comments", "internalcomments"); comments != "" {
		p.Messages = append(p.Messages, Message{Side: AsNote, Body: comments, At: p.OpenedAt})
	}
}

// of is the case that something was said in; nil for one the files do not hold.
func (f *salesforce) of(r row) *Past {
	n, ok := f.at[id(r.cell("parentid", "caseid"))]
	if !ok {
		f.Orphans++
		return nil
	}
	return &f.Cases[n]
}

// email reads a mail of a case. Drafts and what was thrown away were never said.
func (f *salesforce) email(r row) error {
	status := plain(r.cell("status"))
	if r.is("isdeleted") || status == "5" || status == "draft" {
		return nil
	}
	p := f.of(r)
	if p == nil {
		return nil
	}
	m := Message{
		Side: ByDesk, Name: r.cell("fromname"), Address: r.cell("fromaddress"), To: addresses(r.cell("toaddress") + "," + r.cell("ccaddress")),
		Subject: r.cell("subject"), Body: r.cell("textbody"), Files: f.files[id(r.cell("id"))],
	}
	if m.Body == "" {
		m.Body = html(r.cell("htmlbody"))
	}
	m.At, _ = r.days.moment(r.cell("messagedate", "createddate"))
	if r.is("incoming") {
		m.Side = ByCustomer
		if said := f.words[p.Number]; said != "" && sameWords(said, m.Body) { // the mail that opened the case is its description
			p.Messages = slices.DeleteFunc(p.Messages, func(b Message) bool {
				if b.Body == said {
					m.Files = append(slices.Clone(m.Files), b.Files...)
				}
				return b.Body == said
			})
			delete(f.words, p.Number)
		}
	}
	p.Messages = append(p.Messages, m)
	return nil
}

// sameWords tells whether a description is the beginning of a mail, which it keeps no more of than there was room for.
func sameWords(description, mail string) bool {
	d, m := strings.Join(strings.Fields(description), " "), strings.Join(strings.Fields(mail), " ")
	return d == m || len(d) > 40 && strings.HasPrefix(m, d)
}

// comment reads a comment: shown to the customer or not, and by somebody of the desk unless the table of users says otherwise.
func (f *salesforce) comment(r row) error {
	if r.is("isdeleted") {
		return nil
	}
	p := f.of(r)
	if p == nil {
		return nil
	}
	by := f.people[id(r.cell("createdbyid"))]
	m := Message{Side: AsNote, Name: firstOf(by.name, r.cell("createdby", "createdbyname")), Body: r.cell("commentbody", "body")}
	switch {
	case by.customer:
		m.Side = ByCustomer
	case r.is("ispublished"):
		m.Side = ByDesk
	}
	m.At, _ = r.days.moment(r.cell("createddate"))
	p.Messages = append(p.Messages, m)
	return nil
}

// finish says of cases whose customer stands nowhere else that it is who wrote first.
func (f *salesforce) finish() {
	for n := range f.Cases {
		p := &f.Cases[n]
		for _, m := range p.Messages {
			if p.Customer.Address == "" && m.Side == ByCustomer {
				p.Customer.Address = m.Address
			}
		}
		if p.Status == cases.StatusNew && slices.ContainsFunc(p.Messages, func(m Message) bool { return m.Side == ByDesk }) {
			p.Status = cases.StatusOpen
		}
	}
}
