package reports

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/evidence"
)

// Evidence makes bundles of evidence. That one was made is recorded by the owner of what it is of.
type Evidence struct {
	db    *db.DB
	files *blob.Store
	cases *cases.Service
}

// Evidence makes the reader.
func (s *Service) Evidence(c *cases.Service) *Evidence {
	return &Evidence{db: s.db, files: s.files, cases: c}
}

// part is a file of a bundle that is read with one statement, as one JSON value.
type part struct{ path, query string }

func (p part) add(ctx context.Context, r db.Reader, b *evidence.Bundle, args ...any) error {
	text, err := db.Value[json.RawMessage](ctx, r, p.query, args...)
	if err == nil {
		err = b.AddJSON(p.path, text)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", p.path, err)
	}
	return nil
}

// ofScope narrows rows that have a legal entity to those in scope, $2: a case without one may hold documents of several.
func ofScope(of string) string {
	return `(cardinality($2::bigint[]) = 0 or ` + of + `.entity_id = any ($2))`
}

// approvalJSON is a credit request r with its lines, steps, decisions, and the policy and levels as they were.
const approvalJSON = `to_jsonb(r) || jsonb_build_object('requester', (select name from users u where u.id = r.requester_id),
				'lines', (select coalesce(jsonb_agg(to_jsonb(l) order by l.invoice_line_id), '[]') from credit_request_lines l where l.credit_request_id = r.id),
				'taxes', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from credit_request_taxes t where t.credit_request_id = r.id),
				'evidence', (select coalesce(jsonb_agg(to_jsonb(e) order by e.id), '[]') from credit_request_evidence e where e.credit_request_id = r.id),
				'seals', (select coalesce(jsonb_agg(to_jsonb(s) order by s.content_version), '[]') from credit_request_seals s where s.credit_request_id = r.id),
				'facts', (select to_jsonb(f) from credit_request_facts f where f.credit_request_id = r.id),
				'policy', (select to_jsonb(y) from credit_request_facts f join authority_policies y on y.version = f.policy_version where f.credit_request_id = r.id),
				'steps', (select coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object('level', (select to_jsonb(v) from authority_level_versions v where v.level_id = s.level_id
						and v.valid_from <= coalesce(s.opened_at, r.submitted_at) and v.valid_until > coalesce(s.opened_at, r.submitted_at) order by v.version desc limit 1)) order by s.id), '[]')
					from credit_steps s where s.credit_request_id = r.id),
				'decisions', (select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object('by', (select name from users u where u.id = d.user_id)) order by d.id), '[]')
					from credit_decisions d where d.credit_request_id = r.id),
				'approval', (select to_jsonb(a) from adjustment_approvals a where a.credit_request_id = r.id))`

// caseParts are read with the case $1.
func caseParts() []part {
	return []part{
		{"conversation.json", `select coalesce(jsonb_agg(to_jsonb(m) || jsonb_build_object('files', (select coalesce(jsonb_agg(to_jsonb(a) order by a.position), '[]')
				from case_attachments a where a.case_message_id = m.id)) order by m.at, m.id), '[]') from case_messages m where m.case_id = $1`},
		{"clocks.json", `select coalesce(jsonb_agg(to_jsonb(k) || jsonb_build_object('policy', p.name, 'policy_version', p.version, 'calendar', q.name, 'calendar_version', q.version) order by k.id), '[]')
				from case_clocks k join sla_policies p on p.id = k.policy_id join calendars q on q.id = k.calendar_id where k.case_id = $1`},
		{"mails/outgoing.json", `select coalesce(jsonb_agg(to_jsonb(o) || jsonb_build_object('attachments', (select coalesce(jsonb_agg(jsonb_build_object('filename', a.filename,
				'media_type', a.media_type, 'sha256', encode(coalesce(a.blob, sha256(a.content)), 'hex')) order by a.position), '[]')
				from outgoing_attachments a where a.outgoing_message_id = o.id)) order by o.id), '[]') from outgoing_messages o where o.case_id = $1`},
		{"erased.json", `select coalesce(jsonb_agg(jsonb_build_object('erasure', z.erasure_id, 'kind', z.kind, 'id', z.row_id, 'erased_at', e.done_at, 'asked_by', a.name, 'agreed_by', d.name,
				'hash_as_evidence', encode(z.proof, 'hex')) order by z.kind, z.row_id), '[]')
				from erased_rows z join erasures e on e.id = z.erasure_id join users a on a.id = e.asked_by left join users d on d.id = e.decided_by
				where z.kind = 'message' and z.row_id in (select id from case_messages where case_id = $1)
					or z.kind = 'outgoing' and z.row_id in (select id from outgoing_messages where case_id = $1) or z.kind = 'survey' and z.row_id = $1
					or z.kind = 'inbound' and z.row_id in (select id from inbound_messages where case_id = $1
						union select inbound_message_id from case_messages where case_id = $1)`},
	}
}

