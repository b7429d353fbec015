package webhooks

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

const (
	// handOutEvery is how often new deliveries are handed to workers; it is the most that one waits when nothing else does.
	handOutEvery = 2 * time.Second
	// handedOut is how many deliveries of an address workers are handed at most, handedSlow how many of one that was found busy within
	// slowFor: those beyond what it takes would only be looked at and put back.
	handedOut  = 500
	handedSlow = 10
	slowFor    = time.Minute
	// attemptsAtMost, with waits that double from ten seconds, make up about a day.
	attemptsAtMost = 14
	firstWait      = 10 * time.Second
)

// HandOut has workers make the deliveries that were written since.
type HandOut struct{}

// Kind names the job.
func (HandOut) Kind() string { return "webhooks.hand_out" }

// Deliver makes one attempt at a delivery; one of another attempt does nothing.
type Deliver struct {
	ID      int64 `json:"id"`
	Attempt int   `json:"attempt"`
}

// Kind names the job.
func (Deliver) Kind() string { return "webhooks.deliver" }

// Unique says that an attempt is made once.
func (Deliver) Unique() bool { return true }

// Queue is that of what waits for others' servers.
func (Deliver) Queue() string { return jobs.Outside }

// Delivery is one event on its way to one address.
type Delivery struct {
	ID          int64
	EndpointID  int64
	EventID     int64
	Type        string // "sla.breached"
	State       string // new, waiting, delivered, dead
	Attempts    int
	Status      int // of the last answer; 0 when nothing answered
	Error       string
	CreatedAt   time.Time
	DueAt       time.Time
	DeliveredAt *time.Time
}

const deliveryColumns = `id, endpoint_id, event_id, kind as type, state, attempts, status, error, created_at, due_at, delivered_at`

// handOut hands each address's new deliveries to workers, as far as those it has are few. It also hands out anew what waits long past its
// time: its job was lost.
func (s *Service) handOut(ctx context.Context, _ HandOut) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		list, err := db.List[Deliver](ctx, tx, `with handed as (select endpoint_id, count(*) as n from webhook_deliveries where state = 'waiting' and due_at <= $3 group by 1),
				fresh as (select n.id from webhook_endpoints e left join handed h on h.endpoint_id = e.id cross join lateral (
					select d.id from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'new' and (d.due_at = d.created_at or d.due_at <= $3) order by d.id
					limit greatest(case when e.slow_at > $4 then $5::bigint else $2::bigint end - coalesce(h.n, 0), 0) for update skip locked) n),
				lost as (select id from webhook_deliveries where state = 'waiting' and due_at < $1 order by due_at limit $2 for update skip locked)
			update webhook_deliveries d set state = 'waiting', due_at = greatest(d.due_at, $3) from (select id from fresh union all select id from lost) due where d.id = due.id returning d.id, d.attempts + 1 as attempt`,
			tx.Now().Add(-10*time.Minute), handedOut, tx.Now(), tx.Now().Add(-slowFor), handedSlow)
		if err != nil {
			return fmt.Errorf("hand out webhooks: %w", err)
		}
		for _, one := range list {
			if err := tx.Enqueue(ctx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// parcel is a delivery with what is delivered.
type parcel struct {
	Delivery

	URL          string
	SecretSealed []byte
	Active       bool
	Number       string // of the case; "" where it belongs to none
	At           time.Time
	Data         map[string]any
}

// deliver makes an attempt. The world is asked outside any transaction; an attempt that was made and not recorded is made again, under the
// same id.
func (s *Service) deliver(ctx context.Context, in Deliver) error {
	list, err := db.List[parcel](ctx, s.db, `select d.id, d.endpoint_id, d.event_id, d.kind as type, d.state, d.attempts, e.url, e.secret_sealed, e.active,
			coalesce(c.number, '') as number, a.at, a.data
		from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id join audit_log a on a.id = d.event_id
			left join cases c on c.id = case when a.stream like 'case:%' then substr(a.stream, 6)::bigint else (a.data->>'case_id')::bigint end
		where d.id = $1 and d.state = 'waiting' and d.attempts = $2`, in.ID, in.Attempt-1)
	if err != nil {
		return fmt.Errorf("read webhook: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	status, failure, err := s.post(ctx, list[0])
	if errors.Is(err, errBusy) {
		return s.putBack(ctx, in, list[0].EndpointID)
	}
	if err != nil {
		return err
	}
	return s.settle(ctx, in, status, failure)
}

var errBusy = errors.New("its address is busy")

// secretClosed is what is kept of an attempt that could not be signed: with the keys of another time, or a dump restored without them. It
// is a failure like others, which may pass, and is given up and shown when it does not.
const secretClosed = "webhooks.secret_closed"

// post hands a delivery over, unless its address is left alone or busy, which is errBusy. Failure says why it was not taken, "" when it was.
func (s *Service) post(ctx context.Context, p parcel) (status int, failure string, err error) {
	secret, err := s.keys.Open(p.SecretSealed)
	if err != nil {
		s.logger.WarnContext(ctx, "a webhook's secret cannot be opened", "webhook", p.EndpointID, "error", err.Error())
		return 0, secretClosed, nil
	}
	body, err := p.payload()
	if err != nil {
		return 0, "", err
	}
	if !p.Active {
		return 0, "switched off", nil
	}
	header, err := signed(secret, p.id(), s.db.Now(), body)
	if err != nil {
		return 0, "", err
	}
	began := s.db.Now()
	switch leftAlone, busy := s.lines.open(p.EndpointID, began); {
	case leftAlone:
		return 0, "not asked: it failed again and again", nil
	case busy:
		return 0, "", errBusy
	}
	answer, err := s.guard.Post(ctx, p.URL, header, string(body))
	s.lines.end(p.EndpointID, began, s.db.Now(), err == nil && taken(answer.Status))
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, "", err
	case err != nil:
		return 0, errs.KeyOf(err), nil
	case !taken(answer.Status):
		return answer.Status, cmp.Or(strings.TrimSpace(answer.Said), http.StatusText(answer.Status), "refused"), nil
	}
	return answer.Status, "", nil
}

// taken tells that a receiver took what it was given; a server that answered nothing has status 0.
func taken(status int) bool { return status/100 == http.StatusOK/100 }

// id is the same for every attempt.
func (p parcel) id() string {
	return "msg_" + strconv.FormatInt(p.EndpointID, 10) + "_" + strconv.FormatInt(p.EventID, 10)
}

// signed are the headers of a delivery after the Standard Webhooks specification 1.0.0: HMAC-SHA-256 over id, timestamp and body.
func signed(secret, id string, at time.Time, body []byte) (http.Header, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(id + "." + stamp + "."))
	_, _ = mac.Write(body)
	return http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"Makegood-Webhooks/1"}, "Webhook-Id": {id}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}, nil
}

