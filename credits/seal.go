package credits

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits/proof"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// seal is what approvers sign of one version of a request: its content's digest with the evidence there was.
type seal struct {
	CreditRequestID ID
	ContentVersion  int
	EvidenceIDs     []int64
	EvidenceHashes  [][]byte
	ContentDigest   []byte
	EvidenceDigest  []byte
	Seal            []byte
	Whole           []byte // of all that is stored of what it asks for; empty of seals older than that
	Now             []byte // the same, as it is
	OfRows          []byte // of its rows; empty of seals older than that
	RowsNow         []byte // the same, as they are
	Due             bool   // one that was approved, or has a seal of another version, has one
}

// piece is a piece of evidence with what it stands for as that is now.
type piece struct {
	CreditRequestID  ID
	ID               int64
	Kind             string
	Label            string
	SHA256           []byte `db:"sha256"`
	SheetID          *int64
	CaseMessageID    *cases.MessageID
	CaseAttachmentID *int64
	Author           string
	Address          string
	At               *time.Time
	Subject          string
	Text             string
	Files            [][]byte
	File             []byte
	Erased           []byte // the hash that an erased message had
}

// piecesQuery reads the evidence of requests $1, each with what it stands for.
const piecesQuery = `select e.credit_request_id, e.id, e.kind, e.label, e.sha256, e.sheet_id, e.case_message_id, e.case_attachment_id,
		coalesce(m.author_name, '') as author, coalesce(m.author_address, '') as address, m.at, coalesce(m.subject, '') as subject,
		coalesce(nullif(m.full_body, ''), m.body, '') as text,
		array(select a.sha256 from case_attachments a where a.case_message_id = m.id order by a.position) as files, f.sha256 as file,
		z.proof as erased
	from credit_request_evidence e left join case_messages m on m.id = e.case_message_id left join erased_rows z on z.kind = 'message' and z.row_id = m.id left join case_attachments f on f.id = e.case_attachment_id
	where e.credit_request_id = any ($1) order by e.credit_request_id, e.id`

// sealsQuery reads the seals of requests $1; of one that has none for its version, what it should have.
const sealsQuery = `select r.id as credit_request_id, r.content_version, s.evidence_ids, s.evidence_hashes, s.content_digest, s.evidence_digest, s.seal, s.whole,
		case s.whole when '' then s.whole else credit_request_whole(r) end as now, s.of_rows, case s.of_rows when '' then s.of_rows else credit_request_rows(r) end as rows_now,
		s.seal is null and (exists (select from credit_request_grounds g where g.credit_request_id = r.id)
			or exists (select from credit_request_seals o where o.credit_request_id = r.id)) as due
	from credit_requests r left join credit_request_seals s on s.credit_request_id = r.id and s.content_version = r.content_version
	where r.id = any ($1)`

// hashed gives a piece its hash. A sheet that is no longer as it was kept stands for nothing, and so does what is not there any more. A message
// that was erased, by two people's word, stands for what it was.
func (s *Service) hashed(ctx context.Context, r db.Reader, e piece) ([]byte, error) {
	thing := e.SHA256
	switch {
	case e.SheetID != nil:
		now, err := s.billing.SheetHash(ctx, r, billing.SheetID(*e.SheetID))
		if err != nil && !errors.Is(err, billing.ErrSheetAltered) {
			return nil, err
		}
		if thing, err = hex.DecodeString(now); err != nil {
			return nil, fmt.Errorf("read hash of sheet: %w", err)
		}
	case e.CaseAttachmentID != nil && e.File == nil, e.CaseAttachmentID == nil && e.CaseMessageID != nil && e.At == nil:
		thing = []byte("gone")
	case e.CaseAttachmentID != nil:
		thing = e.File
	case e.CaseMessageID != nil && e.Erased != nil:
		thing = e.Erased
	case e.CaseMessageID != nil:
		thing = proof.Mail{From: e.Author, Address: e.Address, At: *e.At, Subject: e.Subject, Text: e.Text, Files: e.Files}.Hash()
	}
	return proof.Piece{ID: e.ID, Kind: e.Kind, Label: e.Label, Thing: thing}.Hash(), nil
}

