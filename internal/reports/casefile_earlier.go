package reports

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
)

// Before is where a read of a long story goes on: before a message and before an event. Zero of either means that nothing of it is older.
type Before struct {
	Message cases.MessageID
	Event   int64 // its seq
}

// More tells whether there is anything older.
func (b Before) More() bool { return b != Before{} }

// cut keeps what one read brings, and says where the next goes on. Both lists hold one more than they show where there is more.
func (f *CaseFile) cut() {
	f.Before = Before{}
	if len(f.Messages) > messagesShown {
		f.Messages = f.Messages[1:]
		f.Before.Message = f.Messages[0].ID
	}
	if len(f.Events) > eventsShown {
		f.Events = f.Events[1:]
		f.Before.Event = f.Events[0].Seq
	}
}

// Earlier reads the stretch of a case's story before another, with the case around it.
func (f *CaseFiles) Earlier(ctx context.Context, number string, before Before, by access.Actor) (CaseFile, error) {
	file, err := f.CaseFile(ctx, number, by)
	if err != nil {
		return file, err
	}
	file.Messages, file.Events = nil, nil
	var loose scattered
	batch := &pgx.Batch{}
	if before.Message != 0 {
		into(batch, &file.Messages, fileMessages+` where m.case_id = $1 and (m.at, m.id) < (select b.at, b.id from case_messages b where b.case_id = $1 and b.id = $3)
			order by m.at desc, m.id desc limit $2`, file.ID, messagesShown+1, before.Message)
		into(batch, &loose.files, messageFiles+` where f.case_id = $1`+filesInOrder, file.ID)
	}
	if before.Event != 0 {
		into(batch, &file.Events, `select id, stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data
			from audit_log where stream = $1 and seq < $3 order by seq desc limit $2`, string(audit.Case(int64(file.ID))), eventsShown+1, before.Event)
	}
	if batch.Len() > 0 {
		if err := f.db.Batch(ctx, batch); err != nil {
			return file, fmt.Errorf("read earlier: %w", err)
		}
	}
	slices.Reverse(file.Messages)
	slices.Reverse(file.Events)
	file.cut()
	loose.settleFiles(&file)
	return file, revealEvents(ctx, f.db, file.Events)
}

// settleFiles gives the files to their messages.
func (loose scattered) settleFiles(file *CaseFile) {
	files := map[cases.MessageID][]MessageFile{}
	for _, a := range loose.files {
		files[a.MessageID] = append(files[a.MessageID], a)
	}
	for i := range file.Messages {
		file.Messages[i].Files = files[file.Messages[i].ID]
	}
}
