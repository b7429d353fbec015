package intake

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"makegood/cases/sorting"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/db"
)

// Most mail begins something: a person writes, and a case is opened. Several such messages that came together share a
// transaction, in which each question is asked once for all of them and each table is written once. Every message that is not as
// plain as that goes alone, and so do all of them when one fails.

// HandleAll is Handle for several messages. What went well for some of them stays so when others fail.
func (i *Intake) HandleAll(ctx context.Context, in inbox.MessagesArrived) error {
	letters, err := i.readAll(ctx, in.IDs)
	if err != nil {
		return err
	}
	opened, err := i.openTogether(ctx, letters)
	if err != nil {
		i.logger.WarnContext(ctx, "messages not opened together, each goes alone", "messages", len(letters), "error", err.Error())
	}
	ready := map[inbox.InboundID]*letter{}
	for n, l := range letters {
		if !l.Oversize { // who speaks then is looked up when it is read alone
			ready[l.ID] = &letters[n]
		}
	}
	var failed error
	for _, id := range in.IDs {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if opened[id] {
			continue
		}
		if err := i.handle(ctx, inbox.MessageArrived{ID: id}, ready[id]); err != nil && !errors.Is(err, inbox.ErrNoMessage) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// readAll loads messages and takes them apart, several at a time. One that cannot be taken apart is left out: it goes alone. When one
// cannot even be loaded all of them go alone, so that it keeps back none of the others.
func (i *Intake) readAll(ctx context.Context, ids []inbox.InboundID) ([]letter, error) {
	list, err := i.inbox.LoadAll(ctx, i.db, ids)
	if err != nil {
		i.logger.WarnContext(ctx, "messages not loaded together, each goes alone", "messages", len(ids), "error", err.Error())
		return nil, nil
	}
	list = slices.DeleteFunc(list, func(l inbox.Loaded) bool { return l.Fate != inbox.Pending })
	desk, err := i.sorting.Desk(ctx, i.db)
	if err != nil {
		return nil, err
	}
	letters := make([]letter, len(list))
	places := make(chan int)
	var parsing sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		parsing.Go(func() {
			for n := range places {
				letters[n] = i.understood(ctx, list[n], desk)
			}
		})
	}
	for n := range list {
		places <- n
	}
	close(places)
	parsing.Wait()
	return slices.DeleteFunc(letters, func(l letter) bool { return l.ID == 0 }), nil
}

// understood is understand, or the zero letter when that fails or the scanner cannot be asked.
func (i *Intake) understood(ctx context.Context, loaded inbox.Loaded, desk *sorting.Desk) (l letter) {
	defer func() {
		if recover() != nil {
			l = letter{} // Handle meets it again and counts the failure
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, i.options.Longest)
	defer cancel()
	l, err := i.understand(ctx, loaded, desk)
	if err != nil {
		return letter{}
	}
	return l
}

// plain tells whether a message only begins something, as far as can be told from the message itself.
func (l letter) plain() bool {
	mail := l.Source == inbox.SourceIMAP || l.Source == inbox.SourceFile
	return mail && !l.Quiet && l.Refusal == "" && l.Infected == "" && !l.unscannable && !l.Oversize && l.msg.Kind == parse.Person && len(l.refersTo()) == 0 && len(l.leadsBy()) == 0 && l.from().Address != ""
}

// apart keeps, of messages that have to do with one another, the first: same Message-ID, bytes or sender.
func apart(letters []letter) []letter {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(letters), func(l letter) bool {
		if !l.plain() {
			return true
		}
		keys := []string{"bytes " + string(l.SHA256), "sender " + l.from().Address}
		if id := inbox.Bracketed(l.msg.MessageID); id != "" {
			keys = append(keys, "id "+id)
		}
		taken := slices.ContainsFunc(keys, func(key string) bool { return seen[key] })
		for _, key := range keys {
			seen[key] = true
		}
		return taken
	})
}

// openTogether opens the cases of the plain messages among those that came together, in one transaction. It tells which ones.
func (i *Intake) openTogether(ctx context.Context, letters []letter) (map[inbox.InboundID]bool, error) {
	letters = apart(letters)
	if len(letters) < 2 {
		return nil, nil //nolint:nilnil // alone it costs the same
	}
	var opened map[inbox.InboundID]bool
	err := i.db.Do(ctx, func(tx *db.Tx) error {
		g := &group{Intake: i, tx: tx}
		if err := g.begin(ctx, letters); err != nil {
			return err
		}
		for _, step := range []func(context.Context) error{g.senders, g.match, g.similar, g.claim, g.open} {
			if len(g.list) == 0 {
				break
			}
			if err := step(ctx); err != nil {
				return err
			}
		}
		opened = map[inbox.InboundID]bool{}
		for _, m := range g.list {
			opened[m.ID] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id := range opened {
		i.logger.InfoContext(ctx, "message handled", "message", int64(id), "fate", string(inbox.NewCase))
	}
	return opened, nil
}