// scopedParts are read with the case $1 and the legal entities in scope $2.
func scopedParts() []part {
	return []part{
		{"case-file.json", `select jsonb_build_object('case', to_jsonb(c), 'customer', (select jsonb_build_object('account', k.account, 'name', k.name, 'tier', k.tier) from customers k where k.id = c.customer_id),
				'entity', (select e.code from legal_entities e where e.id = c.entity_id), 'assignee', (select u.name from users u where u.id = c.assignee_id),
				'root_cause', (select to_jsonb(z) from root_causes z where z.id = c.root_cause_id),
				'participants', (select coalesce(jsonb_agg(to_jsonb(p) order by p.address), '[]') from case_participants p where p.case_id = c.id),
				'invoices', (select coalesce(jsonb_agg(to_jsonb(i) || jsonb_build_object('number', v.number, 'total', v.total, 'currency', v.currency) order by v.number), '[]')
					from case_invoices i join invoices v on v.id = i.invoice_id where i.case_id = c.id and ` + ofScope("v") + `),
				'dispute_lines', (select coalesce(jsonb_agg(to_jsonb(d) order by d.id), '[]') from dispute_lines d join invoices v on v.id = d.invoice_id
					where d.case_id = c.id and ` + ofScope("v") + `),
				'fields', (select coalesce(jsonb_object_agg(f.code, coalesce(to_jsonb(v.number_value), to_jsonb(v.date_value), to_jsonb(v.text_value))), '{}')
					from case_field_values v join case_fields f on f.id = v.field_id where v.case_id = c.id),
				'tags', (select coalesce(jsonb_agg(g.tag order by g.tag), '[]') from case_tags g where g.case_id = c.id)) from cases c where c.id = $1`},
		{"approvals.json", `select coalesce(jsonb_agg(` + approvalJSON + ` order by r.id), '[]')
				from credit_requests r where r.case_id = $1 and ` + ofScope("r")},
		{"postings.json", `select coalesce(jsonb_agg(to_jsonb(j) || jsonb_build_object('postings', (select jsonb_agg(to_jsonb(p) order by p.id) from postings p where p.entry_id = j.id)) order by j.id), '[]')
				from journal_entries j where (j.credit_request_id in (select id from credit_requests where case_id = $1) or (j.document_kind, j.document_id) in (
					select document_kind, document_id from credit_requests where case_id = $1 and document_id is not null)) and ` + ofScope("j")},
		{"holds.json", `select coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object('changes', (select jsonb_agg(to_jsonb(x) order by x.at) from hold_changes x where x.hold_id = h.id)) order by h.id), '[]')
				from holds h join dispute_lines d on d.id = h.dispute_line_id join invoices v on v.id = h.invoice_id where d.case_id = $1 and ` + ofScope("v")},
	}
}

// Case makes the bundle of a case for somebody who may see it and read credits and books, and records that they took it. What
// belongs to legal entities out of their scope is left out, and mail in which a virus was found is; mails/index.json says so.
func (e *Evidence) Case(ctx context.Context, number string, by access.Actor) (evidence.Sealed, error) {
	for _, do := range []access.Action{access.ReadCredits, access.ReadBooks} {
		if err := access.Can(by, do, access.Object{}); err != nil {
			return evidence.Sealed{}, err
		}
	}
	var (
		id     cases.ID
		sealed evidence.Sealed
	)
	err := e.db.Snapshot(ctx, func(r db.Reader) error {
		c, err := e.cases.CaseByNumber(ctx, r, number, by)
		if err != nil {
			return err
		}
		id = c.ID
		sealed, err = e.bundle(ctx, r, c, by)
		return err
	})
	if err != nil {
		return evidence.Sealed{}, err
	}
	return sealed, e.cases.RecordExport(ctx, by, id, sealed.SHA256)
}

func (e *Evidence) bundle(ctx context.Context, r db.Reader, c cases.Case, by access.Actor) (evidence.Sealed, error) {
	none := evidence.Sealed{}
	b := evidence.New("case "+c.Number, by.Name, r.Now())
	for _, p := range caseParts() {
		if err := p.add(ctx, r, b, c.ID); err != nil {
			return none, err
		}
	}
	for _, p := range scopedParts() {
		if err := p.add(ctx, r, b, c.ID, scopeOf(by)); err != nil {
			return none, err
		}
	}
	if err := e.mails(ctx, r, b, c.ID); err != nil {
		return none, err
	}
	if err := e.filesOfOurs(ctx, r, b, c.ID); err != nil {
		return none, err
	}
	if err := e.documents(ctx, r, b, `(d.document_kind, d.document_id) in (select r.document_kind, r.document_id from credit_requests r
			where r.case_id = $1 and r.document_id is not null and `+ofScope("r")+`)`, c.ID, scopeOf(by)); err != nil {
		return none, err
	}
	links, err := audit.Links(ctx, r, audit.Case(int64(c.ID)), 1)
	if err == nil {
		err = b.AddChain("chains/case.json", links)
	}
	if err == nil {
		err = addBeside(ctx, r, b, links)
	}
	if err != nil {
		return none, err
	}
	return b.Seal()
}