// putBack has a delivery whose address is busy wait as one that was never handed out, without an attempt: handed out again when there is
// room, it takes no worker's time until then.
func (s *Service) putBack(ctx context.Context, in Deliver, endpoint int64) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		if _, err := tx.Exec(ctx, `update webhook_deliveries set state = 'new', due_at = $3 where id = $1 and state = 'waiting' and attempts = $2`,
			in.ID, in.Attempt-1, now.Add(again)); err != nil {
			return fmt.Errorf("put webhook back: %w", err)
		}
		_, err := tx.Exec(ctx, `update webhook_endpoints set slow_at = $2 where id = (select id from webhook_endpoints where id = $1
			and (slow_at is null or slow_at < $3) for update skip locked)`, endpoint, now, now.Add(-slowFor/4))
		if err != nil {
			return fmt.Errorf("note that a webhook is slow: %w", err)
		}
		return nil
	})
}

// settle records what came of an attempt, and sets the next when it failed.
func (s *Service) settle(ctx context.Context, in Deliver, status int, failure string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		state, due := "delivered", tx.Now()
		switch {
		case !taken(status) && in.Attempt >= attemptsAtMost:
			state = "dead"
		case !taken(status):
			state, due = "waiting", due.Add(firstWait<<(in.Attempt-1))
		}
		n, err := tx.Exec(ctx, `update webhook_deliveries set state = $3, attempts = attempts + 1, status = $4, error = $5, due_at = $6,
				delivered_at = case when $3 = 'delivered' then $7::timestamptz end
			where id = $1 and state = 'waiting' and attempts = $2`, in.ID, in.Attempt-1, state, status, failure, due, tx.Now())
		if err != nil || n == 0 || state != "waiting" {
			return err
		}
		return tx.EnqueueAt(ctx, Deliver{ID: in.ID, Attempt: in.Attempt + 1}, due)
	})
}

// Deliveries lists the latest of an endpoint, or of all when it is 0; only those given up when dead. It takes the right to administer, in every legal entity.
func (s *Service) Deliveries(ctx context.Context, by access.Actor, endpoint int64, dead bool) ([]Delivery, error) {
	if err := may(by); err != nil {
		return nil, err
	}
	return db.List[Delivery](ctx, s.db, `select `+deliveryColumns+` from webhook_deliveries
		where ($1 = 0 or endpoint_id = $1) and (not $2 or state = 'dead') order by id desc limit 200`, endpoint, dead)
}

// Replay has a delivery that was given up, or made, made again, under the id it had.
func (s *Service) Replay(ctx context.Context, by access.Actor, id int64) error {
	if err := may(by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		state, err := db.Value[string](ctx, tx, `select state from webhook_deliveries where id = $1 for update`, id)
		switch {
		case errors.Is(err, db.ErrNoRow):
			return ErrNoDelivery
		case err != nil:
			return fmt.Errorf("read webhook: %w", err)
		case state != "dead" && state != "delivered":
			return ErrNotDead
		}
		if _, err := tx.Exec(ctx, `update webhook_deliveries set state = 'waiting', attempts = 0, due_at = $2, error = '', delivered_at = null where id = $1`, id, tx.Now()); err != nil {
			return fmt.Errorf("replay webhook: %w", err)
		}
		if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "webhook.replayed", Data: map[string]any{"delivery": id}}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, Deliver{ID: id, Attempt: 1})
	})
}
