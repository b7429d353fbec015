package live

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Seat is somebody with a case open.
type Seat struct {
	User   int64
	Case   int64
	Typing bool
}

// seat names a Seat, whatever is being done there.
type seat struct{ user, of int64 }

// own are the seats of the people whose browsers this copy of the program serves. It is not safe for concurrent use.
type own struct {
	streams map[int64]seat     // what is open now, by the number of the stream
	linger  map[seat]time.Time // what was closed, until when it counts as open: a page that is loaded anew closes and opens
	typing  map[seat]time.Time // until when
	last    int64
}

func newOwn() own {
	return own{streams: map[int64]seat{}, linger: map[seat]time.Time{}, typing: map[seat]time.Time{}}
}

func (o *own) open(s seat) (stream int64) {
	o.last++
	o.streams[o.last] = s
	delete(o.linger, s)
	return o.last
}

// close lets the seat linger unless another stream holds it.
func (o *own) close(stream int64, until time.Time) {
	s, ok := o.streams[stream]
	if !ok {
		return
	}
	delete(o.streams, stream)
	for _, other := range o.streams {
		if other == s {
			return
		}
	}
	o.linger[s] = until
}

// seats are those taken at a moment, in order. Whoever types is there, whichever copy has their stream.
func (o *own) seats(now time.Time) []Seat {
	there := map[seat]bool{} // whether they type
	for _, s := range o.streams {
		there[s] = false
	}
	for s, until := range o.linger {
		if now.Before(until) {
			there[s] = false
		} else {
			delete(o.linger, s)
		}
	}
	for s, until := range o.typing {
		if now.Before(until) {
			there[s] = true
		} else {
			delete(o.typing, s)
		}
	}
	list := make([]Seat, 0, len(there))
	for s, typing := range there {
		list = append(list, Seat{User: s.user, Case: s.of, Typing: typing})
	}
	slices.SortFunc(list, compareSeats)
	return list
}

func compareSeats(a, b Seat) int {
	return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.User, b.User))
}

// moved are the cases at which two lists of seats differ, both in order.
func moved(before, after []Seat) []int64 {
	var list []int64
	for _, both := range [][2][]Seat{{before, after}, {after, before}} {
		for _, s := range both[0] {
			if at, found := slices.BinarySearchFunc(both[1], s, compareSeats); !found || both[1][at] != s {
				list = append(list, s.Case)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// told is what one copy of the program tells the others: all of its seats, in as many parts as a notification's length asks for.
type told struct {
	Copy  string     `json:"copy"`
	Part  int        `json:"part"` // from 1
	Parts int        `json:"parts"`
	Seats [][3]int64 `json:"seats"` // user, case, whether they type
}

// seatsTold is how many seats one part has: PostgreSQL carries 8,000 bytes, and two ids of nineteen digits are 44.
const seatsTold = 150

func parts(name string, seats []Seat) ([]string, error) {
	var out []string
	chunks := slices.Collect(slices.Chunk(seats, seatsTold))
	if len(chunks) == 0 {
		chunks = [][]Seat{nil}
	}
	for n, chunk := range chunks {
		t := told{Copy: name, Part: n + 1, Parts: len(chunks), Seats: make([][3]int64, len(chunk))}
		for i, s := range chunk {
			t.Seats[i] = [3]int64{s.User, s.Case, 0}
			if s.Typing {
				t.Seats[i][2] = 1
			}
		}
		text, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("say who is there: %w", err)
		}
		out = append(out, string(text))
	}
	return out, nil
}

// other is what was heard from another copy.
type other struct {
	seats   []Seat
	pending []Seat // of a telling of several parts that is not whole yet
	next    int    // the part that has to come
	at      time.Time
}

// hear takes a part in and tells whether the telling is whole. One out of its order is dropped with its telling: the next one comes soon.
func (o *other) hear(t told, now time.Time) (whole bool) {
	o.at = now
	if t.Part == 1 {
		o.pending, o.next = nil, 1
	}
	if t.Part != o.next {
		o.next = 0
		return false
	}
	for _, s := range t.Seats {
		o.pending = append(o.pending, Seat{User: s[0], Case: s[1], Typing: s[2] == 1})
	}
	o.next++
	if t.Part < t.Parts {
		return false
	}
	slices.SortFunc(o.pending, compareSeats)
	o.seats, o.pending, o.next = o.pending, nil, 0
	return true
}
