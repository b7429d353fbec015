package billing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/money"
)

// StatementDocument is what the file of a kept statement is filed under.
const StatementDocument = "statement"

// KeptStatementID names a statement that was handed out.
type KeptStatementID int64

// KeptStatement is a statement of account as it was handed out. It is never changed.
type KeptStatement struct {
	ID         KeptStatementID
	EntityID   EntityID
	CustomerID CustomerID
	Currency   money.Currency
	FromOn     time.Time
	ToOn       time.Time
	KnownOn    *time.Time // nil: what was known when it was made
	MadeOn     time.Time
	Language   string
	Closing    decimal.Decimal
	SHA256     []byte `gorm:"column:sha256"`
	KeptAt     time.Time
}

// TableName is its table.
func (KeptStatement) TableName() string { return "statements" }

// Balance is what the customer owed on its last day; below zero it was in the customer's favour.
func (k KeptStatement) Balance() money.Amount { return money.Of(k.Closing, k.Currency) }

// Filename is what its file is called.
func (k KeptStatement) Filename(account string) string {
	return "statement-" + account + "-" + k.ToOn.Format(time.DateOnly) + ".pdf"
}

// HandedWay is how somebody got a statement.
type HandedWay string

// The ways.
const (
	OnScreen HandedWay = "screen"
	ByAPI    HandedWay = "api"
	ByMail   HandedWay = "mail" // to the customer, by MailStatementTx alone
)

// HandStatement draws a statement of account for somebody who may read the books, and keeps what they get: the file with its hash,
// once however often the same is asked for, and each time who got it when.
func (s *Service) HandStatement(ctx context.Context, st Statement, language string, by access.Actor, way HandedWay) (KeptStatement, []byte, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(st.Entity.ID)}); err != nil {
		return KeptStatement{}, nil, err
	}
	drawn, err := s.DrawStatement(st, language)
	if err != nil {
		return KeptStatement{}, nil, err
	}
	var k KeptStatement
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if k, err = s.KeepStatementTx(ctx, tx, drawn); err != nil {
			return err
		}
		return handTx(ctx, tx, k, drawn, handing{by: by, way: way})
	})
	return k, drawn.Content, err
}

// DrawnStatement is a statement of account as a paper that is not kept yet.
type DrawnStatement struct {
	Statement
	Language string
	Content  []byte
}

// DrawStatement draws a statement of account in a language, "" for the customer's. It writes nothing.
func (s *Service) DrawStatement(st Statement, language string) (DrawnStatement, error) {
	content, err := s.StatementPaper(s.db, st, language)
	return DrawnStatement{Statement: st, Language: string(languageOf(language, st.Customer.Language, st.Entity.Language)), Content: content}, err
}

// KeepStatementTx keeps a paper that is about to be handed out, or finds that the same is kept already.
func (s *Service) KeepStatementTx(ctx context.Context, tx *db.Tx, d DrawnStatement) (KeptStatement, error) {
	sum := sha256.Sum256(d.Content)
	k := KeptStatement{
		EntityID: d.Entity.ID, CustomerID: d.Customer.ID, Currency: d.Currency, FromOn: d.From, ToOn: d.To, MadeOn: d.Entity.Day(tx.Now()),
		Language: d.Language, Closing: d.Closing, SHA256: sum[:], KeptAt: tx.Now(),
	}
	if !d.KnownOn.IsZero() {
		k.KnownOn = &d.KnownOn
	}
	return k, keepStatementTx(ctx, tx, &k, d.Customer.Account, d.Content)
}

// MailStatementTx records that a kept statement goes to its customer with a mail of ours.
func (s *Service) MailStatementTx(ctx context.Context, tx *db.Tx, k KeptStatement, d DrawnStatement, mail int64, by access.Actor) error {
	return handTx(ctx, tx, k, d, handing{by: by, way: ByMail, mail: mail})
}

// handing is who is handed a statement, and which way.
type handing struct {
	by   access.Actor
	way  HandedWay
	mail int64 // 0 without one
}

