// Package cases is a case's life: the conversation, what is disputed, who works on it, whom it waits for, and the
// clocks that run meanwhile. Every change is one command in one transaction, leaves structured events in the case's
// hash-chained stream, and brings the clocks derived from those events up to date.
package cases
