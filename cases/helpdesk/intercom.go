package helpdesk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/cases"
	"makegood/internal/errs"
)

// conversation is a conversation of Intercom, as far as the desk has a place for it. Its lists are lists or objects with one, by version.
type conversation struct {
	Type         string          `json:"type"`
	ID           word            `json:"id"`
	Title        word            `json:"title"`
	CreatedAt    moment          `json:"created_at"`
	UpdatedAt    moment          `json:"updated_at"`
	SnoozedUntil moment          `json:"snoozed_until"`
	State        word            `json:"state"`
	Open         *bool           `json:"open"`
	Priority     word            `json:"priority"`
	Source       source          `json:"source"`
	Message      source          `json:"conversation_message"` // of old versions
	Contacts     list[author]    `json:"contacts"`
	User         author          `json:"user"`
	Tags         list[tag]       `json:"tags"`
	Parts        list[piece]     `json:"conversation_parts"`
	Statistics   statistics      `json:"statistics"`
	Rating       rating          `json:"conversation_rating"`
	Attributes   map[string]word `json:"custom_attributes"`
	Conversation json.RawMessage `json:"conversations"`
}

type source struct {
	ID          word             `json:"id"`
	DeliveredAs word             `json:"delivered_as"`
	Subject     word             `json:"subject"`
	Body        word             `json:"body"`
	Author      author           `json:"author"`
	Attachments list[attachment] `json:"attachments"`
}

type author struct {
	Type       word `json:"type"`
	ID         word `json:"id"`
	Name       word `json:"name"`
	Email      word `json:"email"`
	ExternalID word `json:"external_id"`
	Language   word `json:"language_override"`
}

type tag struct {
	Name word `json:"name"`
}

type attachment struct {
	Name word `json:"name"`
}

type piece struct {
	ID          word             `json:"id"`
	Kind        word             `json:"part_type"`
	Body        word             `json:"body"`
	CreatedAt   moment           `json:"created_at"`
	Author      author           `json:"author"`
	Attachments list[attachment] `json:"attachments"`
	Redacted    bool             `json:"redacted"`
}

type statistics struct {
	LastClosedAt moment `json:"last_close_at"`
	Parts        int    `json:"count_conversation_parts"`
}

type rating struct {
	Rating    *int   `json:"rating"`
	Remark    word   `json:"remark"`
	CreatedAt moment `json:"created_at"`
}

// word is a text that some versions write as a number, and nothing as null.
type word string

// UnmarshalJSON takes text, numbers and null; of anything else it takes nothing.
func (w *word) UnmarshalJSON(raw []byte) error {
	*w = ""
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*w = word(s)
		return nil
	}
	if n := json.Number(raw); len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		*w = word(n)
	}
	return nil
}

// moment is seconds since 1970, or a moment as text; nothing as null.
type moment struct{ time.Time }

// latestSecond is in the year 2096.
const latestSecond = 4_000_000_000

// UnmarshalJSON refuses what is neither.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var w word
	if err := w.UnmarshalJSON(raw); err != nil || w == "" {
		return err
	}
	whole, _, _ := strings.Cut(string(w), ".")
	if seconds, err := strconv.ParseInt(whole, 10, 64); err == nil {
		if seconds > latestSecond { // some exports write thousandths
			seconds /= 1000
		}
		if seconds > 0 && seconds <= latestSecond {
			m.Time = time.Unix(seconds, 0).UTC()
		}
		return nil
	}
	at, err := days{zone: time.UTC}.moment(string(w))
	m.Time = at
	return err
}

// list is a list, or an object that has one under a name.
type list[T any] []T

// UnmarshalJSON takes either; of anything else it takes nothing.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0:
		return nil
	case raw[0] == '[':
		return listed(raw, (*[]T)(l))
	case raw[0] != '{':
		return nil
	}
	var within map[string]json.RawMessage
	if err := json.Unmarshal(raw, &within); err != nil {
		return fmt.Errorf("read list: %w", err)
	}
	for _, name := range []string{"conversation_parts", "contacts", "tags", "data"} {
		if inner := bytes.TrimSpace(within[name]); len(inner) > 0 && inner[0] == '[' {
			return listed(inner, (*[]T)(l))
		}
	}
	return nil
}

func listed[T any](raw []byte, into *[]T) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read list: %w", err)
	}
	return nil
}

// readIntercom reads conversations: one object, a list, an object with a list under "conversations", or one a line.
func readIntercom(parts []part) (Export, error) {
	var x Export
	for _, p := range parts {
		if err := x.conversations(p); err != nil {
			return Export{}, err
		}
	}
	return x, nil
}

func (x *Export) conversations(p part) (err error) {
	in, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	d := json.NewDecoder(skipMark(in))
	n := 0
	for value := 1; ; value++ {
		var raw json.RawMessage
		switch err := d.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errs.Wrap(err, ErrNoJSON.Kind, ErrNoJSON.Key, "file", p.name, "value", itoa(value))
		}
		n = x.values(p, raw, n)
	}
}

