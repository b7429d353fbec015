// Package importer turns files of other systems into neutral records: customers, invoices, payments, credit notes, open
// balances and exchange rates. Each row of a file ends in a record or in a rejection that says what was read and what was
// expected; no amount is rounded, no cell is guessed at silently. It is pure: what becomes of the records is decided by
// package billing, through the same doors as everything else.
package importer
