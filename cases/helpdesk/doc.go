// Package helpdesk brings in the past of another helpdesk from its files: cases of Salesforce, conversations of Intercom. Reading a
// file is pure (salesforce.go, intercom.go); what was read is tied to customers as mail is and opened as cases that set nothing going
// (bring.go).
package helpdesk
