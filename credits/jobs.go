package credits

import "makegood/billing"

// PostRequest asks for an approved request to be posted.
type PostRequest struct {
	ID ID `json:"id"`
}

// Kind names the job.
func (PostRequest) Kind() string { return "credits.post_request" }

// RenderMemo asks for a memo's document, to go with the queued letter of the key.
type RenderMemo struct {
	MemoID billing.MemoID `json:"memo_id"`
	Key    string         `json:"key"`
}

// Kind names the job.
func (RenderMemo) Kind() string { return "credits.render_memo" }

// Sweep looks for open steps whose candidates went away, and for approved requests nobody posted.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "credits.sweep" }
