// Package telling brings notices to people who are not looking at the screen: by mail, each as they have chosen, at once or
// once a day, and not in their quiet hours unless it is urgent. Clocks know no quiet hours.
package telling

import (
	"time"

	"makegood/internal/errs"
)

// Way is how a person gets notices by mail. On screen (/notices) they always are.
type Way string

// The ways.
const (
	Never  Way = "none"
	AtOnce Way = "at_once"
	Digest Way = "digest" // once a day
)

const dayMinutes = 24 * 60

// Choice is what a person has chosen. Times are minutes of their own day; quiet hours may go over midnight and are nil together.
type Choice struct {
	UserID    int64
	Mail      Way
	QuietFrom *int
	QuietTo   *int
	DigestAt  int
	Version   int // 0: nothing was ever chosen
}

// unchosen is what holds for somebody who never chose.
func unchosen(userID int64) Choice { return Choice{UserID: userID, Mail: Never, DigestAt: 8 * 60} }

// check refuses unknown ways, times that are none, and quiet hours with one end or without end.
func (c Choice) check() error {
	var wrong []errs.Field
	refuse := func(name, key string) { wrong = append(wrong, errs.Field{Name: name, Key: key}) }
	if c.Mail != Never && c.Mail != AtOnce && c.Mail != Digest {
		refuse("mail", "telling.unknown_way")
	}
	ofDay := func(minute *int) bool { return minute == nil || *minute >= 0 && *minute < dayMinutes }
	if !ofDay(&c.DigestAt) {
		refuse("digest_at", "telling.no_time_of_day")
	}
	if !ofDay(c.QuietFrom) {
		refuse("quiet_from", "telling.no_time_of_day")
	}
	switch {
	case !ofDay(c.QuietTo):
		refuse("quiet_to", "telling.no_time_of_day")
	case (c.QuietFrom == nil) != (c.QuietTo == nil):
		refuse("quiet_to", "telling.quiet_needs_both_ends")
	case c.QuietFrom != nil && *c.QuietFrom == *c.QuietTo:
		refuse("quiet_to", "telling.quiet_without_end")
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// Leaves is when a notice goes out by mail, on the wall clock of the zone: at once or at the next time of the digest, and not in quiet
// hours but when they end. An urgent one goes at once. It means nothing for who gets no mail.
func (c Choice) Leaves(created time.Time, urgent bool, zone *time.Location) time.Time {
	if urgent {
		return created
	}
	at := created
	if c.Mail == Digest {
		at = next(created, c.DigestAt, zone)
	}
	if c.quiet(at, zone) {
		at = next(at, *c.QuietTo, zone)
	}
	return at
}

// quiet tells whether a moment is in the quiet hours. Their end is not.
func (c Choice) quiet(at time.Time, zone *time.Location) bool {
	if c.QuietFrom == nil || c.QuietTo == nil {
		return false
	}
	at = at.In(zone)
	minute, from, to := at.Hour()*60+at.Minute(), *c.QuietFrom, *c.QuietTo
	if from < to {
		return minute >= from && minute < to
	}
	return minute >= from || minute < to
}

// next is the first moment after at when the wall clock of the zone shows a minute of the day.
func next(at time.Time, minute int, zone *time.Location) time.Time {
	local := at.In(zone)
	for day := local.Day(); ; day++ {
		if then := time.Date(local.Year(), local.Month(), day, 0, minute, 0, 0, zone); then.After(at) {
			return then
		}
	}
}