// HashOfMessage is what a message of a case is as evidence.
func HashOfMessage(m cases.MessageAsWas) []byte {
	return proof.Mail{From: m.AuthorName, Address: m.AuthorAddress, At: m.At, Subject: m.Subject, Text: m.Text, Files: m.Files}.Hash()
}

// sealTx seals what a request asks for now with the evidence it has now.
func (s *Service) sealTx(ctx context.Context, tx *db.Tx, req *Request) error {
	pieces, err := db.List[piece](ctx, tx, piecesQuery, []ID{req.ID})
	if err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	made := seal{EvidenceIDs: []int64{}, EvidenceHashes: [][]byte{}}
	for _, e := range pieces {
		h, err := s.hashed(ctx, tx, e)
		if err != nil {
			return err
		}
		made.EvidenceIDs, made.EvidenceHashes = append(made.EvidenceIDs, e.ID), append(made.EvidenceHashes, h)
	}
	made.EvidenceDigest = proof.Digest(made.EvidenceHashes)
	req.Seal = proof.Seal(req.Digest, made.EvidenceDigest)
	if _, err := tx.Exec(ctx, `insert into credit_request_seals (credit_request_id, content_version, evidence_ids, evidence_hashes, content_digest, evidence_digest, seal, whole, of_rows)
		select r.id, $2, $3, $4, $5, $6, $7, credit_request_whole(r), credit_request_rows(r) from credit_requests r where r.id = $1`, req.ID, req.ContentVersion, made.EvidenceIDs, made.EvidenceHashes, req.Digest, made.EvidenceDigest, req.Seal); err != nil {
		return fmt.Errorf("seal request: %w", err)
	}
	return nil
}

// sealedTx refuses a request of which what was submitted as evidence is no longer what it was, naming the piece.
func (s *Service) sealedTx(ctx context.Context, tx *db.Tx, req Request) error {
	seals, err := db.List[seal](ctx, tx, sealsQuery, []ID{req.ID})
	if err != nil {
		return fmt.Errorf("read seal: %w", err)
	}
	pieces, err := db.List[piece](ctx, tx, piecesQuery, []ID{req.ID})
	if err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	return s.holds(ctx, tx, req, seals, pieces)
}

// holds compares a request with its seal among those read. One without a seal is older than seals.
func (s *Service) holds(ctx context.Context, r db.Reader, req Request, seals []seal, pieces []piece) error {
	for _, kept := range seals {
		switch {
		case kept.CreditRequestID != req.ID:
			continue
		case kept.Due:
			return ErrDigestMismatch
		case kept.Seal == nil:
			return nil
		}
		digest := proof.Digest(kept.EvidenceHashes)
		if !bytes.Equal(kept.ContentDigest, req.Digest) || !bytes.Equal(kept.EvidenceDigest, digest) || !bytes.Equal(kept.Seal, proof.Seal(req.Digest, digest)) {
			return ErrDigestMismatch
		}
		if !bytes.Equal(kept.Whole, kept.Now) || !bytes.Equal(kept.OfRows, kept.RowsNow) {
			return ErrDigestMismatch
		}
		for i, id := range kept.EvidenceIDs {
			if err := s.unchanged(ctx, r, id, kept.EvidenceHashes[i], pieces); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) unchanged(ctx context.Context, r db.Reader, id int64, was []byte, pieces []piece) error {
	for _, e := range pieces {
		if e.ID != id {
			continue
		}
		now, err := s.hashed(ctx, r, e)
		if err != nil {
			return err
		}
		if bytes.Equal(now, was) {
			return nil
		}
		return errs.New(ErrEvidenceChanged.Kind, ErrEvidenceChanged.Key, "label", e.Label)
	}
	return errs.New(ErrEvidenceChanged.Kind, ErrEvidenceChanged.Key, "label", fmt.Sprint(id))
}

// Sealed is what approvers sign of a request: its seal, or of one older than seals its digest.
func (r Request) Sealed() []byte {
	if len(r.Seal) > 0 {
		return r.Seal
	}
	return r.Digest
}

// read tells whether what somebody read is the request as it is: by what is signed of it, or by the digest of its content.
func (r Request) read(digest []byte) bool {
	return len(digest) == 0 || bytes.Equal(digest, r.Sealed()) || bytes.Equal(digest, r.Digest)
}
