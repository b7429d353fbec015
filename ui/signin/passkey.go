package signin

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/people"
	"makegood/internal/web"
)

// answer is what the page's script sends: which question, what the device said, and where to go then.
type answer struct {
	Token  string          `json:"token"`
	Answer json.RawMessage `json:"answer"`
	Next   string          `json:"next"`
}

// read takes the script's answer. It is a body of JSON: no form of another site can send one.
func read(c echo.Context) (answer, error) {
	var in answer
	if err := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, 64<<10)).Decode(&in); err != nil {
		return in, errs.Wrap(err, people.ErrWrongPasskey.Kind, people.ErrWrongPasskey.Key)
	}
	return in, nil
}

// asked answers the script with a question to the device, or with the sentence of what stands against it.
func (s *Screen) asked(c echo.Context, ceremony people.Ceremony, err error) error {
	if err != nil {
		return s.refused(c, err)
	}
	return c.JSON(http.StatusOK, ceremony)
}

func (s *Screen) refused(c echo.Context, err error) error {
	if errs.KindOf(err) == errs.Internal {
		return err
	}
	return c.JSON(web.Status(err), map[string]string{"error": s.desk.Sentence(c, err)})
}

func (s *Screen) entered(c echo.Context, entry people.Entry, next string, err error) error {
	if err != nil {
		return s.refused(c, err)
	}
	s.keepTicket(c, "")
	web.SignedIn(c, entry.Token, s.secure)
	return c.JSON(http.StatusOK, map[string]string{"next": safeNext(next)})
}

// AskPasskey begins a sign-in by passkey: POST /login/passkey/ask.
func (s *Screen) AskPasskey(c echo.Context) error {
	ceremony, err := s.people.BeginPasskeySignIn(c.Request().Context(), web.From(c))
	return s.asked(c, ceremony, err)
}

// EnterByPasskey ends it: POST /login/passkey.
func (s *Screen) EnterByPasskey(c echo.Context) error {
	in, err := read(c)
	if err != nil {
		return s.refused(c, err)
	}
	entry, err := s.people.EnterByPasskey(c.Request().Context(), in.Token, in.Answer, web.From(c))
	return s.entered(c, entry, in.Next, err)
}

// AskSecondPasskey begins the second step by passkey: POST /login/second/passkey/ask.
func (s *Screen) AskSecondPasskey(c echo.Context) error {
	ceremony, err := s.people.BeginPasskeyFinish(c.Request().Context(), ticketOf(c))
	return s.asked(c, ceremony, err)
}

// FinishByPasskey ends it: POST /login/second/passkey.
func (s *Screen) FinishByPasskey(c echo.Context) error {
	in, err := read(c)
	if err != nil {
		return s.refused(c, err)
	}
	entry, err := s.people.FinishByPasskey(c.Request().Context(), ticketOf(c), in.Token, in.Answer)
	return s.entered(c, entry, in.Next, err)
}

// AskProof begins the proof asked for anew: POST /prove/passkey/ask.
func (s *Screen) AskProof(c echo.Context) error {
	ceremony, err := s.people.BeginProof(c.Request().Context(), web.Visit(c))
	return s.asked(c, ceremony, err)
}

// ProveByPasskey ends it: POST /prove/passkey.
func (s *Screen) ProveByPasskey(c echo.Context) error {
	in, err := read(c)
	if err != nil {
		return s.refused(c, err)
	}
	if err := s.people.ProveByPasskey(c.Request().Context(), web.Visit(c), in.Token, in.Answer); err != nil {
		return s.refused(c, err)
	}
	return c.JSON(http.StatusOK, map[string]string{"next": safeNext(in.Next)})
}
