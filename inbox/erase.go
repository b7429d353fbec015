package inbox

import (
	"context"
	"fmt"
	"slices"

	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/personal"
)

// What an erasure waits for.
var (
	ErrErasePending = errs.New(errs.Conflict, "inbox.erase_pending") // a mail of theirs is not understood yet
	ErrEraseLeaving = errs.New(errs.Conflict, "inbox.erase_leaving") // a mail to them is on its way
)

// ReasonErased is why a message that was erased, or came again afterwards, has the fate it has.
const ReasonErased = "inbox.erased"

// ReasonDiscarded is the reason of a fate that a person gave by setting a message aside.
const ReasonDiscarded = "intake.discarded"

// Erasing is what the inbox is told of an erasure: who, in which cases mails to others lose what names them, and by what any delivery of one mail
// of theirs is known, whatever its bytes; nothing where no other delivery can be told from another mail of the same words.
type Erasing struct {
	personal.Person
	Cases       []int64
	Fingerprint func(raw []byte) []byte
}

// Erased is what of the inbox was erased: how much, the files that may be named by nobody any more, and how much stays.
type Erased struct {
	Counts personal.Counts
	Files  [][]byte
	Quoted int // mails of others that name them, and stay
}

// EraseTx takes a person out of the inbox: of every mail they sent, and of reports that name them, the bytes go; of every mail to them the words;
// their addresses from all others, and from those known to be dead. Of each of their mails it stays when it came, how large it was, its fate and its
// hash, by which it is known when it comes again. ErrErasePending and ErrEraseLeaving while something of theirs is on its way.
func (s *Service) EraseTx(ctx context.Context, tx *db.Tx, e Erasing) (Erased, error) {
	out := Erased{Counts: personal.Counts{}}
	mails, err := s.mailsOf(ctx, tx, e)
	if err != nil {
		return out, err
	}
	if err := s.eraseMails(ctx, tx, e, mails, &out); err != nil {
		return out, err
	}
	if err := eraseFromMailsOfOthers(ctx, tx, e, mails); err != nil {
		return out, err
	}
	if err := eraseOutgoing(ctx, tx, e, &out); err != nil {
		return out, err
	}
	dead, err := tx.Exec(ctx, `delete from dead_addresses where address = any ($1)`, e.Addresses)
	if err != nil {
		return out, fmt.Errorf("forget dead addresses: %w", err)
	}
	out.Counts.Add("dead_addresses", dead)
	if _, err := tx.Exec(ctx, `delete from mail_pace p using unnest($1::text[]) u (address) where right(p.key, length(u.address) + 1) = ':' || u.address`, e.Addresses); err != nil {
		return out, fmt.Errorf("forget pace of mail: %w", err)
	}
	return out, nil
}

// theirs are the mails that are erased, and by what each is known when it comes again.
type theirs struct {
	ids    []InboundID
	hashes [][]byte
	quotes []InboundID // mails of others that name them
}

// candidate is a mail that they sent, or that may name them.
type candidate struct {
	ID     InboundID
	Own    bool   // they sent it
	Report bool   // that a mail was not delivered, or a daemon's answer: it encloses what was written to them
	SHA256 []byte `db:"sha256"`
}

// mailsOf finds and locks what they sent, and the reports that name them: those of their cases, and those of no case that came in their time. Of mails
// of others that name them, answers of their programs too, it gives which. One mail at a time is in memory.
func (s *Service) mailsOf(ctx context.Context, tx *db.Tx, e Erasing) (theirs, error) {
	list, err := db.List[candidate](ctx, tx, `with named as (select lower(encode(convert_to(a, 'UTF8'), 'escape')) as address from unnest($1::text[]) a),
			since as (select least((select min(stored_at) from inbound_messages where lower(sender) = any ($1)), (select min(created_at) from outgoing_messages where lower(to_address) = any ($1)),
				(select min(opened_at) from cases where id = any ($2))) as at),
			found as (select id from inbound_messages where lower(sender) = any ($1)
				union select id from inbound_messages where case_id = any ($2) and fate in ('bounce', 'auto_reply')
				union select m.id from inbound_messages m join inbound_raw r on r.inbound_message_id = m.id
					where (m.case_id = any ($2) or m.case_id is null and m.fate in ('bounce', 'auto_reply') and m.stored_at >= (select at from since))
						and (r.blob is not null and m.case_id is null or exists (select from named n where position(n.address in lower(encode(r.content, 'escape'))) > 0)))
		select m.id, lower(m.sender) = any ($1) as own, m.sha256,
			m.fate = 'bounce' or m.fate = 'auto_reply' and (m.sender = '' or m.sender ~* '`+daemons+`') as report
		from found f join inbound_messages m on m.id = f.id order by m.id`, e.Addresses, e.Cases)
	if err != nil {
		return theirs{}, fmt.Errorf("find mails: %w", err)
	}
	out := theirs{ids: []InboundID{}, hashes: [][]byte{}, quotes: []InboundID{}}
	for _, m := range list {
		raw, err := s.rawOf(ctx, tx, m.ID)
		if err != nil {
			return theirs{}, err
		}
		switch {
		case m.Own || m.Report && e.In(raw):
			out.ids, out.hashes = append(out.ids, m.ID), append(out.hashes, m.SHA256)
			// Their own mails alone are known by more than their bytes: what others report may be reported anew.
			if print := e.print(m, raw); print != nil {
				out.hashes = append(out.hashes, print)
			}
		case e.In(raw):
			out.quotes = append(out.quotes, m.ID)
		}
	}
	return out, lockMails(ctx, tx, out.ids)
}

