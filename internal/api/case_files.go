package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/internal/web"
)

// mostFiles bounds what brings files: 18 MB of them in base64, and the words.
const mostFiles = 26 << 20

// FileToSend is a file that goes with a reply, or stays with a note. What it is follows from its bytes.
type FileToSend struct {
	Name    string `json:"name" minLength:"1" maxLength:"200"`
	Content []byte `json:"content" doc:"the file, in base64"`
}

func filesToSend(list []FileToSend) []cases.NewFile {
	files := make([]cases.NewFile, len(list))
	for i, f := range list {
		files[i] = cases.NewFile{Filename: f.Name, Content: f.Content}
	}
	return files
}

// FileRef names a file of a message.
type FileRef struct {
	CaseRef
	ID       int64 `path:"id" doc:"of the message"`
	Position int   `path:"position" doc:"of the file in it"`
}

// caseFile hands out a file of a message, which is on record.
func (h *handlers) caseFile(ctx context.Context, in *FileRef) (*huma.StreamResponse, error) {
	file, err := h.Reports.CaseFiles(h.Cases, h.Billing).Attachment(ctx, in.Number, cases.MessageID(in.ID), in.Position, in.by)
	if err != nil {
		return nil, err
	}
	if err := h.Cases.Downloaded(ctx, in.by, in.Number, cases.MessageID(in.ID), file.Name); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", file.MediaType)
		ctx.SetHeader("Content-Disposition", web.Saved(file.Name))
		ctx.SetHeader("X-Content-Type-Options", "nosniff")
		_, _ = ctx.BodyWriter().Write(file.Content)
	}}, nil
}
