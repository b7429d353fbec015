// Package figures computes what a receivables desk reports: aging, days sales outstanding in its several forms,
// collection effectiveness, payment behaviour, quality of invoices, disputes and credits. It is pure: rows and sums in,
// figures out; who reads the rows, and as of which day, is the caller's.
//
// Amounts are exact decimals of one currency; rows of another are refused, never converted. Ratios, days and shares are
// rounded once, at the end, half up (away from zero) to four decimals; a share is a fraction (0.3597 is 35.97 %). What
// would divide by nothing is no figure, which is not zero. Days are dates: midnight UTC.
package figures
