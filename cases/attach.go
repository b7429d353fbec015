package cases

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
	"github.com/jackc/pgx/v5"

	"makegood/inbox"
	"makegood/inbox/scan"
	"makegood/internal/access"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What goes with one reply or note. A mail grows by a third when its files are written as text, and many servers take 25 MB.
const (
	MaxFiles     = 20
	MaxFileBytes = 18_000_000 // of all files together
)

const longestFilename = 120

// DraftFileID names a file of a draft.
type DraftFileID int64

// DraftFile is a file that somebody has added to what they begin to write.
type DraftFile struct {
	ID        DraftFileID
	CaseID    ID
	UserID    int64
	Kind      MessageKind
	Filename  string
	MediaType string
	Size      int64
	Blob      []byte
}

// NewFile is a file to go with a reply or a note. What it is follows from its bytes, not from its name.
type NewFile struct {
	Filename string
	Content  []byte
}

// AttachInput adds files to what somebody begins to write.
type AttachInput struct {
	By    access.Actor
	ID    ID
	Kind  MessageKind
	Files []NewFile
}

// DetachInput takes a file away again.
type DetachInput struct {
	By   access.Actor
	ID   ID
	File DraftFileID
}

const draftFileColumns = `id, case_id, user_id, kind, filename, media_type, size, blob`

// DraftFilesQuery reads the files of the drafts of a case, $1, that a person, $2, has.
const DraftFilesQuery = `select ` + draftFileColumns + ` from draft_files where case_id = $1 and user_id = $2 order by id`

// Attach keeps files with the draft of whoever adds them, until they go with the reply or note. All of them are kept, or none: it refuses, by the
// field "files", what is too much, what is a program, and what the virus scanner finds something in.
func (s *Service) Attach(ctx context.Context, in AttachInput) error {
	if in.Kind != PublicReply && in.Kind != Note {
		return errs.InvalidField("kind", "case.unknown_kind")
	}
	if err := access.Can(in.By, access.WorkCases, access.Object{}); err != nil {
		return err
	}
	if _, err := s.CaseByID(ctx, s.db, in.ID, in.By); err != nil {
		return err
	}
	if err := s.examine(ctx, in.Files); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := s.LockTx(ctx, tx, in.ID); err != nil { // two uploads at once count each other
			return err
		}
		there, err := draftFiles(ctx, tx, in.ID, in.By.UserID, in.Kind)
		if err != nil {
			return err
		}
		if err := fits(there, in.Files); err != nil {
			return err
		}
		return keepDraftFiles(ctx, tx, in, in.Files)
	})
}

// Detach takes a file away that somebody added themselves. ErrNoFile for any other.
func (s *Service) Detach(ctx context.Context, in DetachInput) error {
	if err := access.Can(in.By, access.WorkCases, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := s.CaseByID(ctx, tx, in.ID, in.By); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `delete from draft_files where id = $1 and case_id = $2 and user_id = $3`, in.File, in.ID, in.By.UserID)
		if err != nil {
			return fmt.Errorf("take file away: %w", err)
		}
		if n == 0 {
			return ErrNoFile
		}
		return nil
	})
}

// DraftFiles reads the files that a person has added to what they begin to write in a case, of both kinds.
func (s *Service) DraftFiles(ctx context.Context, id ID, userID int64) ([]DraftFile, error) {
	return db.List[DraftFile](ctx, s.db, DraftFilesQuery, id, userID)
}

func draftFiles(ctx context.Context, r db.Reader, id ID, user int64, kind MessageKind) ([]DraftFile, error) {
	list, err := db.List[DraftFile](ctx, r, `select `+draftFileColumns+` from draft_files where case_id = $1 and user_id = $2 and kind = $3 order by id`, id, user, kind)
	if err != nil {
		return nil, fmt.Errorf("read files of a draft: %w", err)
	}
	return list, nil
}

// fits refuses more files than go with one message.
func fits(there []DraftFile, more []NewFile) error {
	total := int64(0)
	for _, f := range there {
		total += f.Size
	}
	for _, f := range more {
		total += int64(len(f.Content))
	}
	switch {
	case len(there)+len(more) > MaxFiles:
		return errs.InvalidField("files", "case.too_many_files", "limit", strconv.Itoa(MaxFiles))
	case total > MaxFileBytes:
		return errs.InvalidField("files", "case.files_too_large", "limit", strconv.Itoa(MaxFileBytes/1_000_000))
	}
	return nil
}

// examine refuses files that nobody should be sent. Nothing of them has been kept by then.
func (s *Service) examine(ctx context.Context, files []NewFile) error {
	if err := fits(nil, files); err != nil {
		return err
	}
	for _, f := range files {
		name := fileName(f.Filename)
		switch {
		case len(f.Content) == 0:
			return errs.InvalidField("files", "case.empty_file", "name", name)
		case runs(name, f.Content):
			return errs.InvalidField("files", "case.file_is_program", "name", name)
		}
	}
	if s.options.Scanner == nil {
		return nil
	}
	for _, f := range files {
		found, err := s.options.Scanner.Scan(ctx, f.Content)
		switch {
		case errors.Is(err, scan.ErrTooLarge):
			return errs.InvalidField("files", "case.file_not_scannable", "name", fileName(f.Filename))
		case err != nil:
			return fmt.Errorf("scan file: %w", err)
		case found != "":
			return errs.InvalidField("files", "case.file_infected", "name", fileName(f.Filename), "found", found)
		}
	}
	return nil
}

