package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// Sampling is how much of what people pass within their own limit is looked at afterwards. There is no share of nothing:
// zero is the usual.
type Sampling struct {
	// OwnLimitPercent is drawn by chance, from 1 to 100 of a hundred.
	OwnLimitPercent int `yaml:"own_limit_percent,omitempty" json:"own_limit_percent,omitempty"`
}

const (
	usualOwnLimitPercent = 10
	wholePercent         = 100
)

// Percent is the share that is drawn.
func (s Sampling) Percent() int { return cmp.Or(s.OwnLimitPercent, usualOwnLimitPercent) }

func (s Sampling) check(add func(field, key string, pairs ...string)) {
	if s.OwnLimitPercent < 0 || s.OwnLimitPercent > wholePercent {
		add("sampling.own_limit_percent", "policy.bad_sampling")
	}
}

// Draws is how many numbers there are to draw: a request is in the sample when its number is below a hundred times the
// percentage.
const Draws = 10_000

// Draw is the number of a request, 0 to Draws-1: the first four bytes of SHA-256 over the seed and the request's id in decimal
// digits, modulo Draws. Whoever knows the seed can draw again; whoever does not can foresee nothing.
func Draw(seed []byte, request int64) int {
	head := sha256.Sum256(strconv.AppendInt(append([]byte(nil), seed...), request, 10))
	return int(binary.BigEndian.Uint32(head[:4]) % Draws)
}
