// Package holidays finds the days on which a calendar differs from its week: the public holidays of a country, and what an iCalendar
// file says. It gives lists that somebody accepts into a version of a calendar; no calendar depends on it afterwards. It is pure.
package holidays