func handTx(ctx context.Context, tx *db.Tx, k KeptStatement, d DrawnStatement, h handing) error {
	if _, err := tx.Exec(ctx, `insert into statement_copies (statement_id, way, user_id, handed_at, outgoing_message_id) values ($1, $2, nullif($3::bigint, 0), $4, nullif($5::bigint, 0))`,
		k.ID, h.way, h.by.UserID, tx.Now(), h.mail); err != nil {
		return fmt.Errorf("record copy of statement: %w", err)
	}
	data := map[string]any{
		"statement_id": k.ID, "account": d.Customer.Account, "currency": k.Currency, "from": k.FromOn.Format(time.DateOnly), "to": k.ToOn.Format(time.DateOnly),
		"sha256": hex.EncodeToString(k.SHA256), "way": h.way,
	}
	if h.mail != 0 {
		data["outgoing"] = h.mail
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(k.EntityID)), By: h.by, What: "statement.handed_out", Data: data})
}

// keepStatementTx keeps a statement, or finds that the same was kept.
func keepStatementTx(ctx context.Context, tx *db.Tx, k *KeptStatement, account string, content []byte) error {
	ids, err := db.Values[KeptStatementID](ctx, tx, `insert into statements (entity_id, customer_id, currency, from_on, to_on, known_on, made_on, language, closing, sha256, kept_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict on constraint statement_kept_once do nothing returning id`,
		k.EntityID, k.CustomerID, k.Currency, k.FromOn, k.ToOn, k.KnownOn, k.MadeOn, k.Language, k.Closing, k.SHA256, k.KeptAt)
	if err != nil {
		return fmt.Errorf("keep statement: %w", err)
	}
	if len(ids) == 0 {
		*k, err = db.One[KeptStatement](ctx, tx, `select * from statements where customer_id = $1 and sha256 = $2`, k.CustomerID, k.SHA256)
		if err != nil {
			return fmt.Errorf("read kept statement: %w", err)
		}
		return nil
	}
	k.ID = ids[0]
	return insertStoredDocument(ctx, tx, StoredDocument{
		DocumentKind: StatementDocument, DocumentID: int64(k.ID), MediaType: PDF, Filename: k.Filename(account), SHA256: k.SHA256, Content: content, CreatedAt: k.KeptAt,
	})
}

// KeptRow is a kept statement in a list, with who got it last.
type KeptRow struct {
	KeptStatement
	Copies   int
	HandedAt time.Time
	HandedTo string // "" where no person did
	Way      HandedWay
}

// KeptStatements lists the statements that were handed out of a customer, the one handed out last first.
func (s *Service) KeptStatements(ctx context.Context, r db.Reader, customer CustomerID, limit int) ([]KeptRow, error) {
	list, err := db.List[KeptRow](ctx, r, `select s.*, n.copies, c.handed_at, coalesce(u.name, '') as handed_to, c.way
		from statements s
		cross join lateral (select count(*)::int as copies, max(id) as last from statement_copies where statement_id = s.id) n
		join statement_copies c on c.id = n.last left join users u on u.id = c.user_id
		where s.customer_id = $1 order by c.handed_at desc, s.id desc limit $2`, customer, limit)
	if err != nil {
		return nil, fmt.Errorf("list statements: %w", err)
	}
	return list, nil
}

// KeptStatementFile reads a statement as it was handed out; ErrNoStatement when none of this customer has the id.
func (s *Service) KeptStatementFile(ctx context.Context, r db.Reader, customer CustomerID, id KeptStatementID) (StoredDocument, error) {
	doc, err := db.One[StoredDocument](ctx, r, `select d.* from statements s join stored_documents d on d.document_kind = 'statement' and d.document_id = s.id and d.media_type = $3
		where s.customer_id = $1 and s.id = $2`, customer, id, PDF)
	return found(doc, err, ErrNoStatement, "read statement")
}
