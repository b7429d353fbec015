// Package reconciling compares the books with those of another system: a file of it, or Stripe's objects. It keeps what was
// compared, what differed, the proof that the differences explain the gap of the receivables, and what was decided about each.
// What counts as a difference is decided by package reconcile, how files are read by package importer.
package reconciling