// skipMark leaves out the byte order mark that Windows puts before a text.
func skipMark(in io.Reader) io.Reader {
	head := make([]byte, 3)
	n, _ := io.ReadFull(in, head)
	return io.MultiReader(bytes.NewReader(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf"))), in)
}

// values takes a value apart into conversations, the first of which is the one after n.
func (x *Export) values(p part, raw json.RawMessage, n int) int {
	inner := raw
	var c conversation
	err := json.Unmarshal(raw, &c)
	if err == nil && len(c.Conversation) > 0 {
		inner = c.Conversation
	}
	var several []json.RawMessage
	if json.Unmarshal(inner, &several) == nil && inner != nil && bytes.TrimSpace(inner)[0] == '[' {
		for _, one := range several {
			n++
			x.conversation(p, one, n)
		}
		return n
	}
	n++
	x.conversation(p, raw, n)
	return n
}

func (x *Export) conversation(p part, raw json.RawMessage, n int) {
	var c conversation
	past := Past{File: p.name, Row: n}
	if err := json.Unmarshal(raw, &c); err != nil || c.Type != "" && c.Type != "conversation" {
		x.refuse(past, errs.New(errNotOne.Kind, errNotOne.Key, "type", line(c.Type)))
		return
	}
	past.ID, past.Number = line(string(c.ID)), line(string(c.ID))
	if past.Number == "" {
		x.refuse(past, errNoNumber)
		return
	}
	if c.CreatedAt.IsZero() {
		x.refuse(past, errNoDay)
		return
	}
	if len(c.Parts) == 0 && c.Statistics.Parts > 0 {
		x.Bare++
	}
	c.fill(&past)
	x.Cases = append(x.Cases, past)
}

func (c *conversation) fill(p *Past) {
	p.OpenedAt = c.CreatedAt.Time
	if c.Source.Body == "" && len(c.Source.Attachments) == 0 {
		c.Source = c.Message
	}
	p.Subject = html(firstOf(string(c.Title), string(c.Source.Subject)))
	p.Status = c.status()
	if p.Status == cases.StatusClosed {
		if p.ClosedAt = c.Statistics.LastClosedAt.Time; p.ClosedAt.IsZero() {
			p.ClosedAt = c.UpdatedAt.Time
		}
	}
	p.Called, p.Priority = string(c.Priority), priorityCalled(string(c.Priority))
	for _, t := range c.Tags {
		if name := strings.ToLower(line(string(t.Name))); name != "" && len(p.Tags) < 20 && !slices.Contains(p.Tags, name) {
			p.Tags = append(p.Tags, name)
		}
	}
	p.Type = typeCalled(append(c.said("type", "reason", "topic", "category"), p.Tags...)...)
	c.talk(p)
	p.Customer = c.customer(p.Messages)
}

// status is where it stands. What was put off is open: that it comes back is for whoever takes it up to say.
func (c *conversation) status() cases.Status {
	switch {
	case c.State == "closed", c.State == "" && c.Open != nil && !*c.Open:
		return cases.StatusClosed
	case slices.ContainsFunc(c.Parts, func(p piece) bool { return sideOf(p.Author, "") == ByDesk && p.Body != "" }):
		return cases.StatusOpen
	}
	return cases.StatusNew
}

// talk is what was said, first to last.
func (c *conversation) talk(p *Past) {
	s := c.Source
	automatic := s.DeliveredAs != "" && s.DeliveredAs != "customer_initiated" && s.DeliveredAs != "admin_initiated"
	side := sideOf(s.Author, "")
	if automatic && side == ByDesk {
		side = ByMachine
	}
	p.Messages = append(p.Messages, Message{
		Side: side, Name: string(s.Author.Name), Address: string(s.Author.Email), Subject: html(string(s.Subject)), Body: html(string(s.Body)),
		Files: names(s.Attachments), At: p.OpenedAt,
	})
	for _, one := range c.Parts {
		m := Message{
			Side: sideOf(one.Author, one.Kind), Name: string(one.Author.Name), Address: string(one.Author.Email), Body: html(string(one.Body)),
			Files: names(one.Attachments), At: one.CreatedAt.Time,
		}
		if one.Redacted && m.Body == "" {
			m.Body = "[redacted]"
		}
		p.Messages = append(p.Messages, m)
	}
	if c.Rating.Rating != nil {
		said := fmt.Sprintf("Rated %d of 5", *c.Rating.Rating)
		if c.Rating.Remark != "" {
			said += ": " + html(string(c.Rating.Remark))
		}
		p.Messages = append(p.Messages, Message{Side: AsNote, Body: said, At: c.Rating.CreatedAt.Time})
	}
}

// sideOf says who wrote. Notes, and what came along with an assignment, were for those inside.
func sideOf(a author, kind word) Side {
	switch a.Type {
	case "user", "lead", "contact":
		return ByCustomer
	case "bot", "operator":
		return ByMachine
	}
	if k := string(kind); strings.Contains(k, "note") || strings.Contains(k, "assign") {
		return AsNote
	}
	return ByDesk
}

func names(files list[attachment]) []string {
	var out []string
	for _, f := range files {
		if name := line(string(f.Name)); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// customer is whose conversation it is: the first contact with an address, else whoever wrote on that side.
func (c *conversation) customer(said []Message) Customer {
	var customer Customer
	for _, a := range append(slices.Clone(c.Contacts), c.User, c.Source.Author) {
		if a.Type == "admin" || a.Type == "bot" || a.Type == "team" {
			continue
		}
		customer.Address, customer.Person = firstOf(customer.Address, string(a.Email)), firstOf(customer.Person, string(a.Name))
		if outside := line(string(a.ExternalID)); outside != "" && !slices.Contains(customer.Accounts, outside) {
			customer.Accounts = append(customer.Accounts, outside)
		}
	}
	for _, m := range said {
		if m.Side == ByCustomer {
			customer.Address, customer.Person = firstOf(customer.Address, m.Address), firstOf(customer.Person, m.Name)
		}
	}
	customer.Accounts = append(customer.Accounts, c.said("account", "customernumber")...)
	customer.Company = firstOf(c.said("company")...)
	return customer
}

// said are the attributes whose names hold one of some words, in the order of their names.
func (c *conversation) said(words ...string) []string {
	var keys []string
	for key := range c.Attributes {
		if has(plain(key), words...) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var out []string
	for _, key := range keys {
		if v := line(string(c.Attributes[key])); v != "" {
			out = append(out, v)
		}
	}
	return out
}
