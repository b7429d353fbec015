package erasure

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/evidence"
)

// theirCases are the numbers of the cases that somebody took part in, wrote in or was written to.
const theirCases = `select case_id from case_participants where address = any ($1) union select case_id from case_messages where lower(author_address) = any ($1)
	union select case_id from outgoing_messages where lower(to_address) = any ($1) and case_id is not null`

// copyPart is a file of a copy.
type copyPart struct{ path, query string }

// copyParts are the files of a copy, each read with the addresses $1 as one JSON value; person.sure finds them and their kept names in texts. What others wrote is in it as far as it was written to them.
func copyParts() []copyPart {
	return []copyPart{
		{"contacts.json", `select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('customer', k.name, 'account', k.account) order by c.id), '[]')
			from contacts c join customers k on k.id = c.customer_id where c.email = any ($1)`},
		{"their-cases.json", `select coalesce(jsonb_agg(jsonb_build_object('number', c.number, 'subject', c.subject, 'type', c.type, 'status', c.status, 'opened_at', c.opened_at, 'closed_at', c.closed_at,
				'takes_part_as', p.name, 'address', p.address, 'since', p.added_at, 'accepted', p.accepted) order by c.id), '[]')
			from case_participants p join cases c on c.id = p.case_id where p.address = any ($1)`},
		{"messages.json", `select coalesce(jsonb_agg(jsonb_build_object('case', c.number, 'kind', m.kind, 'at', m.at, 'from', m.author_name, 'from_address', m.author_address, 'to', m.recipients,
				'subject', m.subject, 'text', coalesce(nullif(m.full_body, ''), m.body), 'files', (select coalesce(jsonb_agg(jsonb_build_object('filename', a.filename, 'media_type', a.media_type,
					'size', a.size, 'sha256', encode(a.sha256, 'hex')) order by a.position), '[]') from case_attachments a where a.case_message_id = m.id)) order by m.at, m.id), '[]')
			from case_messages m join cases c on c.id = m.case_id left join outgoing_messages o on o.id = m.outgoing_message_id
			where m.kind <> 'note' and m.case_id in (` + theirCases + `)
				and (lower(m.author_address) = any ($1) or lower(o.to_address) = any ($1) or exists (select from unnest(m.recipients) r where lower(r) = any ($1)))`},
		{"mails/received.json", `select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'message_id', m.message_id, 'sender', m.sender, 'sender_name', m.sender_name, 'subject', m.subject,
				'stored_at', m.stored_at, 'size', m.size, 'sha256', encode(m.sha256, 'hex'), 'fate', m.fate, 'infected', m.infected) order by m.id), '[]')
			from inbound_messages m where lower(m.sender) = any ($1)`},
		{"mails/sent.json", `select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'message_id', o.message_id, 'to', o.to_address, 'to_name', o.to_name, 'cc', o.cc, 'subject', o.subject,
				'text', o.text_body, 'state', o.state, 'created_at', o.created_at, 'sent_at', o.sent_at,
				'files', (select coalesce(jsonb_agg(jsonb_build_object('filename', a.filename, 'media_type', a.media_type, 'sha256', encode(coalesce(a.blob, sha256(a.content)), 'hex')) order by a.position), '[]')
					from outgoing_attachments a where a.outgoing_message_id = o.id)) order by o.id), '[]')
			from outgoing_messages o where o.id in (select id from outgoing_messages where lower(to_address) = any ($1)
				union select id from outgoing_messages where case_id in (` + theirCases + `) and exists (select from unnest(cc) c where lower(c) = any ($1))) and o.kind not in ('portal_code', 'contact_proof', 'survey', 'auto_close')`},
		{"surveys.json", `select coalesce(jsonb_agg(jsonb_build_object('case', c.number, 'asked_at', v.settled_at, 'score', v.score, 'comment', v.comment, 'answered_at', v.answered_at) order by v.case_id), '[]')
			from case_surveys v join cases c on c.id = v.case_id where v.address = any ($1)`},
		{"outcomes.json", `select coalesce(jsonb_agg(jsonb_build_object('case', c.number, 'accepted', o.accepted, 'at', o.at) order by o.id), '[]')
			from outcome_answers o join cases c on c.id = o.case_id where lower(o.address) = any ($1)`},
		{"portal.json", `select coalesce(jsonb_agg(jsonb_build_object('signed_in_at', s.created_at, 'seen_at', s.seen_at, 'browser', s.user_agent) order by s.created_at), '[]')
			from portal_sessions s where s.address = any ($1)`},
		{"promises.json", `select coalesce(jsonb_agg(jsonb_build_object('promised_by', m.promised_by, 'note', m.note, 'amount', m.amount::text, 'currency', m.currency, 'promised_on', m.promised_on,
				'state', m.state, 'made_at', m.made_at) order by m.id), '[]')
			from payment_promises m where m.customer_id in (select customer_id from contacts where email = any ($1) union select customer_id from cases where id in (` + theirCases + `))
				and (m.promised_by || ' ' || m.note ~* (select sure from person) or exists (select from contacts c where c.customer_id = m.customer_id and c.email = any ($1)
					and c.name <> '' and lower(c.name) = lower(btrim(m.promised_by))))`},
		{"forms.json", `select coalesce(jsonb_agg(jsonb_build_object('id', w.inbound_message_id, 'address', w.address, 'sent_at', w.created_at, 'proven_at', w.proven_at) order by w.inbound_message_id), '[]')
			from web_messages w where w.address = any ($1)`},
		{"undeliverable.json", `select coalesce(jsonb_agg(jsonb_build_object('address', d.address, 'cause', d.cause, 'found_at', d.found_at, 'released_at', d.released_at) order by d.id), '[]')
			from dead_addresses d where d.address = any ($1)`},
		{"trail.json", `select coalesce(jsonb_agg(p.said::jsonb order by p.commitment), '[]') from audit_personal p where p.address = any ($1) and p.erasure_id is null`},
	}
}

