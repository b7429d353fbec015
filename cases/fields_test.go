package cases_test

import (
	"errors"
	"slices"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// keep1 keeps one field of the company's own.
func (k *desk) keep1(e cases.FieldEntry) {
	k.t.Helper()
	_, err := k.cases.KeepFields(k.t.Context(), cases.KeepFieldsInput{By: k.supervisor, Fields: []cases.FieldEntry{e}})
	k.must(err)
}

func (k *desk) fields() {
	k.t.Helper()
	for _, e := range []cases.FieldEntry{
		{Code: "purchase_order", Name: "Purchase order"},
		{Code: "meters", Name: "Meters", Kind: cases.FieldNumber},
		{Code: "ends", Name: "Contract ends", Kind: cases.FieldDate, Types: []cases.Type{cases.Dispute, cases.Inquiry}},
		{Code: "channel", Name: "Sold by", Kind: cases.FieldChoice, Choices: []string{"Direct", "Partner", "direct"}},
		{Code: "audit", Name: "Audited", Kind: cases.FieldYesNo, Types: []cases.Type{cases.Refund}},
	} {
		k.keep1(e)
	}
}

func (k *desk) fill(c cases.Case, values map[string]string) cases.Case {
	k.t.Helper()
	now, err := k.cases.SetFields(k.t.Context(), cases.SetFieldsInput{On: k.on(c), Values: values})
	k.must(err)
	return now
}

func (k *desk) holding(c cases.Case) map[string]string {
	k.t.Helper()
	list, err := k.cases.CaseFields(k.t.Context(), k.db, c)
	k.must(err)
	out := map[string]string{}
	for _, f := range list {
		out[f.Code] = f.Value
	}
	return out
}

// findsBy are the cases that a text in the queue finds.
func (k *desk) findsBy(text string) []string {
	k.t.Helper()
	page, err := k.cases.Queue(k.t.Context(), cases.Filter{View: cases.ViewAll, Query: text}, k.agent)
	k.must(err)
	var numbers []string
	for _, row := range page.Rows {
		numbers = append(numbers, row.Number)
	}
	slices.Sort(numbers)
	return numbers
}

// Values are kept in the form of their kind, each change is one line of the history and a new version, and what is not of the kind is
// refused at its field with nothing changed.
func TestFieldsOfACase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.fields()
	c := k.asked()
	if said := k.holding(c); len(said) != 4 || said["purchase_order"] != "" {
		t.Errorf("%v", said)
	}
	now := k.fill(c, map[string]string{"purchase_order": "  PO 4711 ", "meters": "012.50", "ends": "2026-12-31", "channel": "PARTNER"})
	if said := k.holding(now); said["purchase_order"] != "PO 4711" || said["meters"] != "12.5" || said["ends"] != "2026-12-31" || said["channel"] != "Partner" {
		t.Errorf("%v", said)
	}
	if now.Version != c.Version+1 || k.events(c.ID, "fields.set") != 1 {
		t.Errorf("version %d, %d lines", now.Version, k.events(c.ID, "fields.set"))
	}
	if again := k.fill(now, map[string]string{"meters": "12.5"}); again.Version != now.Version || k.events(c.ID, "fields.set") != 1 {
		t.Errorf("saying the same is a change: %+v", again)
	}
	_, err := k.cases.SetFields(t.Context(), cases.SetFieldsInput{On: k.on(c), Values: map[string]string{"meters": "3"}})
	k.refused(err, cases.ErrStaleVersion)
	for name, bad := range map[string][3]string{
		"no number": {"meters", "3,5", "fields.bad_number"}, "too fine": {"meters", "0.0000001", "fields.bad_number"}, "a power": {"meters", "1e9", "fields.bad_number"},
		"no day": {"ends", "2026-02-30", "fields.bad_date"}, "no choice": {"channel", "Door", "fields.no_such_choice"}, "two lines": {"purchase_order", "a\nb", "fields.bad_text"},
		"of another type": {"audit", "yes", "fields.not_asked"}, "nobody knows it": {"nothing", "x", "fields.no_field"},
	} {
		_, err := k.cases.SetFields(t.Context(), cases.SetFieldsInput{On: k.on(now), Values: map[string]string{bad[0]: bad[1], "purchase_order": "other"}})
		if t.Log(name); bad[0] == "purchase_order" {
			_, err = k.cases.SetFields(t.Context(), cases.SetFieldsInput{On: k.on(now), Values: map[string]string{bad[0]: bad[1]}})
		}
		k.field(err, "fields."+bad[0], bad[2])
	}
	now = k.fill(now, map[string]string{"meters": "", "channel": ""})
	if said := k.holding(now); said["meters"] != "" || said["purchase_order"] != "PO 4711" {
		t.Errorf("%v", said)
	}
	auditor := access.Actor{Kind: access.Person, UserID: k.agent.UserID, Roles: []access.Role{access.Auditor}}
	if _, err := k.cases.SetFields(t.Context(), cases.SetFieldsInput{On: cases.On{By: auditor, ID: c.ID, Version: now.Version}, Values: map[string]string{"meters": "1"}}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an auditor: %v", err)
	}
}

