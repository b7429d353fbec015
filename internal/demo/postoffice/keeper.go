package postoffice

import (
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// keeper is the only writer: one goroutine that puts changes on the disk and then into the mailboxes, in the same
// order. While the disk is busy with some, others gather, and the next write takes them all: many senders share
// one wait for the disk.
type keeper struct {
	journal *journal
	boxes   map[string]*mailbox
	last    map[string]imap.UID
	taken   map[string]bool
	queue   chan request
	quit    chan struct{}
	done    chan struct{}
	once    sync.Once
}

// change is one thing that happens to one mailbox.
type change struct {
	entry  record
	body   []byte
	source *imapserver.SessionTracker // who asked for it and need not be told
}

type request struct {
	changes []change
	reply   chan reply
}

type reply struct {
	uids []imap.UID
	err  error
}

const (
	batchBytes    = 8 << 20
	batchRequests = 512
)

func startKeeper(j *journal, boxes map[string]*mailbox, taken map[string]bool) *keeper {
	k := &keeper{
		journal: j, boxes: boxes, last: map[string]imap.UID{}, taken: taken,
		queue: make(chan request, batchRequests), quit: make(chan struct{}), done: make(chan struct{}),
	}
	for user, box := range boxes {
		k.last[user] = box.last
	}
	go k.run()
	return k
}

// keep returns when the changes are on the disk and visible, with the numbers given to new messages.
func (k *keeper) keep(changes []change) ([]imap.UID, error) {
	asked := request{changes: changes, reply: make(chan reply, 1)}
	select {
	case <-k.quit:
		return nil, ErrClosed
	case k.queue <- asked:
	}
	select {
	case answer := <-asked.reply:
		return answer.uids, answer.err
	case <-k.done:
	}
	select { // the answer may have come with the end
	case answer := <-asked.reply:
		return answer.uids, answer.err
	default:
		return nil, ErrClosed
	}
}

func (k *keeper) close() error {
	k.once.Do(func() { close(k.quit) })
	<-k.done
	return k.journal.close()
}

func (k *keeper) run() {
	defer close(k.done)
	for {
		select {
		case first := <-k.queue:
			k.commit(k.gather(first))
		case <-k.quit:
			return
		}
	}
}

func (k *keeper) gather(first request) []request {
	batch, size := []request{first}, weight(first)
	for size < batchBytes && len(batch) < batchRequests {
		select {
		case next := <-k.queue:
			batch = append(batch, next)
			size += weight(next)
		default:
			return batch
		}
	}
	return batch
}

func weight(r request) int {
	size := 0
	for _, c := range r.changes {
		size += len(c.body)
	}
	return size
}

func (k *keeper) commit(batch []request) {
	var buf []byte
	places := make([][]place, len(batch))
	answers := make([]reply, len(batch))
	for i := range batch {
		batch[i].changes = k.first(batch[i].changes)
		buf, places[i], answers[i].err = k.frame(buf, batch[i].changes)
	}
	err := k.journal.add(buf)
	for i, asked := range batch {
		if answers[i].err == nil {
			answers[i].err = err
		}
		if answers[i].err == nil {
			answers[i].uids = k.show(asked.changes, places[i])
		}
		asked.reply <- answers[i]
	}
}

// frame appends the records of one request to buf, all or none, and says where their bodies will lie.
func (k *keeper) frame(buf []byte, changes []change) ([]byte, []place, error) {
	before := len(buf)
	start := k.journal.end
	places := make([]place, 0, len(changes))
	for i := range changes {
		k.number(&changes[i].entry)
		longer, body, err := frame(buf, changes[i].entry, changes[i].body)
		if err != nil {
			return buf[:before], nil, err
		}
		buf = longer
		places = append(places, place{offset: start + int64(body), size: int64(len(changes[i].body))})
	}
	return buf, places, nil
}

// number gives a new message the next number of its mailbox.
func (k *keeper) number(head *record) {
	if head.Kind == kindMail {
		k.last[head.Account]++
		head.UID = k.last[head.Account]
	}
}

// show makes kept changes visible in the mailboxes.
func (k *keeper) show(changes []change, places []place) []imap.UID {
	var uids []imap.UID
	for i, c := range changes {
		k.boxes[c.entry.Account].apply(c, places[i])
		if c.entry.Kind == kindMail {
			uids = append(uids, c.entry.UID)
		}
	}
	return uids
}