// Copy is everything kept about a person, as a ZIP that proves itself, for them: their mails as they came, and what was written to them. Notes of the
// desk are not in it. That it was made is on record. ErrNobody when nothing is kept, ErrCopyTooLarge when their mails have more bytes than within,
// which is AtOnce for what a copy of the program makes beside its other work, and 0 where nothing bounds it.
func (s *Service) Copy(ctx context.Context, by access.Actor, addresses []string, within int64) (evidence.Sealed, error) {
	if err := may(by); err != nil {
		return evidence.Sealed{}, err
	}
	who, err := Who{Addresses: addresses}.tidied()
	if err != nil {
		return evidence.Sealed{}, err
	}
	var sealed evidence.Sealed
	err = s.DB.Snapshot(ctx, func(r db.Reader) error {
		b := evidence.New("person", by.Name, r.Now())
		if err := fits(ctx, r, who.Addresses, within); err != nil {
			return err
		}
		if err := s.addKept(ctx, r, b, who.Addresses); err != nil {
			return err
		}
		if err := s.addMails(ctx, r, b, who.Addresses); err != nil {
			return err
		}
		var err error
		sealed, err = b.Seal()
		return err
	})
	if err != nil {
		return sealed, err
	}
	return sealed, s.DB.Do(ctx, func(tx *db.Tx) error {
		data := map[string]any{"manifest_sha256": sealed.SHA256}
		for n, a := range who.Addresses { // each is erased by itself
			data["address_"+strconv.Itoa(n+1)] = audit.Personal{Address: a, Said: a}
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "person.copied", Data: data})
	})
}

// addKept adds what the tables have of them.
func (s *Service) addKept(ctx context.Context, r db.Reader, b *evidence.Bundle, addresses []string) error {
	if err := s.outside(ctx, r, addresses); err != nil {
		return err
	}
	named, err := s.named(ctx, r, Who{Addresses: addresses})
	if err != nil {
		return err
	}
	found := false
	for _, part := range copyParts() {
		text, err := db.Value[json.RawMessage](ctx, r, `with person as (select $2::text as sure) `+part.query, addresses, named.person(0).Sure())
		if err != nil {
			return fmt.Errorf("read %s: %w", part.path, err)
		}
		found = found || string(text) != "[]"
		if err := b.AddJSON(part.path, text); err != nil {
			return err
		}
	}
	if !found {
		return ErrNobody
	}
	return nil
}

// AtOnce is how many bytes of mails go into a copy that is made for a request: all of it lies in memory until it is handed over.
const AtOnce = 256 << 20

// fits refuses a copy with more bytes of mails than it may have.
func fits(ctx context.Context, r db.Reader, addresses []string, within int64) error {
	if within == 0 {
		return nil
	}
	size, err := db.Value[int64](ctx, r, `select coalesce(sum(m.size), 0)::bigint from inbound_messages m where lower(m.sender) = any ($1) and m.infected = ''`, addresses)
	if err != nil {
		return fmt.Errorf("measure mails: %w", err)
	}
	if size > within {
		return errs.New(ErrCopyTooLarge.Kind, ErrCopyTooLarge.Key, "size", strconv.FormatInt(size>>20, 10), "limit", strconv.FormatInt(within>>20, 10))
	}
	return nil
}

// addMails adds their mails exactly as they came, one after the other, but for those in which a virus was found.
func (s *Service) addMails(ctx context.Context, r db.Reader, b *evidence.Bundle, addresses []string) error {
	ids, err := db.Values[int64](ctx, r, `select m.id from inbound_messages m join inbound_raw w on w.inbound_message_id = m.id
		where lower(m.sender) = any ($1) and m.infected = '' order by m.id`, addresses)
	if err != nil {
		return fmt.Errorf("read mails: %w", err)
	}
	for _, id := range ids {
		lying, err := db.One[blob.Lying](ctx, r, `select m.sha256, w.content, w.blob from inbound_messages m join inbound_raw w on w.inbound_message_id = m.id where m.id = $1`, id)
		if err != nil {
			return fmt.Errorf("read mail %d: %w", id, err)
		}
		raw, err := s.Files.Bytes(ctx, r, lying)
		if err != nil {
			return fmt.Errorf("read mail %d: %w", id, err)
		}
		b.Add("mails/"+strconv.FormatInt(id, 10)+".eml", raw)
	}
	return s.addSentFiles(ctx, r, b, addresses)
}

// addSentFiles adds the files that people of the desk sent them.
func (s *Service) addSentFiles(ctx context.Context, r db.Reader, b *evidence.Bundle, addresses []string) error {
	list, err := db.List[struct {
		ID       int64
		Position int
		Filename string
		Blob     []byte
	}](ctx, r, `select o.id, a.position, a.filename, a.blob from outgoing_messages o join outgoing_attachments a on a.outgoing_message_id = o.id
		where lower(o.to_address) = any ($1) and o.kind = 'reply' and a.blob is not null order by 1, 2`, addresses)
	if err != nil {
		return fmt.Errorf("read files that were sent: %w", err)
	}
	for _, f := range list {
		content, err := s.Files.Content(ctx, r, f.Blob)
		if err != nil {
			return fmt.Errorf("read file %s of mail %d: %w", f.Filename, f.ID, err)
		}
		b.Add(fmt.Sprintf("mails/sent/%d-%d-%s", f.ID, f.Position, path.Base(strings.ReplaceAll(f.Filename, "\\", "-"))), content)
	}
	return nil
}
