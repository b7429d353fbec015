// Package kit is the set of pieces every screen is built from: clock chips, money, chains, messages, forms.
// A component takes a view struct of plain values and renders it; it asks nobody anything. There are no
// style attributes and no inline scripts, so a strict Content-Security-Policy holds: percentages are the
// classes p0 to p100 and behaviour hangs on data attributes that our modules read.
package kit

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"makegood/internal/errs"
	"makegood/internal/i18n"
)

// Locale is what a reader's language and clock decide about every component on a page.
type Locale struct {
	Lang string         // BCP 47, such as "de" or "zh"
	Zone *time.Location // the reader's, nil for UTC
	Now  time.Time      // the moment of rendering, for "today"
	// Say gives the sentence for a message key; nil, or an answer that is empty or the key itself, means
	// the kit's own English.
	Say func(key string, params ...string) string
	// Said is marked text for what is written into a page in a form of its own, such as JSON; without one it is English.
	Said func(text string) string
}

type contextKey int

const (
	localeKey contextKey = iota
	csrfKey
)

// WithLocale makes every component rendered under ctx speak to this reader.
func WithLocale(ctx context.Context, locale Locale) context.Context {
	return context.WithValue(ctx, localeKey, locale)
}

// LocaleOf is the reader's locale; without one it is English in UTC.
func LocaleOf(ctx context.Context) Locale {
	locale, _ := ctx.Value(localeKey).(Locale)
	if locale.Lang == "" {
		locale.Lang = "en"
	}
	if locale.Zone == nil {
		locale.Zone = time.UTC
	}
	if locale.Said == nil {
		locale.Said = i18n.English
	}
	return locale
}

// WithCSRF makes CSRF() and layout.Page carry this token.
func WithCSRF(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, csrfKey, token)
}

// CSRFToken is the token set with WithCSRF, "" without one.
func CSRFToken(ctx context.Context) string {
	token, _ := ctx.Value(csrfKey).(string)
	return token
}

// Word says a kit or layout key in the reader's language; params are names and values in turn.
func Word(ctx context.Context, key string, params ...string) string {
	return LocaleOf(ctx).Word(key, params...)
}

// Word says a key in this locale.
func (l Locale) Word(key string, params ...string) string {
	if l.Say != nil {
		if text := l.Say(key, params...); text != "" && text != key {
			return text
		}
	}
	text := english(key)
	for i := 0; i+1 < len(params); i += 2 {
		text = strings.ReplaceAll(text, "{"+params[i]+"}", params[i+1])
	}
	return text
}

// Pct is the class that carries a percentage, p0 to p100.
func Pct(n int) string { return "p" + strconv.Itoa(min(max(n, 0), 100)) }

// Initials are at most two letters for an avatar: first and last name's, or the first two of a single
// name; of a Chinese or Japanese name the first character stands alone.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' && r != '-'
	})
	if len(words) == 0 {
		return ""
	}
	first := []rune(words[0])
	if unicode.In(first[0], unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
		return string(first[0])
	}
	if len(words) == 1 {
		return strings.ToUpper(string(first[:min(2, len(first))]))
	}
	last := []rune(words[len(words)-1])
	return strings.ToUpper(string(first[0]) + string(last[0]))
}

// AvatarClass is one of a to g, always the same one for a name, so people keep their colour.
func AvatarClass(name string) string {
	sum := uint32(2166136261)
	for _, b := range []byte(name) {
		sum = (sum ^ uint32(b)) * 16777619
	}
	sum ^= sum >> 22 // the low bits alone hardly differ between short names
	return string("abcdefg"[sum%7])
}

// FieldErrors gives the sentence for each wrong field of an invalid-input error, by field name.
func FieldErrors(err error, say func(key string, params ...string) string) map[string]string {
	var invalid *errs.Error
	if !errors.As(err, &invalid) {
		return nil
	}
	sentences := make(map[string]string, len(invalid.Fields))
	for _, field := range invalid.Fields {
		pairs := make([]string, 0, 2*len(field.Params))
		for name, value := range field.Params {
			pairs = append(pairs, name, value)
		}
		sentences[field.Name] = say(field.Key, pairs...)
	}
	return sentences
}
