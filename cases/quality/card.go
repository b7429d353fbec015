package quality

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Scale is how a criterion is scored.
type Scale string

// The scales: met or not, or one to five.
const (
	YesNo Scale = "yes_no"
	Five  Scale = "five"
)

// Criterion is one line of the card. Its code stays the same over versions, so that reports can follow it.
type Criterion struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Hint   string `json:"hint"`
	Scale  Scale  `json:"scale"`
	Weight int    `json:"weight"`
}

// Card is a version of the score card; the one with the highest number is in force. Number 0 is none.
type Card struct {
	Number      int
	Criteria    []Criterion
	CreatedBy   int64
	CreatedName string
	CreatedAt   time.Time
}

// The bounds of a card.
const (
	mostCriteria = 30
	mostWeight   = 100
	longestName  = 80
	longestHint  = 300
)

// Card is the one in force, for whoever reads or sets the quality of work. Without one its number is 0.
func (s *Service) Card(ctx context.Context, by access.Actor) (Card, error) {
	if !access.May(by, access.ManageQuality) {
		if err := access.Can(by, access.ReadQuality, access.Object{}); err != nil {
			return Card{}, err
		}
	}
	return cardInForce(ctx, s.DB)
}

func cardInForce(ctx context.Context, r db.Reader) (Card, error) {
	return oneCard(ctx, r, `select * from quality_cards order by number desc limit 1`)
}

func oneCard(ctx context.Context, r db.Reader, query string, args ...any) (Card, error) {
	c, err := db.One[Card](ctx, r, query, args...)
	if errors.Is(err, db.ErrNoRow) {
		return Card{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read score card: %w", err)
	}
	return c, nil
}

// CardInput is a card in new words. Base is the number of the version it was begun from.
type CardInput struct {
	By       access.Actor
	Base     int
	Criteria []Criterion
}

// SaveCard puts a new version of the card in force, for reviews that are begun from then on; what was reviewed keeps its own. A criterion
// without a code is a new one. ErrStale when somebody else was quicker.
func (s *Service) SaveCard(ctx context.Context, in CardInput) (Card, error) {
	var kept Card
	if err := access.Can(in.By, access.ManageQuality, access.Object{}); err != nil {
		return kept, err
	}
	criteria, err := checkCriteria(in.Criteria)
	if err != nil {
		return kept, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		was, err := cardInForce(ctx, tx)
		if err != nil {
			return err
		}
		if was.Number != in.Base {
			return ErrStale
		}
		kept, err = db.One[Card](ctx, tx, `insert into quality_cards (number, criteria, created_by, created_name, created_at) values ($1, $2, $3, $4, $5)
			on conflict do nothing returning *`, was.Number+1, criteria, in.By.UserID, in.By.Name, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrStale
		}
		if err != nil {
			return fmt.Errorf("keep score card: %w", err)
		}
		tx.Did("quality.card_saved " + strconv.Itoa(kept.Number))
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "quality.card_saved", Data: map[string]any{"number": kept.Number, "criteria": criteria}})
	})
	return kept, err
}

var notCode = regexp.MustCompile(`[^a-z0-9]+`)

// checkCriteria levels criteria and gives new ones their code.
func checkCriteria(list []Criterion) ([]Criterion, error) {
	if len(list) == 0 || len(list) > mostCriteria {
		return nil, errs.InvalidField("criteria", "quality.criteria_count", "most", strconv.Itoa(mostCriteria))
	}
	out := slices.Clone(list)
	var wrong []errs.Field
	names, codes := map[string]bool{}, map[string]bool{}
	for i := range out {
		c := &out[i]
		c.level()
		if c.Code == "" || codes[c.Code] {
			c.Code = freeCode(c.Code, codes)
		}
		wrong = append(wrong, c.wrong(fmt.Sprintf("criteria.%d.", i), names)...)
		names[strings.ToLower(c.Name)], codes[c.Code] = true, true
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return out, nil
}

// level takes what surrounds the words away, and makes a code of the name where there is none.
func (c *Criterion) level() {
	c.Name, c.Hint = strings.TrimSpace(c.Name), strings.TrimSpace(c.Hint)
	if c.Code == "" {
		c.Code = c.Name
	}
	c.Code = strings.Trim(notCode.ReplaceAllString(strings.ToLower(c.Code), "_"), "_")
}

// wrong are the faults of a criterion, each at its field; names are those before it.
func (c *Criterion) wrong(at string, names map[string]bool) []errs.Field {
	var wrong []errs.Field
	if n := utf8.RuneCountInString(c.Name); n == 0 || n > longestName || names[strings.ToLower(c.Name)] {
		wrong = append(wrong, errs.Field{Name: at + "name", Key: "quality.criterion_name", Params: errs.Params{"most": strconv.Itoa(longestName)}})
	}
	if utf8.RuneCountInString(c.Hint) > longestHint {
		wrong = append(wrong, errs.Field{Name: at + "hint", Key: "quality.long_text", Params: errs.Params{"most": strconv.Itoa(longestHint)}})
	}
	if c.Scale != YesNo && c.Scale != Five {
		wrong = append(wrong, errs.Field{Name: at + "scale", Key: "quality.scale"})
	}
	if c.Weight < 1 || c.Weight > mostWeight {
		wrong = append(wrong, errs.Field{Name: at + "weight", Key: "quality.weight", Params: errs.Params{"most": strconv.Itoa(mostWeight)}})
	}
	return wrong
}

func freeCode(stem string, taken map[string]bool) string {
	if stem == "" {
		stem = "criterion"
	}
	for n := 2; ; n++ {
		if code := stem + "_" + strconv.Itoa(n); !taken[code] {
			return code
		}
	}
}

// Right tells whether a value is one of the scale.
func (s Scale) Right(value int) bool {
	if s == YesNo {
		return value == 0 || value == 1
	}
	return value >= 1 && value <= 5
}

// share is the part of a criterion's weight that a value earns.
func (s Scale) share(value int) decimal.Decimal {
	if s == YesNo {
		return decimal.NewFromInt(int64(value))
	}
	return decimal.NewFromInt(int64(value - 1)).Div(decimal.NewFromInt(4))
}

// ScoreOf is what the criteria that applied come to, in percent of their weights, to two decimals.
func ScoreOf(scores []Score) decimal.Decimal {
	earned, weights := decimal.Zero, int64(0)
	for _, s := range scores {
		if s.Value != nil {
			earned, weights = earned.Add(s.Scale.share(*s.Value).Mul(decimal.NewFromInt(int64(s.Weight)))), weights+int64(s.Weight)
		}
	}
	if weights == 0 {
		return decimal.Zero
	}
	return earned.Mul(decimal.NewFromInt(100)).DivRound(decimal.NewFromInt(weights), scorePlaces)
}

const scorePlaces = 2