// daemons are the senders whose answers are reports, as far as anybody can tell.
const daemons = `^(mailer-daemon|postmaster)@`

// rawOf are the bytes of a mail; nil when they were erased before.
func (s *Service) rawOf(ctx context.Context, tx *db.Tx, id InboundID) ([]byte, error) {
	lying, err := db.List[blob.Lying](ctx, tx, `select r.content, r.blob, m.sha256 from inbound_messages m join inbound_raw r on r.inbound_message_id = m.id where m.id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("find mail: %w", err)
	}
	if len(lying) == 0 {
		return nil, nil
	}
	if lying[0].Blob == nil {
		return lying[0].Content, nil
	}
	raw, err := s.files.Bytes(ctx, tx, lying[0])
	if err != nil {
		return nil, fmt.Errorf("read mail: %w", err)
	}
	return raw, nil
}

// lockMails refuses with ErrErasePending while one is not understood, or somebody is at work on it: who understands mail locks it first and its case
// later, an erasure the other way round, so that it does not wait.
func lockMails(ctx context.Context, tx *db.Tx, ids []InboundID) error {
	pending, err := db.Values[bool](ctx, tx, `select fate = 'pending' from inbound_messages where id = any ($1) order by id for update skip locked`, ids)
	if err != nil {
		return fmt.Errorf("lock mails: %w", err)
	}
	if len(pending) < len(ids) || slices.Contains(pending, true) {
		return ErrErasePending
	}
	return nil
}

// eraseFromMailsOfOthers takes them out of the subjects and senders' names of mails of others, in their cases or answers that name them. The bytes stay.
func eraseFromMailsOfOthers(ctx context.Context, tx *db.Tx, e Erasing, mails theirs) error {
	others, err := db.Values[InboundID](ctx, tx, `select id from inbound_messages where (case_id = any ($1) or id = any ($2)) and not id = any ($3)
		and without_person(sender_name || ' ' || subject, $4, $5) <> sender_name || ' ' || subject order by id`, e.Cases, mails.quotes, mails.ids, e.Sure(), e.Likely())
	if err != nil {
		return fmt.Errorf("find mails of others: %w", err)
	}
	if err := lockMails(ctx, tx, others); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update inbound_messages set subject = without_person(subject, $2, $3), sender_name = without_person(sender_name, $2, $3), version = version + 1
		where id = any ($1)`, others, e.Sure(), e.Likely()); err != nil {
		return fmt.Errorf("take them out of mails of others: %w", err)
	}
	return nil
}

func (e Erasing) print(m candidate, raw []byte) []byte {
	if !m.Own || raw == nil {
		return nil
	}
	return e.Fingerprint(raw)
}

func (s *Service) eraseMails(ctx context.Context, tx *db.Tx, e Erasing, mails theirs, out *Erased) error {
	ids, hashes := mails.ids, mails.hashes
	for _, statement := range []struct {
		query string
		args  []any
	}{
		{`insert into erased_mails (hash, erasure_id) select distinct h, $1::bigint from unnest($2::bytea[]) h on conflict do nothing`, []any{e.Erasure, hashes}},
		{`insert into erased_rows (kind, row_id, erasure_id) select 'inbound', i, $1 from unnest($2::bigint[]) i on conflict do nothing`, []any{e.Erasure, ids}},
		{
			`update inbound_messages set sender = case when lower(sender) = any ($2) then erased_address($1, $2, sender) else sender end, sender_name = '', subject = '',
				message_id = '', delivery = null, fate_params = '{}', fate_reason = case when fate in ('held', 'quarantined') then $4 else fate_reason end,
				fate = case when fate in ('held', 'quarantined') then 'ignored' else fate end, version = version + 1 where id = any ($3)`,
			[]any{e.Erasure, e.Addresses, ids, ReasonErased},
		},
		{`update web_messages set address = erased_address($1, $2, address) where address = any ($2)`, []any{e.Erasure, e.Addresses}},
	} {
		if _, err := tx.Exec(ctx, statement.query, statement.args...); err != nil {
			return fmt.Errorf("erase mails: %w", err)
		}
	}
	files, err := db.Values[[]byte](ctx, tx, `with gone as (delete from inbound_raw where inbound_message_id = any ($1) returning blob) select blob from gone where blob is not null`, ids)
	if err != nil {
		return fmt.Errorf("erase raw mail: %w", err)
	}
	out.Files = append(out.Files, files...)
	out.Counts.Add("mails_in", int64(len(ids)))
	out.Quoted = len(mails.quotes)
	tx.Publish("intake")
	return nil
}

