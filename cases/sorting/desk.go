package sorting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/sorting/classify"
	"makegood/cases/sorting/rules"
	"makegood/inbox/parse"
	"makegood/internal/db"
)

// wordsShown is how many deciding words are kept, othersShown how many further topics.
const (
	wordsShown  = 6
	othersShown = 3
)

// Desk is rules, model and threshold as they are in force at one moment.
type Desk struct {
	RuleSet RuleSet
	State   State
	set     rules.Set
	model   *classify.Model
	topics  []Topic
	codes   map[int64]string // of legal entities
	series  billing.SeriesInUse
	numbers *parse.Patterns // that find references by them
	readAt  time.Time
}

// fresh is how long reason codes and legal entities, which have no version to ask for, are believed.
const fresh = time.Minute

// Numbers find references in a message by the series of numbers that are in use.
func (d *Desk) Numbers() *parse.Patterns { return d.numbers }

// Topics are what a case can be about.
func (d *Desk) Topics() []Topic { return d.topics }

// Shadows are the rules that never decide.
func (d *Desk) Shadows() []rules.Shadow { return d.set.Shadows() }

// Entity is the code of a legal entity, "" for none.
func (d *Desk) Entity(id *int64) string {
	if id == nil {
		return ""
	}
	return d.codes[*id]
}

// inForce are the versions in force.
type inForce struct{ RuleSet, State int64 }

// Desk reads what is in force. It is read anew when a version has changed.
func (s *Service) Desk(ctx context.Context, r db.Reader) (*Desk, error) {
	now, err := db.One[inForce](ctx, r, `select coalesce((select max(version) from sorting_rule_sets), 0) as rule_set,
		coalesce((select max(version) from sorting_states), 0) as state`)
	if err != nil {
		return nil, fmt.Errorf("read sorting: %w", err)
	}
	last := s.desk.Load()
	if last != nil && last.is(now) && r.Now().Sub(last.readAt) < fresh {
		return last, nil
	}
	d, err := s.load(ctx, r, now, last)
	if err != nil {
		return nil, err
	}
	s.desk.Store(d)
	return d, nil
}

func (d *Desk) is(now inForce) bool {
	return d.RuleSet.Version == now.RuleSet && d.State.Version == now.State
}

func (s *Service) load(ctx context.Context, r db.Reader, now inForce, last *Desk) (*Desk, error) {
	set, err := ruleSet(ctx, r, now.RuleSet)
	if err != nil {
		return nil, err
	}
	d := &Desk{RuleSet: set, codes: map[int64]string{}, readAt: r.Now()}
	if d.set, err = rules.Compile(set.Rules, words()); err != nil {
		return nil, fmt.Errorf("prepare rules: %w", err)
	}
	if d.State, err = stateOf(ctx, r, now.State); err != nil {
		return nil, err
	}
	if d.topics, err = s.Topics(ctx); err != nil {
		return nil, err
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return nil, fmt.Errorf("read legal entities: %w", err)
	}
	for _, e := range entities {
		d.codes[int64(e.ID)] = e.Code
	}
	if err := d.learnNumbers(ctx, s.billing, r, last); err != nil {
		return nil, err
	}
	switch {
	case d.State.ModelID == nil:
		return d, nil
	case last != nil && last.State.ModelID != nil && *last.State.ModelID == *d.State.ModelID:
		d.model = last.model
		return d, nil
	}
	d.model, err = s.model(ctx, r, *d.State.ModelID)
	return d, err
}

// learnNumbers prepares the patterns of the series in use, unless they are those of before.
func (d *Desk) learnNumbers(ctx context.Context, b *billing.Service, r db.Reader, last *Desk) (err error) {
	if d.series, err = b.SeriesInUse(ctx, r); err != nil {
		return err
	}
	if last != nil && slices.Equal(last.series.Own, d.series.Own) && slices.Equal(last.series.Imported, d.series.Imported) {
		d.numbers = last.numbers
		return nil
	}
	d.numbers, err = parse.NewPatterns(parse.SeriesOf(d.series.Own, d.series.Imported))
	return err
}

// Verdict is how a message is sorted, with what a rule wants beside the topic.
type Verdict struct {
	Sorting

	Reason   string // reason code, "" when the topic is none
	Priority cases.Priority
	TeamID   *int64
	Tags     []string
	ToCase   bool
}

