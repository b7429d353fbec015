package cases

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/personal"
)

// MessageAsWas is a message before it was erased, as evidence hashes it.
type MessageAsWas struct {
	ID            MessageID
	AuthorName    string
	AuthorAddress string
	At            time.Time
	Subject       string
	Text          string
	Files         [][]byte
}

// Erasing is what cases are told of an erasure: who, by whom, and the hash that a message has as evidence, which stays.
type Erasing struct {
	personal.Person
	By   access.Actor
	Hash func(MessageAsWas) []byte
	// Tells says whether a file of a note, named by its hash, tells of them; nil says that none does.
	Tells func(ctx context.Context, tx *db.Tx, file []byte) (bool, error)
}

// TakingPartTx locks, in their order, the cases that somebody has to do with: takes or took part in, wrote in, or is written to.
func (s *Service) TakingPartTx(ctx context.Context, tx *db.Tx, addresses []string) ([]Case, error) {
	list, err := db.List[Case](ctx, tx, `select `+prefixed("c", caseColumns)+` from cases c where c.id in (select case_id from case_participants where address = any ($1)
			union select case_id from case_messages where lower(author_address) = any ($1)
			union select case_id from inbound_messages where lower(sender) = any ($1) and case_id is not null
			union select case_id from outgoing_messages where lower(to_address) = any ($1) and case_id is not null
			union select id from cases where contact_id in (select id from contacts where email = any ($1)))
		order by c.id for update of c`, addresses)
	if err != nil {
		return nil, fmt.Errorf("find cases they have to do with: %w", err)
	}
	return list, nil
}

// EraseTx takes a person out of cases that are locked: what they wrote and what was written to them loses its words, what others wrote loses what
// names them. Who decided what, every figure, clock and event stays.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, e Erasing, list []Case) (personal.Counts, error) {
	counts := personal.Counts{}
	ids := make([]ID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	found, whole, err := e.messages(ctx, tx, ids, counts)
	if err != nil {
		return nil, err
	}
	args := []any{e.Erasure, e.Addresses, e.Sure(), e.Likely(), ids, whole, found}
	for _, st := range eraseInCases() {
		n, err := tx.Exec(ctx, `with person as (select $1::bigint as erasure, $2::text[] as addresses, $3::text as sure, $4::text as likely, $5::bigint[] as cases, $6::bigint[] as whole, $7::bigint[] as found) `+st.query, args...)
		if err != nil {
			return nil, fmt.Errorf("erase %s: %w", st.kind, err)
		}
		if st.counted {
			counts.Add(st.kind, n)
		}
	}
	if err := e.filesOfNotes(ctx, tx, ids, counts); err != nil {
		return nil, err
	}
	events := make([]audit.Event, len(ids))
	for i, id := range ids {
		events[i] = audit.Event{Stream: audit.Case(int64(id)), By: e.By, What: "case.erased", Data: map[string]any{"erasure": e.Erasure}}
		tx.Publish(id.Topic())
	}
	counts.Add("cases", int64(len(ids)))
	tx.Publish("queue")
	return counts, audit.RecordTx(ctx, tx, events...)
}

// messages finds those of cases that lose words, and of them those that lose every word. It keeps the hash that each has as evidence; one that an earlier
// erasure touched keeps the hash from before that.
func (e Erasing) messages(ctx context.Context, tx *db.Tx, ids []ID, counts personal.Counts) (found, whole []MessageID, err error) {
	type row struct {
		MessageAsWas
		Whole bool
	}
	list, err := db.List[row](ctx, tx, `select m.id, m.author_name, m.author_address, m.at, m.subject, coalesce(nullif(m.full_body, ''), m.body) as text,
			array(select a.sha256 from case_attachments a where a.case_message_id = m.id order by a.position) as files, w.whole
		from case_messages m left join outgoing_messages o on o.id = m.outgoing_message_id
		cross join lateral (select (m.kind = 'inbound' and lower(m.author_address) = any ($2) or coalesce(lower(o.to_address), '') = any ($2)) as whole) w
		where m.case_id = any ($1) and (w.whole or exists (select from unnest(m.recipients) r where lower(r) = any ($2))
			or (without_person(concat_ws(' ', m.author_name, m.subject, m.body, m.full_body), $3, $4) <> concat_ws(' ', m.author_name, m.subject, m.body, m.full_body)))
		order by m.id`, ids, e.Addresses, e.Sure(), e.Likely())
	if err != nil {
		return nil, nil, fmt.Errorf("find messages: %w", err)
	}
	found, whole = []MessageID{}, []MessageID{}
	hashes := [][]byte{}
	for _, m := range list {
		found, hashes = append(found, m.ID), append(hashes, e.Hash(m.MessageAsWas))
		if m.Whole {
			whole = append(whole, m.ID)
		}
	}
	if _, err := tx.Exec(ctx, `insert into erased_rows (kind, row_id, erasure_id, proof) select 'message', u.id, $1, u.proof from unnest($2::bigint[], $3::bytea[]) u (id, proof)
		on conflict do nothing`, e.Erasure, found, hashes); err != nil {
		return nil, nil, fmt.Errorf("mark messages: %w", err)
	}
	counts.Add("messages", int64(len(whole)))
	counts.Add("messages_of_others", int64(len(found)-len(whole)))
	return found, whole, nil
}

