// Package postback issues posted credit memos where a company's invoices really live, and voids there what was taken back
// here. Billing notes what is to be issued in the posting's own transaction; this package does it and keeps the outcome.
package postback
