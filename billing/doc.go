// Package billing holds who owes what and every way it is put right: legal entities, customers, invoices, payments,
// credit memos, holds, and the rules under which money moves between them. Each document is posted once, with its
// number, its journal entry and its audit event in one transaction, and never changed afterwards.
package billing