// Sort sorts a message: by the first rule that holds, and for what that leaves open by the model, if it is sure enough. Entity
// is the code of the legal entity whose mailbox the message came to. Without a decision DecidedBy is ByNothing and Topic "".
func (d *Desk) Sort(m parse.Message, entity string) Verdict {
	v := Verdict{Sorting: Sorting{DecidedBy: ByNothing, Words: []string{}, Others: []Guess{}}}
	d.guess(m, &v)
	rule, hits := d.set.First(MailOf(m, entity))
	if rule != nil {
		v.RuleSet, v.RuleID, v.RuleName = &d.RuleSet.Version, rule.ID, rule.Name
		v.Priority, v.Tags, v.ToCase = cases.Priority(rule.Then.Priority), rule.Then.Tags, rule.Then.ToCase
		if rule.Then.TeamID != 0 {
			v.TeamID = &rule.Then.TeamID
		}
		if rule.Then.Topic != "" {
			v.DecidedBy, v.Topic, v.Words = ByRule, rule.Then.Topic, found(hits)
		}
	}
	if v.DecidedBy == ByNothing && v.Guess != "" && v.Confidence >= d.State.Threshold {
		v.DecidedBy, v.Topic = ByModel, v.Guess
	}
	if v.DecidedBy != ByNothing {
		v.Type = TypeOf(d.topics, v.Topic)
	}
	if rule != nil && rule.Then.Type != "" {
		v.Type = cases.Type(rule.Then.Type)
	}
	v.Reason = d.Reason(v.Topic)
	return v
}

// Complete fills in what the intake's own words said where nothing else decided. A type that a rule gave stays.
func (v *Verdict) Complete(topic string, kind cases.Type, reason string) {
	if v.DecidedBy == ByNothing {
		v.Topic, v.Reason = topic, reason
		if topic != General {
			v.DecidedBy = ByWords
		}
	}
	if v.Type == "" {
		v.Type = kind
	}
}

func (d *Desk) guess(m parse.Message, v *Verdict) {
	if d.model == nil {
		return
	}
	text := TextOf(m.Subject, m.ReplyText)
	if strings.TrimSpace(text) == "" {
		return
	}
	guesses := d.model.Guesses(text)
	v.ModelID, v.Guess, v.Confidence = d.State.ModelID, guesses[0].Class, guesses[0].Confidence
	for _, g := range guesses[1:min(len(guesses), 1+othersShown)] {
		v.Others = append(v.Others, Guess{g.Class, g.Confidence})
	}
	for _, w := range d.model.Explain(text, v.Guess, wordsShown) {
		v.Words = append(v.Words, w.Text)
	}
}

// Reason is the reason code of a topic, "" when it is none.
func (d *Desk) Reason(topic string) string {
	for _, t := range d.topics {
		if t.Code == topic && t.Reason {
			return topic
		}
	}
	return ""
}

func found(hits []rules.Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, h.Found)
	}
	return out
}

// TextOf is what a model reads of a message.
func TextOf(subject, body string) string { return subject + "\n" + body }

// MailOf is what rules see of a message.
func MailOf(m parse.Message, entity string) rules.Mail {
	out := rules.Mail{
		Subject: m.Subject, Body: m.ReplyText, Language: m.Language, Entity: entity, Kind: string(m.Kind),
		Invoice: len(m.Refs.Invoices) > 0 || len(m.Refs.PurchaseOrders) > 0,
	}
	if len(m.From) > 0 {
		out.Sender = m.From[0].Address
	}
	for _, list := range [][]parse.Address{m.To, m.Cc} {
		for _, a := range list {
			out.Recipients = append(out.Recipients, a.Address)
		}
	}
	for _, a := range m.Attachments {
		out.Attachments = append(out.Attachments, a.Filename)
	}
	for _, a := range m.Refs.Amounts {
		if value, err := decimal.NewFromString(a.Amount); err == nil {
			out.Amounts = append(out.Amounts, rules.Sum{Value: value, Currency: a.Currency})
		}
	}
	return out
}

// Current is what is in force now, for screens.
func (s *Service) Current(ctx context.Context) (*Desk, error) { return s.Desk(ctx, s.db) }
