package classify

import (
	"cmp"
	"math"
	"slices"
)

// vocabulary numbers the features that were seen in training often enough to be worth a weight.
type vocabulary struct {
	keys  []uint64 // by id, rising
	block []uint8
	idf   []float32
	table []uint32 // open addressing: id + 1, 0 for an empty place
	mask  uint64
}

// counted is a feature of a text that is learned from, and how often it stands there.
type counted struct {
	key   uint64
	times uint16
	block uint8
}

// count boils a text down to what learning needs of it: many texts are held at once.
func (r *reading) count() []counted {
	slices.SortFunc(r.grams, func(a, b gram) int { return cmp.Compare(a.key, b.key) })
	out := make([]counted, 0, len(r.grams)/2)
	for _, g := range r.grams {
		if n := len(out); n > 0 && out[n-1].key == g.key {
			out[n-1].times = min(out[n-1].times+1, maxTimes)
			continue
		}
		out = append(out, counted{g.key, 1, g.block})
	}
	return slices.Clip(out)
}

// maxTimes is how often a feature counts in one text at most.
const maxTimes = 1000

// seen counts in how many texts a feature stands.
type seen struct {
	texts int32
	block uint8
}

// fewTexts is how many texts are so few that a word need not occur in two of them to count.
const fewTexts = 3000

// newVocabulary numbers the features that stand in at least two of the texts, or in one when there are few.
func newVocabulary(texts [][]counted) *vocabulary {
	counts := map[uint64]seen{}
	for _, text := range texts {
		for _, f := range text {
			counts[f.key] = seen{texts: counts[f.key].texts + 1, block: f.block}
		}
	}
	least := int32(2)
	if len(texts) < fewTexts {
		least = 1
	}
	v := &vocabulary{}
	for key, s := range counts {
		if s.texts >= least {
			v.keys = append(v.keys, key)
		}
	}
	slices.Sort(v.keys)
	for _, key := range v.keys {
		s := counts[key]
		v.block = append(v.block, s.block)
		v.idf = append(v.idf, float32(1+math.Log(float64(1+len(texts))/float64(1+s.texts))))
	}
	v.index()
	return v
}

// index builds the table that finds a feature's number.
func (v *vocabulary) index() {
	size := uint64(16)
	for size < 2*uint64(len(v.keys)) {
		size *= 2
	}
	v.table, v.mask = make([]uint32, size), size-1
	for id, key := range v.keys {
		at := key & v.mask
		for v.table[at] != 0 {
			at = (at + 1) & v.mask
		}
		v.table[at] = uint32(id) + 1
	}
}

// id finds the number of a feature.
func (v *vocabulary) id(key uint64) (uint32, bool) {
	for at := key & v.mask; ; at = (at + 1) & v.mask {
		place := v.table[at]
		if place == 0 {
			return 0, false
		}
		if v.keys[place-1] == key {
			return place - 1, true
		}
	}
}

// known are the numbers of the features of a text.
func (v *vocabulary) known(r *reading, into []uint32) []uint32 {
	out := into[:0]
	for _, g := range r.grams {
		if id, ok := v.id(g.key); ok {
			out = append(out, id)
		}
	}
	return out
}

// repeated are the numbers of the features of a text that is learned from, each as often as it stands there.
func (v *vocabulary) repeated(text []counted, into []uint32) []uint32 {
	out := into[:0]
	for _, f := range text {
		if id, ok := v.id(f.key); ok {
			for range f.times {
				out = append(out, id)
			}
		}
	}
	return out
}
