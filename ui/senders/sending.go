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

// domainView is a domain that mails of ours come from, with its signing keys and the form for one more.
type domainView struct {
	Domain               string
	Keys                 []keyView // the one that signs first
	Selector, PrivateKey string    // of the form
	Refused              string
	Errors               map[string]string
}

// Signing tells whether mails from the domain leave signed.
func (d domainView) Signing() bool { return len(d.Keys) > 0 && d.Keys[0].Active }

// keyView is a signing key of a domain.
type keyView struct {
	Domain, Selector, Version string
	Active                    bool
	RecordName, RecordText    string
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
	domain *domainView
	bounds *boundsView
}

// SetKey gives a domain one more signing key: POST /settings/senders/keys/:domain. Fields: selector, private_key; without a private key
// a new one is made.
func (s *Screen) SetKey(c echo.Context) error {
	form := domainView{Domain: c.Param("domain"), Selector: c.FormValue("selector"), PrivateKey: c.FormValue("private_key")}
	_, err := s.inbox.SetDKIMKey(c.Request().Context(), inbox.DKIMInput{By: web.Actor(c), Domain: form.Domain, Selector: form.Selector, PrivateKey: form.PrivateKey})
	return s.answer(c, err, func(fields map[string]string, sentence string) typed {
		form.Errors, form.Refused = fields, sentence
		return typed{domain: &form}
	})
}

// SwitchKey has mails of a domain signed with a key, or not any more: POST /settings/senders/keys/:domain/switch. Fields: selector, version,
// active.
func (s *Screen) SwitchKey(c echo.Context) error {
	version, err := number(c, "version")
	if err != nil {
		return err
	}
	_, err = s.inbox.SwitchDKIMKey(c.Request().Context(), inbox.DKIMSwitch{
		By: web.Actor(c), Domain: c.Param("domain"), Selector: c.FormValue("selector"), Active: c.FormValue("active") == "on", Version: version,
	})
	return s.answer(c, err, func(_ map[string]string, sentence string) typed {
		return typed{domain: &domainView{Domain: c.Param("domain"), Refused: sentence}}
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

// domains are those that the senders have, and those that have keys, each with its keys.
func (s *Screen) domains(c echo.Context, entities []billing.Entity, refused *domainView) ([]domainView, error) {
	stored, err := s.inbox.DKIMKeys(c.Request().Context())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entities {
		names = append(names, strings.ToLower(e.SupportAddress[strings.LastIndexByte(e.SupportAddress, '@')+1:]))
	}
	of := map[string][]keyView{}
	for _, k := range stored {
		v := keyView{Domain: k.Domain, Selector: k.Selector, Version: strconv.Itoa(k.Version), Active: k.Active}
		v.RecordName, v.RecordText = k.Record()
		of[k.Domain], names = append(of[k.Domain], v), append(names, k.Domain)
	}
	slices.Sort(names)
	var list []domainView
	for _, name := range slices.Compact(names) {
		v := domainView{Domain: name, Keys: of[name], Selector: nextSelector(of[name])}
		if refused != nil && refused.Domain == name {
			v.Errors, v.Refused, v.PrivateKey = refused.Errors, refused.Refused, refused.PrivateKey
			if refused.Selector != "" {
				v.Selector = refused.Selector
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// nextSelector is a name that no key of a domain has yet.
func nextSelector(keys []keyView) string {
	for n := 1; ; n++ {
		name := "makegood" + strconv.Itoa(n)
		if !slices.ContainsFunc(keys, func(k keyView) bool { return k.Selector == name }) {
			return name
		}
	}
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
