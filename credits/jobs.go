package credits

import "makegood/billing"

// PostRequest asks for an approved request to be posted.
type PostRequest struct {
	ID ID `json:"id"`
}

// Kind names the job.
func (PostRequest) Kind() string { return "credits.post_request" }

// RenderDocument asks for the document of what was posted, to go with the queued letter of the key, and for those that go
// with it.
type RenderDocument struct {
	Document billing.DocumentRef   `json:"document"`
	With     []billing.DocumentRef `json:"with,omitempty"`
	Key      string                `json:"key"`
}

// Kind names the job.
func (RenderDocument) Kind() string { return "credits.render_document" }

// CheckCoverage looks for what nobody could decide, and tells those who manage authority when that changed.
type CheckCoverage struct{}

// Kind names the job.
func (CheckCoverage) Kind() string { return "credits.check_coverage" }

// Sweep looks for open steps whose candidates went away, and for approved requests nobody posted.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "credits.sweep" }
