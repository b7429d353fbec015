package document

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Mark is a text as it was placed: page from 1, millimetres from the top left, Y its baseline.
type Mark struct {
	Page    int
	X, Y, W float64
	Text    string
}

// Where the body ends, the lines below it begin, and the lines above it stand.
const (
	BodyBottom  = bodyBottom
	PageNumber  = footerTop - 3
	RunningHead = runningHead
	SenderLine  = windowTop
	TextLeft    = left
	TextRight   = right
)

// Placed is every text of a document where it stands.
func (r *Renderer) Placed(p paper) ([]Mark, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	loaded, err := loadFaces()
	if err != nil {
		return nil, err
	}
	c := &canvas{faces: loaded}
	p.content().lay(c)
	var marks []Mark
	for i, page := range c.pages {
		for _, m := range page {
			if m.text != "" {
				marks = append(marks, Mark{i + 1, m.x, m.y, loaded.width(m.text, m.style), m.text})
			}
		}
	}
	return marks, nil
}

// AgeGroup is the place in the aging of an item due on a day, as of another.
func AgeGroup(due, today time.Time) int { return ageGroup(daysPast(due, today)) }

// Untold lists the words a language's catalogue lacks.
func Untold(language Language, country string) []string {
	words, _ := catalogueOf(language, country)
	mayBeEmpty := []string{".honorific", ".undatedMemo", ".accountReversal", ".sentenceGap", ".currencyAfter"}
	var missing []string
	var look func(name string, v reflect.Value)
	look = func(name string, v reflect.Value) {
		switch {
		case slices.Contains(mayBeEmpty, name):
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				look(name+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case v.Kind() == reflect.Array:
			for i := range v.Len() {
				look(name+strconv.Itoa(i), v.Index(i))
			}
		case v.Kind() == reflect.Map:
			for _, key := range v.MapKeys() {
				look(name+"."+key.String(), v.MapIndex(key))
			}
			missing = append(missing, fmt.Sprintf("%s: %d", name, v.Len()))
		case v.String() == "":
			missing = append(missing, name)
		}
	}
	look("", reflect.ValueOf(words))
	return missing
}