// addBeside adds what the rows of a chain say of people, which the chain holds only the hashes of.
func addBeside(ctx context.Context, r db.Reader, b *evidence.Bundle, links []audit.Link) error {
	rows := make([]map[string]any, len(links))
	for i, l := range links {
		if err := json.Unmarshal([]byte(l.Data), &rows[i]); err != nil {
			return fmt.Errorf("read row %d of %s: %w", l.Seq, l.Stream, err)
		}
	}
	kept, err := audit.Beside(ctx, r, rows)
	if err != nil || len(kept) == 0 {
		return err
	}
	return b.AddJSON(evidence.BesideFile, kept)
}

// mail is what a bundle says of a mail that came.
type mail struct {
	ID        int64   `json:"id"`
	MessageID string  `json:"message_id"`
	Sender    string  `json:"sender"`
	Subject   string  `json:"subject"`
	StoredAt  string  `json:"stored_at"`
	Fate      string  `json:"fate"`
	Infected  string  `json:"infected,omitempty"`
	Sum       string  `json:"sha256"`
	File      *string `json:"file"` // nil where the bytes are left out
}

func (e *Evidence) mails(ctx context.Context, r db.Reader, b *evidence.Bundle, id cases.ID) error {
	list, err := db.List[struct {
		mail
		blob.Lying
	}](ctx, r, `select m.id, m.message_id, m.sender, m.subject, to_char(m.stored_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as stored_at, m.fate, m.infected,
			encode(m.sha256, 'hex') as sum, m.sha256, r.content, r.blob
		from inbound_messages m left join inbound_raw r on r.inbound_message_id = m.id
		where m.case_id = $1 or m.id in (select inbound_message_id from case_messages where case_id = $1) order by m.id`, id)
	if err != nil {
		return fmt.Errorf("read mails: %w", err)
	}
	index := []mail{}
	for _, m := range list {
		if m.Infected == "" && (m.Content != nil || m.Blob != nil) {
			raw, err := e.files.Bytes(ctx, r, m.Lying)
			if err != nil {
				return fmt.Errorf("read mail %d: %w", m.ID, err)
			}
			m.File = new("mails/" + strconv.FormatInt(m.ID, 10) + ".eml")
			b.Add(*m.File, raw)
		}
		index = append(index, m.mail)
	}
	return b.AddJSON("mails/index.json", index)
}

// filesOfOurs adds the files that people of the desk added to replies and notes, as they were sent and kept.
func (e *Evidence) filesOfOurs(ctx context.Context, r db.Reader, b *evidence.Bundle, id cases.ID) error {
	list, err := db.List[struct {
		CaseMessageID int64
		Position      int
		Filename      string
		MediaType     string
		Blob          []byte
	}](ctx, r, `select m.id as case_message_id, o.position, o.filename, o.media_type, o.blob
			from case_messages m join outgoing_attachments o on o.outgoing_message_id = m.outgoing_message_id
			where m.case_id = $1 and m.kind = 'reply' and o.blob is not null
		union all
		select m.id, a.position, a.filename, a.media_type, a.blob from case_messages m join case_attachments a on a.case_message_id = m.id
			where m.case_id = $1 and a.blob is not null
		order by 1, 2`, id)
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	type paper struct {
		Message int64  `json:"case_message_id"`
		Name    string `json:"filename"`
		Type    string `json:"media_type"`
		Sum     string `json:"sha256"`
		File    string `json:"file"`
	}
	index := []paper{}
	for _, f := range list {
		content, err := e.files.Content(ctx, r, f.Blob)
		if err != nil {
			return fmt.Errorf("read file %s: %w", f.Filename, err)
		}
		file := fmt.Sprintf("files/%d-%d-%s", f.CaseMessageID, f.Position, path.Base(strings.ReplaceAll(f.Filename, "\\", "-")))
		b.Add(file, content)
		index = append(index, paper{f.CaseMessageID, f.Filename, f.MediaType, hex.EncodeToString(f.Blob), file})
	}
	return b.AddJSON("files/index.json", index)
}

// documents adds the papers that were made of documents, with the hash each was stored with.
func (e *Evidence) documents(ctx context.Context, r db.Reader, b *evidence.Bundle, which string, args ...any) error {
	list, err := db.List[struct {
		DocumentKind string
		DocumentID   int64
		Filename     string
		MediaType    string
		Sum          string
		Content      []byte
	}](ctx, r, `select d.document_kind, d.document_id, d.filename, d.media_type, encode(d.sha256, 'hex') as sum, d.content from stored_documents d
		where `+which+` order by d.document_kind, d.document_id, d.media_type`, args...)
	if err != nil {
		return fmt.Errorf("read documents: %w", err)
	}
	type paper struct {
		Kind string `json:"kind"`
		ID   int64  `json:"id"`
		File string `json:"file"`
		Type string `json:"media_type"`
		Sum  string `json:"sha256"`
	}
	index := []paper{}
	for _, d := range list {
		file := fmt.Sprintf("documents/%s-%d-%s", d.DocumentKind, d.DocumentID, path.Base(strings.ReplaceAll(d.Filename, "\\", "-")))
		b.Add(file, d.Content)
		index = append(index, paper{d.DocumentKind, d.DocumentID, file, d.MediaType, d.Sum})
	}
	return b.AddJSON("documents/index.json", index)
}
