// Package clock is the arithmetic of promises: calendars of working hours, policies that say what was promised,
// and the derivation of every clock of a case from the events of that case. It is pure: it reads no database and
// no wall clock, and the same input always gives the same deadlines, to the second, through every change of
// summer time.
package clock
