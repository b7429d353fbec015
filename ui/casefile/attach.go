package casefile

import (
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// AddFiles keeps files with what somebody begins to write: POST /cases/:number/draft/files. Fields: kind, files.
func (s *Screen) AddFiles(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	files, err := chosenFiles(c)
	if err != nil {
		return err
	}
	err = s.cases.Attach(c.Request().Context(), cases.AttachInput{By: on.By, ID: head.ID, Kind: kindOf(c), Files: files})
	return s.along(c, head.ID, err)
}

// RemoveFile takes one away again: POST /cases/:number/draft/files/:file/remove.
func (s *Screen) RemoveFile(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("file"), 10, 64)
	if err != nil {
		return cases.ErrNoFile
	}
	if err := s.cases.Detach(c.Request().Context(), cases.DetachInput{By: on.By, ID: head.ID, File: cases.DraftFileID(id)}); err != nil {
		return err
	}
	return s.along(c, head.ID, nil)
}

// along answers with the files that are there now, and why others were not taken.
func (s *Screen) along(c echo.Context, id cases.ID, refused error) error {
	if kind := errs.KindOf(refused); refused != nil && kind != errs.Invalid && kind != errs.Unavailable {
		return refused
	}
	if !web.IsHTMX(c) {
		if refused != nil {
			return refused
		}
		return c.Redirect(http.StatusSeeOther, "/cases/"+c.Param("number"))
	}
	files, err := s.cases.DraftFiles(c.Request().Context(), id, web.Actor(c).UserID)
	if err != nil {
		return err
	}
	status, why := http.StatusOK, ""
	if refused != nil {
		status = http.StatusUnprocessableEntity
		why = s.sentences(c, refused)[0]
	}
	return s.desk.Fragment(c, status, kit.ComposerFiles("#composer-files", chips(c.Param("number"), files), why))
}

func chips(number string, files []cases.DraftFile) []kit.ComposerFile {
	list := make([]kit.ComposerFile, len(files))
	for i, f := range files {
		list[i] = kit.ComposerFile{
			ID: id(f.ID), Kind: string(f.Kind), Name: f.Filename, Size: size(f.Size), Icon: fileIcon(f.MediaType),
			RemoveURL: "/cases/" + number + "/draft/files/" + id(f.ID) + "/remove",
		}
	}
	return list
}

// chosenFiles are the files of the form.
func chosenFiles(c echo.Context) ([]cases.NewFile, error) {
	form, err := c.MultipartForm()
	if err != nil {
		return nil, errs.InvalidField("files", "case.no_files")
	}
	var list []cases.NewFile
	for _, head := range form.File["files"] {
		content, err := bytesOf(head)
		if err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "error.no_form")
		}
		list = append(list, cases.NewFile{Filename: head.Filename, Content: content})
	}
	if len(list) == 0 {
		return nil, errs.InvalidField("files", "case.no_files")
	}
	return list, nil
}

func bytesOf(head *multipart.FileHeader) ([]byte, error) {
	file, err := head.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(file)
}

// alongOf are the files that the form says go along with what is sent of a kind.
func alongOf(c echo.Context, kind cases.MessageKind) ([]cases.DraftFileID, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "error.no_form")
	}
	var list []cases.DraftFileID
	for _, text := range form[string(kind)+"_file"] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, cases.ErrNoFile
		}
		list = append(list, cases.DraftFileID(n))
	}
	return list, nil
}