func eraseOutgoing(ctx context.Context, tx *db.Tx, e Erasing, out *Erased) error {
	leaving, err := db.Values[bool](ctx, tx, `select o.state in ('queued', 'sending') from outgoing_messages o where o.id in (
			select id from outgoing_messages where case_id = any ($2) union select id from outgoing_messages where lower(to_address) = any ($1)
			union select id from outgoing_messages where state in ('queued', 'sending') and exists (select from unnest(cc) c where lower(c) = any ($1)))
		order by o.id for update`, e.Addresses, e.Cases)
	if err != nil {
		return fmt.Errorf("look for mail on its way: %w", err)
	}
	if slices.Contains(leaving, true) {
		return ErrEraseLeaving
	}
	ids, err := db.Values[OutgoingID](ctx, tx, `with theirs as (update outgoing_messages set to_name = '', cc = '{}', refs = '{}', in_reply_to = '', subject = $3, text_body = $3,
				html_body = '', error = '', state = case when state in ('failed', 'unknown', 'stopped') then 'cancelled' else state end, version = version + 1,
				to_address = erased_address($1, $2, to_address) where lower(to_address) = any ($2) and state not in ('queued', 'sending') returning id),
			marked as (insert into erased_rows (kind, row_id, erasure_id) select 'outgoing', id, $1 from theirs on conflict do nothing)
		select id from theirs`, e.Erasure, e.Addresses, personal.Gone)
	if err != nil {
		return fmt.Errorf("erase mails to them: %w", err)
	}
	out.Counts.Add("mails_out", int64(len(ids)))
	if _, err := tx.Exec(ctx, `update outgoing_steps set answer = '', reason = '' where outgoing_message_id = any ($1) and (answer <> '' or reason <> '')`, ids); err != nil {
		return fmt.Errorf("erase words of mail servers: %w", err)
	}
	files, err := db.Values[[]byte](ctx, tx, `with gone as (delete from outgoing_attachments where outgoing_message_id = any ($1) returning blob) select blob from gone where blob is not null`, ids)
	if err != nil {
		return fmt.Errorf("erase files of mails to them: %w", err)
	}
	out.Files = append(out.Files, files...)
	others, err := tx.Exec(ctx, `update outgoing_messages set cc = array(select case when lower(c) = any ($2) then erased_address($1, $2, c) else c end from unnest(cc) c),
			to_name = without_person(to_name, $4, $5), subject = without_person(subject, $4, $5), text_body = without_person(text_body, $4, $5), html_body = without_person(html_body, $4, $5)
		where not id = any ($6) and case_id = any ($3) and (exists (select from unnest(cc) c where lower(c) = any ($2))
			or without_person(concat_ws(' ', to_name, subject, text_body, html_body), $4, $5) <> concat_ws(' ', to_name, subject, text_body, html_body))`,
		e.Erasure, e.Addresses, e.Cases, e.Sure(), e.Likely(), ids)
	if err != nil {
		return fmt.Errorf("take them out of mails to others: %w", err)
	}
	out.Counts.Add("mails_to_others", others)
	return nil
}

// EraseAgainTx erases a message that came again in another form: it was erased before, and is not understood anew.
func (s *Service) EraseAgainTx(ctx context.Context, tx *db.Tx, id InboundID, erasure int64) error {
	for _, statement := range []string{
		`insert into erased_mails (hash, erasure_id) select sha256, $2::bigint from inbound_messages where id = $1 on conflict do nothing`,
		`insert into erased_rows (kind, row_id, erasure_id) values ('inbound', $1, $2) on conflict do nothing`,
		`delete from inbound_raw where inbound_message_id = $1 and $2::bigint > 0`,
	} {
		if _, err := tx.Exec(ctx, statement, id, erasure); err != nil {
			return fmt.Errorf("erase mail that came again: %w", err)
		}
	}
	return nil
}
