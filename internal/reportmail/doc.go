// Package reportmail brings reports to people by mail, once a week or once a month, at an hour of their own day. Each mail is read with the
// rights that its reader has at that moment, and leaves once for each due moment, whatever runs twice.
package reportmail