// filesOfNotes lets go of files of notes that tell of them. The hash of each stays.
func (e Erasing) filesOfNotes(ctx context.Context, tx *db.Tx, ids []ID, counts personal.Counts) error {
	if e.Tells == nil {
		return nil
	}
	list, err := db.List[Attachment](ctx, tx, `select a.id, a.blob from case_attachments a join case_messages m on m.id = a.case_message_id
		where m.case_id = any ($1) and a.blob is not null order by a.id`, ids)
	if err != nil {
		return fmt.Errorf("find files of notes: %w", err)
	}
	for _, f := range list {
		tells, err := e.Tells(ctx, tx, f.Blob)
		if err != nil || !tells {
			if err != nil {
				return fmt.Errorf("read file of a note: %w", err)
			}
			continue
		}
		if _, err := tx.Exec(ctx, `update case_attachments set blob = null, filename = '[erased]' where id = $1`, f.ID); err != nil {
			return fmt.Errorf("erase file of a note: %w", err)
		}
		counts.Add("files", 1)
	}
	return nil
}

type eraseStatement struct {
	kind    string
	counted bool
	query   string
}

// eraseInCases are the statements by which somebody leaves cases; person has who it is, the cases, and the messages that lose words (found) or
// every word (whole).
func eraseInCases() []eraseStatement {
	return []eraseStatement{
		{"dispute claims", false, `update dispute_lines d set claim = case when d.opened_by is null and d.claim <> '' and ` + begunByThem("d.case_id") + ` then '[erased]' else without_person(d.claim, p.sure, p.likely) end,
			explanation = without_person(d.explanation, p.sure, p.likely) from person p where d.case_id = any (p.cases)`},
		{"case subjects", false, `update cases c set subject = case when ` + begunByThem("c.id") + ` then '[erased]' else without_person(c.subject, p.sure, p.likely) end,
			snippet = case when exists (select from case_messages m where m.case_id = c.id and m.id = any (p.whole)) then '' else without_person(c.snippet, p.sure, p.likely) end,
			resolution = without_person(c.resolution, p.sure, p.likely), follow_up_note = without_person(c.follow_up_note, p.sure, p.likely),
			priority_reason = without_person(c.priority_reason, p.sure, p.likely), version = c.version + 1
			from person p where c.id = any (p.cases)`},
		{"files", true, `update case_attachments a set filename = '[erased]', content_id = '' from person p where a.case_message_id = any (p.whole)`},
		{"messages", false, `update case_messages m set author_name = case when m.kind = 'inbound' and m.id = any (p.whole) then '[erased]' else without_person(m.author_name, p.sure, p.likely) end,
			author_address = case when lower(m.author_address) = any (p.addresses) then erased_address(p.erasure, p.addresses, m.author_address) else m.author_address end,
			recipients = array(select case when lower(r) = any (p.addresses) then erased_address(p.erasure, p.addresses, r) else r end from unnest(m.recipients) r),
			subject = case when m.id = any (p.whole) then '[erased]' else without_person(m.subject, p.sure, p.likely) end,
			body = case when m.id = any (p.whole) then '[erased]' else without_person(m.body, p.sure, p.likely) end,
			full_body = case when m.id = any (p.whole) then '' else without_person(m.full_body, p.sure, p.likely) end
			from person p where m.id = any (p.found)`},
		{"sortings", false, `update sortings s set words = '{}' from person p where s.inbound_message_id in (select inbound_message_id from case_messages m where m.id = any (p.whole))`},
		{"participants", true, `update case_participants c set address = erased_address(p.erasure, p.addresses, c.address), name = '', accepted = false
			from person p where c.address = any (p.addresses)`},
		{"drafts", true, `update drafts d set body = without_person(d.body, p.sure, p.likely) from person p where d.case_id = any (p.cases) and without_person(d.body, p.sure, p.likely) <> d.body`},
		{"drafts", true, `delete from draft_files d using person p where d.case_id = any (p.cases)`}, // nobody can say of whom they tell
		{"files of notes", false, `update case_attachments a set filename = without_person(a.filename, p.sure, p.likely) from person p, case_messages m
			where m.id = a.case_message_id and m.case_id = any (p.cases) and a.blob is not null and without_person(a.filename, p.sure, p.likely) <> a.filename`},
		{"warnings", false, `update case_warnings w set params = without_person(w.params, p.sure, p.likely) from person p
			where w.case_id = any (p.cases) and without_person(w.params, p.sure, p.likely) <> w.params`},
		{"notices", false, `update notices n set params = without_person(n.params, p.sure, p.likely) from person p
			where n.case_id = any (p.cases) and without_person(n.params, p.sure, p.likely) <> n.params`},
		{"answers", false, `update outcome_answers o set address = erased_address(p.erasure, p.addresses, o.address) from person p where lower(o.address) = any (p.addresses)`},
		{"views", false, `update queue_views v set query = without_person(v.query, p.sure, ''), name = case when without_person(v.name, p.sure, '') = v.name then v.name
			else left(without_person(v.name, p.sure, ''), 48) || ' ' || v.id end from person p -- one owner has each name once
			where without_person(v.query || ' ' || v.name, p.sure, '') <> v.query || ' ' || v.name`},
	}
}

// begunByThem is the condition that the first thing said in a case is one of the messages whose every word goes.
func begunByThem(of string) string {
	return `coalesce((select m.id from case_messages m where m.case_id = ` + of + ` order by m.at, m.id limit 1) = any (p.whole), false)`
}
