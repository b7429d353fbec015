package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
	"makegood/internal/personal"
)

// Personal is what an event says of somebody outside, by their mail address. The trail keeps only a hash of it with a salt; what was said is kept
// beside it, where it can be erased, and is proven by the hash until then.
type Personal struct {
	Address string
	Said    any
}

// besides is what is kept beside the trail.
type besides struct {
	commitments, salts [][]byte
	addresses, said    []string
}

const insertPersonal = `insert into audit_personal (commitment, address, salt, said) select * from unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[])`

func (b *besides) queue(batch *pgx.Batch) {
	if len(b.commitments) > 0 {
		batch.Queue(insertPersonal, b.commitments, b.addresses, b.salts, b.said)
	}
}

// commit puts hashes in the place of what an event says of people. The event itself stays as it is.
func (b *besides) commit(data map[string]any) (map[string]any, error) {
	var out map[string]any
	for name, value := range data {
		p, ok := value.(Personal)
		if !ok {
			continue
		}
		if out == nil {
			out = maps.Clone(data)
		}
		said, err := json.Marshal(p.Said)
		if err != nil {
			return nil, fmt.Errorf("keep what is said of somebody: %w", err)
		}
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			return nil, fmt.Errorf("make salt: %w", err)
		}
		sum := sha256.Sum256(slices.Concat(salt, said))
		b.commitments, b.salts = append(b.commitments, sum[:]), append(b.salts, salt)
		b.addresses, b.said = append(b.addresses, strings.ToLower(p.Address)), append(b.said, string(said))
		out[name] = map[string]any{"personal": hex.EncodeToString(sum[:])}
	}
	if out == nil {
		return data, nil
	}
	return out, nil
}

// committed is the hash that stands in an event for what it says of somebody.
func committed(value any) (string, bool) {
	m, ok := value.(map[string]any)
	if !ok || len(m) != 1 {
		return "", false
	}
	text, ok := m["personal"].(string)
	return text, ok
}

// Kept is what is kept beside the trail for one hash. Of what was erased nothing is left but by which erasure.
type Kept struct {
	Commitment string `json:"commitment"`
	Salt       string `json:"salt,omitempty"`
	Said       string `json:"said,omitempty"`
	ErasureID  *int64 `json:"erasure,omitempty"`
}

// Holds tells whether the hash is of what was said. Of what was erased nobody can tell any more.
func (k Kept) Holds() bool {
	salt, err := hex.DecodeString(k.Salt)
	if err != nil || k.ErasureID != nil {
		return err == nil
	}
	sum := sha256.Sum256(append(salt, k.Said...))
	return hex.EncodeToString(sum[:]) == k.Commitment
}

// Beside reads what is kept beside some events.
func Beside(ctx context.Context, r db.Reader, rows []map[string]any) ([]Kept, error) {
	var hashes []string
	for _, data := range rows {
		for _, value := range data {
			if hash, ok := committed(value); ok {
				hashes = append(hashes, hash)
			}
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	list, err := db.List[Kept](ctx, r, `select encode(p.commitment, 'hex') as commitment, encode(p.salt, 'hex') as salt, p.said, p.erasure_id
		from audit_personal p join (select distinct decode(h, 'hex') as h from unnest($1::text[]) h) u on u.h = p.commitment order by 1`, hashes)
	if err != nil {
		return nil, fmt.Errorf("read what is said of people: %w", err)
	}
	return list, nil
}

// Reveal puts what was said of people back in the place of its hash, for those who read; of those who were erased it says so.
func Reveal(ctx context.Context, r db.Reader, rows []map[string]any) error {
	list, err := Beside(ctx, r, rows)
	if err != nil {
		return err
	}
	said := make(map[string]any, len(list))
	for _, k := range list {
		var value any = personal.Gone
		if k.ErasureID == nil {
			if err := json.Unmarshal([]byte(k.Said), &value); err != nil {
				return fmt.Errorf("read what is said of somebody: %w", err)
			}
		}
		said[k.Commitment] = value
	}
	for _, data := range rows {
		for name, value := range data {
			if hash, ok := committed(value); ok && said[hash] != nil {
				data[name] = said[hash]
			}
		}
	}
	return nil
}

// reveal is Reveal for rows.
func reveal(ctx context.Context, r db.Reader, rows []Row) error {
	data := make([]map[string]any, len(rows))
	for i := range rows {
		data[i] = rows[i].Data
	}
	return Reveal(ctx, r, data)
}

// EraseTx takes a person out of what is kept beside the trail, and out of nothing else: the trail does not know them.
func EraseTx(ctx context.Context, tx *db.Tx, p personal.Person) (personal.Counts, error) {
	n, err := tx.Exec(ctx, `update audit_personal set said = '', salt = '', address = '', erasure_id = $1 where address = any ($2) and erasure_id is null`, p.Erasure, p.Addresses)
	if err != nil {
		return nil, fmt.Errorf("erase what the trail says of them: %w", err)
	}
	counts := personal.Counts{}
	counts.Add("audit", n)
	return counts, nil
}

// FaultsBeside finds what is kept beside the trail and is not what its hash was taken over. The trail itself is proven by Verify.
func FaultsBeside(ctx context.Context, r db.Reader) ([]string, error) {
	list, err := db.Values[string](ctx, r, `select encode(commitment, 'hex') from audit_personal where erasure_id is null and sha256(salt || convert_to(said, 'UTF8')) <> commitment limit 100`)
	if err != nil {
		return nil, fmt.Errorf("prove what the trail says of people: %w", err)
	}
	return list, nil
}