// runs tells whether a file is a program, by its name or by its bytes: mail servers refuse those, and with them the whole mail.
func runs(name string, content []byte) bool {
	if slices.Contains([]string{
		".exe", ".com", ".scr", ".pif", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".jar", ".lnk", ".dll", ".cpl", ".reg", ".apk", ".app", ".iso",
	}, strings.ToLower(path.Ext(name))) {
		return true
	}
	seen := mimetype.Detect(content)
	return slices.ContainsFunc([]string{
		"application/vnd.microsoft.portable-executable", "application/x-executable", "application/x-elf", "application/x-object", "application/x-sharedlib", "application/x-mach-binary", "application/x-ms-installer", "application/jar", "application/vnd.android.package-archive", "application/x-ms-shortcut",
	}, seen.Is)
}

// fileName is the last part of what a file is called, without anything that is not to be seen, and cut in front of its ending.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.TrimSpace(name[strings.LastIndexAny(name, `/\`)+1:])
	if name == "" || name == "." || name == ".." {
		return "file"
	}
	if runes := []rune(name); len(runes) > longestFilename {
		end := []rune(path.Ext(name))
		end = end[:min(len(end), 12)]
		name = string(runes[:longestFilename-len(end)]) + string(end)
	}
	return name
}

// keepDraftFiles keeps files that were examined.
func keepDraftFiles(ctx context.Context, tx *db.Tx, of AttachInput, files []NewFile) error {
	if len(files) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, f := range files {
		sum := blob.QueueKeep(batch, f.Content)
		batch.Queue(`insert into draft_files (case_id, user_id, kind, filename, media_type, size, blob, added_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			of.ID, of.By.UserID, of.Kind, fileName(f.Filename), mediaType(f.Content), len(f.Content), sum, tx.Now())
	}
	if err := tx.Batch(ctx, batch); err != nil {
		return fmt.Errorf("keep files: %w", err)
	}
	return nil
}

// mediaType is what a file is by its bytes.
func mediaType(content []byte) string {
	name, _, _ := strings.Cut(mimetype.Detect(content).String(), ";")
	return name
}

// going are the files that go with a reply or note: those of the draft that its writer named, and further ones.
type going struct {
	Files  []DraftFileID
	Attach []NewFile
}

// takeFiles takes the named files out of the draft, and keeps the further ones. A file of somebody else, of another case or of the other kind is
// ErrNoFile.
func (w *work) takeFiles(ctx context.Context, kind MessageKind, g going) ([]DraftFile, error) {
	if len(g.Files)+len(g.Attach) == 0 {
		return nil, nil
	}
	if err := keepDraftFiles(ctx, w.tx, AttachInput{By: w.by, ID: w.c.ID, Kind: kind}, g.Attach); err != nil {
		return nil, err
	}
	there, err := draftFiles(ctx, w.tx, w.c.ID, w.by.UserID, kind)
	if err != nil {
		return nil, err
	}
	added := there[len(there)-len(g.Attach):] // nobody else adds any: the case is locked
	var taken []DraftFile
	for _, id := range g.Files {
		at := slices.IndexFunc(there, func(f DraftFile) bool { return f.ID == id })
		if at < 0 {
			return nil, ErrNoFile
		}
		if !slices.ContainsFunc(taken, func(f DraftFile) bool { return f.ID == id }) {
			taken = append(taken, there[at])
		}
	}
	taken = append(taken, added...)
	return taken, fits(taken, nil)
}

// letGo ends that files are a draft's: what they became names their bytes by now.
func letGo(ctx context.Context, tx *db.Tx, files []DraftFile) error {
	if len(files) == 0 {
		return nil
	}
	ids := make([]DraftFileID, len(files))
	for i, f := range files {
		ids[i] = f.ID
	}
	if _, err := tx.Exec(ctx, `delete from draft_files where id = any ($1)`, ids); err != nil {
		return fmt.Errorf("let files go: %w", err)
	}
	return nil
}

// mailed are files as they go with a mail.
func mailed(files []DraftFile) []inbox.Attachment {
	list := make([]inbox.Attachment, len(files))
	for i, f := range files {
		list[i] = inbox.Attachment{Filename: f.Filename, MediaType: f.MediaType, Blob: f.Blob, Size: f.Size}
	}
	return list
}

// noted are files as a note keeps them.
func noted(files []DraftFile) []Attachment {
	list := make([]Attachment, len(files))
	for i, f := range files {
		list[i] = Attachment{Filename: f.Filename, MediaType: f.MediaType, Size: f.Size, SHA256: f.Blob, Blob: f.Blob}
	}
	return list
}

// filesAgain makes the files of a mail that was taken back files of a draft.
func (w *work) filesAgain(ctx context.Context, user int64, outgoing int64) error {
	if _, err := w.tx.Exec(ctx, `insert into draft_files (case_id, user_id, kind, filename, media_type, size, blob, added_at)
		select $1, $2, 'reply', filename, media_type, size, blob, $4 from outgoing_attachments
		where outgoing_message_id = $3 and blob is not null order by position`, w.c.ID, user, outgoing, w.tx.Now()); err != nil {
		return fmt.Errorf("make files those of a draft again: %w", err)
	}
	return nil
}

// mayAttach examines the files that come with a reply or note, before anything is locked.
func (s *Service) mayAttach(ctx context.Context, by access.Actor, files []NewFile) error {
	if len(files) == 0 {
		return nil
	}
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return err
	}
	return s.examine(ctx, files)
}

// withFiles says in what happened which files went along, by the hashes of their bytes.
func withFiles(data map[string]any, files []DraftFile) map[string]any {
	if len(files) == 0 {
		return data
	}
	sums := make([]string, len(files))
	for i, f := range files {
		sums[i] = hex.EncodeToString(f.Blob)
	}
	data["files"] = sums
	return data
}