// The queue finds cases by what fields hold, compared by kind, and a search finds a text told whole.
func TestCasesAreFoundByFields(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.fields()
	one, two := k.asked(), k.asked()
	one = k.fill(one, map[string]string{"purchase_order": "PO-4711", "meters": "12.5", "ends": "2026-12-31", "channel": "Direct"})
	two = k.fill(two, map[string]string{"purchase_order": "4712", "meters": "3", "ends": "2027-01-31"})
	for text, want := range map[string][]string{
		"field:purchase_order": {one.Number, two.Number}, "-field:channel": {two.Number}, "field:purchase_order=po-4711": {one.Number},
		"field:purchase_order=po-4711,4712": {one.Number, two.Number}, "field:meters=3.0": {two.Number}, "field:meters>3": {one.Number}, "field:meters>=3 field:ends<2027-01-01": {one.Number},
		"field:ends=2027-01-31": {two.Number}, "field:channel=DIRECT": {one.Number}, "field:nothing": nil, "po-4711": {one.Number},
	} {
		if got := k.findsBy(text); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"field:ends<soon", "field:=3", "field:Größe=1"} {
		_, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewAll, Query: text}, k.agent)
		k.field(err, "q", "filter.bad_field")
	}
}

// Fields are kept by whoever keeps reasons; code and kind stay, a stale change is refused, and what was said outlives a field.
func TestFieldsAreKept(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.fields()
	c := k.asked()
	c = k.fill(c, map[string]string{"channel": "Partner"})
	keep := func(by access.Actor, isNew bool, e cases.FieldEntry) ([]cases.FieldChange, error) {
		return k.cases.KeepFields(t.Context(), cases.KeepFieldsInput{By: by, New: isNew, Fields: []cases.FieldEntry{e}})
	}
	channel := cases.FieldEntry{Code: "channel", Name: "Channel", Kind: cases.FieldChoice, Choices: []string{"Direct", "Shop"}, Version: 1}
	if _, err := keep(k.agent, false, channel); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent: %v", err)
	}
	changes, err := keep(k.supervisor, false, channel)
	if k.must(err); len(changes) != 1 || changes[0] != (cases.FieldChange{Code: "channel", What: "changed"}) {
		t.Errorf("%v", changes)
	}
	if again := k.fill(c, map[string]string{"channel": "Partner"}); again.Version != c.Version || k.holding(c)["channel"] != "Partner" {
		t.Error("a choice that is gone is not kept")
	}
	_, err = keep(k.supervisor, false, channel)
	k.refused(err, cases.ErrFieldMoved)
	_, err = keep(k.supervisor, true, channel)
	k.refused(err, cases.ErrFieldTaken)
	_, err = keep(k.supervisor, false, cases.FieldEntry{Code: "channel", Name: "Channel", Kind: cases.FieldText})
	k.field(err, "kind", "fields.kind_stays")
	for key, e := range map[string]cases.FieldEntry{
		"reasons.bad_code": {Code: "New One", Name: "x"}, "fields.needs_name": {Code: "some", Name: " "}, "fields.unknown_kind": {Code: "some", Name: "x", Kind: "colour"},
		"fields.needs_choices": {Code: "some", Name: "x", Kind: cases.FieldChoice}, "reasons.unknown_type": {Code: "some", Name: "x", Types: []cases.Type{"wish"}},
	} {
		_, err := keep(k.supervisor, true, e)
		k.field(err, map[string]string{"reasons.bad_code": "code", "fields.needs_name": "name", "fields.unknown_kind": "kind", "fields.needs_choices": "choices", "reasons.unknown_type": "types"}[key], key)
	}
	retired := cases.FieldEntry{Code: "channel", Name: "Channel", Kind: cases.FieldChoice, Choices: []string{"Direct", "Shop"}, Retired: true}
	if changes, err = keep(k.supervisor, false, retired); err != nil || changes[0].What != "retired" {
		t.Errorf("%v %v", changes, err)
	}
	if k.holding(c)["channel"] != "Partner" {
		t.Error("what was said went with the field")
	}
	_, err = k.cases.SetFields(t.Context(), cases.SetFieldsInput{On: k.on(c), Values: map[string]string{"channel": "Shop"}})
	k.field(err, "fields.channel", "fields.not_asked")
	for what, statement := range map[string]string{
		"a text in a number": `insert into case_field_values (case_id, field_id, kind, text_value) select $1, id, kind, 'x' from case_fields where code = 'meters'`,
		"another kind":       `insert into case_field_values (case_id, field_id, kind, text_value) select $1, id, 'text', 'x' from case_fields where code = 'meters'`,
	} {
		if err := k.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement, c.ID); return err }); err == nil {
			t.Errorf("the database takes %s", what)
		}
	}
}

// What the company must know of a case is said before a person resolves it, alone or with others; what the program resolves by itself does
// not wait for it.
func TestACaseIsNotResolvedBeforeWhatIsNeededIsSaid(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.fields()
	k.keep1(cases.FieldEntry{Code: "meters", Name: "Meters", Kind: cases.FieldNumber, Needed: true})
	k.keep1(cases.FieldEntry{Code: "audit", Name: "Audited", Kind: cases.FieldYesNo, Types: []cases.Type{cases.Refund}, Needed: true})
	in := k.mail()
	in.Type = cases.Inquiry
	c := k.open(in)
	_, err := k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusResolved})
	k.refused(err, cases.ErrUnsaidFields)
	var e *errs.Error
	if !errors.As(err, &e) || e.Params["fields"] != "Meters" {
		t.Errorf("the sentence names %v", e)
	}
	preview, err := k.cases.PreviewBulk(t.Context(), cases.BulkInput{By: k.agent, Action: cases.BulkStatus, Value: "resolved", Numbers: []string{c.Number}})
	k.must(err)
	if preview.Refused != 1 {
		t.Errorf("the preview of several: %+v", preview)
	}
	c = k.fill(c, map[string]string{"meters": "3"})
	c, err = k.cases.SetStatus(t.Context(), cases.StatusInput{On: k.on(c), To: cases.StatusResolved})
	k.must(err)
	if c.Status != cases.StatusResolved {
		t.Errorf("%s", c.Status)
	}
}
