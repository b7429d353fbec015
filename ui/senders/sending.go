package senders

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/errs"
	"makegood/internal/web"
)

// keyView is the signing key of one domain that mails of ours come from; without a Version it has none yet.
type keyView struct {
	Domain, Selector, Version string
	Active                    bool
	RecordName, RecordText    string
	PrivateKey                string // as it was typed and refused
	Refused                   string
	Errors                    map[string]string
}

// boundsView is how much may leave.
type boundsView struct {
	Version                             string
	Sender, Recipient, AcksHour, Echoes string
	Refused                             string
	Errors                              map[string]string
}

// typed is what a form held that was refused.
type typed struct {
	sender *senderView
	key    *keyView
	bounds *boundsView
}

// SetKey gives a domain a signing key: POST /settings/senders/keys/:domain. Fields: version, selector, private_key; without a private key
// a new one is made.
func (s *Screen) SetKey(c echo.Context) error {
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	form := keyView{Domain: c.Param("domain"), Version: c.FormValue("version"), Selector: c.FormValue("selector"), PrivateKey: c.FormValue("private_key")}
	_, err = s.inbox.SetDKIMKey(c.Request().Context(), inbox.DKIMInput{
		By: web.Actor(c), Domain: form.Domain, Selector: form.Selector, PrivateKey: form.PrivateKey, Version: version,
	})
	return s.answer(c, err, func(fields map[string]string, sentence string) typed {
		form.Errors, form.Refused = fields, sentence
		return typed{key: &form}
	})
}

// SwitchKey has mails of a domain signed, or not any more: POST /settings/senders/keys/:domain/switch. Fields: version, active.
func (s *Screen) SwitchKey(c echo.Context) error {
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	_, err = s.inbox.SwitchDKIMKey(c.Request().Context(), web.Actor(c), c.Param("domain"), version, c.FormValue("active") == "on")
	return s.answer(c, err, func(_ map[string]string, sentence string) typed {
		return typed{key: &keyView{Domain: c.Param("domain"), Refused: sentence}}
	})
}

// SetBounds changes how much may leave: POST /settings/senders/bounds. Fields: version, sender_per_hour, recipient_per_hour,
// acks_per_hour, echoes_per_day.
func (s *Screen) SetBounds(c echo.Context) error {
	form := boundsView{
		Version: c.FormValue("version"), Sender: c.FormValue("sender_per_hour"), Recipient: c.FormValue("recipient_per_hour"),
		AcksHour: c.FormValue("acks_per_hour"), Echoes: c.FormValue("echoes_per_day"),
	}
	var in inbox.Bounds
	for name, into := range map[string]*int{
		"version": &in.Version, "sender_per_hour": &in.SenderPerHour, "recipient_per_hour": &in.RecipientPerHour, "acks_per_hour": &in.AcksPerHour,
		"echoes_per_day": &in.EchoesPerDay,
	} {
		var err error
		if *into, err = number(c, name); err != nil {
			*into = -1 // out of every bound: refused below, by the name of its field
		}
	}
	_, err := s.inbox.SetBounds(c.Request().Context(), web.Actor(c), in)
	return s.answer(c, err, func(fields map[string]string, sentence string) typed {
		form.Errors, form.Refused = fields, sentence
		return typed{bounds: &form}
	})
}

func number(c echo.Context, name string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
	if err != nil {
		return 0, errs.InvalidField(name, "error.not_a_number")
	}
	return n, nil
}

// answer goes back to the page, or shows it with what was refused as it was typed.
func (s *Screen) answer(c echo.Context, err error, refused func(fields map[string]string, sentence string) typed) error {
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/settings/senders")
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	fields, sentence := s.desk.FieldErrors(c, err), ""
	if len(fields) == 0 {
		sentence = s.desk.Sentence(c, err)
	}
	return s.show(c, web.Status(err), refused(fields, sentence))
}

// keys are the domains that the senders have, and those that have a key, each with it.
func (s *Screen) keys(c echo.Context, entities []billing.Entity, refused *keyView) ([]keyView, error) {
	stored, err := s.inbox.DKIMKeys(c.Request().Context())
	if err != nil {
		return nil, err
	}
	var domains []string
	for _, e := range entities {
		domains = append(domains, strings.ToLower(e.SupportAddress[strings.LastIndexByte(e.SupportAddress, '@')+1:]))
	}
	byDomain := map[string]inbox.DKIMKey{}
	for _, k := range stored {
		byDomain[k.Domain], domains = k, append(domains, k.Domain)
	}
	slices.Sort(domains)
	var list []keyView
	for _, domain := range slices.Compact(domains) {
		v := keyView{Domain: domain, Selector: "makegood1", Version: "0"}
		if k, ok := byDomain[domain]; ok {
			v.Selector, v.Version, v.Active = k.Selector, strconv.Itoa(k.Version), k.Active
			v.RecordName, v.RecordText = k.Record()
		}
		if refused != nil && refused.Domain == domain {
			v.Errors, v.Refused, v.PrivateKey = refused.Errors, refused.Refused, refused.PrivateKey
			if refused.Selector != "" {
				v.Selector = refused.Selector
			}
		}
		list = append(list, v)
	}
	return list, nil
}

func (s *Screen) bounds(c echo.Context, refused *boundsView) (boundsView, error) {
	b, err := s.inbox.CurrentBounds(c.Request().Context())
	if err != nil {
		return boundsView{}, err
	}
	v := boundsView{
		Version: strconv.Itoa(b.Version), Sender: strconv.Itoa(b.SenderPerHour), Recipient: strconv.Itoa(b.RecipientPerHour),
		AcksHour: strconv.Itoa(b.AcksPerHour), Echoes: strconv.Itoa(b.EchoesPerDay),
	}
	if refused != nil {
		refused.Version = v.Version
		v = *refused
	}
	return v, nil
}
