package live

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"makegood/internal/db"
)

// hereChannel is the PostgreSQL notification channel on which copies of the program tell each other who is there.
const hereChannel = db.Channel + "_here"

// Here is the topic of whoever looks at any case; that of one case is HereAt.
const Here = "here"

// HereAt is the topic of whoever looks at a case.
func HereAt(of int64) string { return Here + ":" + strconv.FormatInt(of, 10) }

// PresenceOptions tunes how long somebody counts as there. Zero values mean the defaults.
type PresenceOptions struct {
	Linger time.Duration // after the last page on a case was closed; 2 s
	Typing time.Duration // after the last key; 6 s
	Beat   time.Duration // how often a copy says who is there, as long as somebody is; 3 s
	Lost   time.Duration // after which a copy that said nothing counts as dead; 10 s
}

// Presence knows who has which case open, at all copies of the program on one database. Nothing of it is stored: each copy tells the
// others by NOTIFY, at each change and at a slow beat, and forgets a copy that it no longer hears. Nobody waits for it: without the
// database a copy knows its own people alone. It is started and stopped once.
type Presence struct {
	hub    *Hub
	db     *db.DB
	logger *slog.Logger
	o      PresenceOptions
	name   string // of this copy
	now    func() time.Time

	mu     sync.Mutex
	own    own
	last   []Seat // own seats as they were shown last
	others map[string]*other
	wake   chan struct{}
	ended  chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

// NewPresence makes it, to hear by the hub's connection.
func NewPresence(hub *Hub, d *db.DB, logger *slog.Logger, options ...PresenceOptions) *Presence {
	var o PresenceOptions
	if len(options) > 0 {
		o = options[0]
	}
	for _, one := range []struct {
		set   *time.Duration
		usual time.Duration
	}{{&o.Linger, 2 * time.Second}, {&o.Typing, 6 * time.Second}, {&o.Beat, 3 * time.Second}, {&o.Lost, 10 * time.Second}} {
		if *one.set == 0 {
			*one.set = one.usual
		}
	}
	p := &Presence{
		hub: hub, db: d, logger: logger, o: o, name: rand.Text(), own: newOwn(), others: map[string]*other{},
		now:  time.Now, //nolint:forbidigo // people come and go in real time, and nothing of it is kept
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	hub.mu.Lock()
	defer hub.mu.Unlock()
	hub.presence = p
	return p
}

// Start begins to tell the other copies, and returns.
func (p *Presence) Start(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		return
	}
	ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	p.done = make(chan struct{})
	go p.run(ctx, p.done)
}

// Stop tells the others that nobody is here any more, and ends.
func (p *Presence) Stop() {
	p.mu.Lock()
	cancel, done := p.cancel, p.done
	p.cancel = nil
	p.mu.Unlock()
	if cancel == nil {
		return
	}
	close(p.ended)
	cancel()
	<-done
}

// Ended is closed when the program ends, for streams that would keep it waiting.
func (p *Presence) Ended() <-chan struct{} { return p.ended }

// Enter says that somebody has a case open, until leave is called. It never waits.
func (p *Presence) Enter(user, of int64) (leave func()) {
	p.mu.Lock()
	stream := p.own.open(seat{user, of})
	p.mu.Unlock()
	p.look()
	return func() {
		p.mu.Lock()
		p.own.close(stream, p.now().Add(p.o.Linger))
		p.mu.Unlock()
		p.look()
	}
}

// Types says that somebody is writing in a case. It is forgotten by itself.
func (p *Presence) Types(user, of int64) {
	p.mu.Lock()
	p.own.typing[seat{user, of}] = p.now().Add(p.o.Typing)
	p.mu.Unlock()
	p.look()
}

// At is who has one of the cases open, by case, one seat for each person, in the order of their numbers.
func (p *Presence) At(of ...int64) map[int64][]Seat {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	all := p.own.seats(now)
	for _, o := range p.others {
		all = append(all, o.seats...)
	}
	at := map[int64][]Seat{}
	for _, s := range all {
		if !slices.Contains(of, s.Case) {
			continue
		}
		if n := slices.IndexFunc(at[s.Case], func(t Seat) bool { return t.User == s.User }); n >= 0 {
			at[s.Case][n].Typing = at[s.Case][n].Typing || s.Typing
			continue
		}
		at[s.Case] = append(at[s.Case], s)
	}
	for _, list := range at {
		slices.SortFunc(list, compareSeats)
	}
	return at
}

// look compares who is here with who was, and tells browsers here at once and the other copies soon.
func (p *Presence) look() {
	p.mu.Lock()
	seats := p.own.seats(p.now())
	changed := moved(p.last, seats)
	p.last = seats
	p.mu.Unlock()
	if len(changed) == 0 {
		return
	}
	p.tell(changed)
	select {
	case p.wake <- struct{}{}:
	default: // it is going to tell anyway
	}
}

func (p *Presence) tell(changed []int64) {
	for _, of := range changed {
		p.hub.tell(HereAt(of))
	}
}

// hear takes in what another copy told.
func (p *Presence) hear(payload string) {
	var t told
	if err := json.Unmarshal([]byte(payload), &t); err != nil || t.Copy == p.name {
		return
	}
	p.mu.Lock()
	o := p.others[t.Copy]
	if o == nil {
		o = &other{}
		p.others[t.Copy] = o
	}
	before := o.seats
	var changed []int64
	if o.hear(t, p.now()) {
		changed = moved(before, o.seats)
	}
	p.mu.Unlock()
	p.tell(changed)
}

// forget drops copies that have said nothing for long: they are dead, or have nobody.
func (p *Presence) forget() {
	p.mu.Lock()
	var changed []int64
	for name, o := range p.others {
		if p.now().Sub(o.at) >= p.o.Lost {
			changed = append(changed, moved(o.seats, nil)...)
			delete(p.others, name)
		}
	}
	p.mu.Unlock()
	p.tell(changed)
}

// sayWithin is how long one telling may take: a database under load is slow to answer, and a goodbye that is cut off leaves people at
// cases they have left.
const sayWithin = 5 * time.Second

// run tells the other copies who is here: soon after each change, and at a beat as long as somebody is. A telling that failed is owed
// until one succeeds, or those who left would stay where they were elsewhere.
func (p *Presence) run(ctx context.Context, done chan struct{}) {
	defer close(done)
	clock := time.NewTicker(min(p.o.Beat, time.Second) / 2)
	defer clock.Stop()
	var tried time.Time
	owed := false
	for {
		changed := false
		select {
		case <-ctx.Done():
			p.say(context.WithoutCancel(ctx), nil)
			return
		case <-p.wake:
			changed = true
		case <-clock.C:
			p.look()
			p.forget()
		}
		p.mu.Lock()
		seats := p.last
		p.mu.Unlock()
		if changed || (owed || len(seats) > 0) && p.now().Sub(tried) >= p.o.Beat {
			owed = !p.say(ctx, seats)
			tried = p.now()
		}
	}
}

// say notifies the other copies, and whether that succeeded.
func (p *Presence) say(ctx context.Context, seats []Seat) bool {
	ctx, cancel := context.WithTimeout(ctx, sayWithin)
	defer cancel()
	texts, err := parts(p.name, seats)
	if err == nil {
		err = p.db.Do(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `select pg_notify($1, t) from unnest($2::text[]) with ordinality u (t, n) order by n`, hereChannel, texts)
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		p.logger.WarnContext(ctx, "nobody is told who looks at which case", "error", err.Error())
	}
	return err == nil
}
