package ubl

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

var (
	codeAndCity = regexp.MustCompile(`^(?:[A-Z]{1,2}-)?([0-9]{4} [A-Z]{2}|[0-9]{4,6}(?:-[0-9]{3,4})?)[ ,]+(.+)$`)
	cityAndCode = regexp.MustCompile(`^(.+?)[ ,]+([0-9]{4,6}(?:-[0-9]{3,4})?|[A-Z]{1,2}[0-9][0-9A-Z]?(?: [0-9][A-Z]{2})?|[A-Z][0-9]{2} [0-9A-Z]{4})$`)
	codeAlone   = regexp.MustCompile(`^〒?([0-9]{3}-[0-9]{4}|[0-9]{4,6})$`)
)

// ReadAddress takes the printed lines of an address apart: the country's name is left out, the line with the postal code
// gives code and city, the others the street. Where no line has a code the last of several is the city.
func ReadAddress(lines []string, country string) Address {
	a := Address{Country: country}
	lines = withoutCountry(lines, country)
	var street []string
	for i, line := range lines {
		switch {
		case a.PostalCode != "" || len(lines) == 1:
			street = append(street, line)
		case codeAlone.MatchString(line):
			a.PostalCode = codeAlone.FindStringSubmatch(line)[1]
		case i > 0 && codeAndCity.MatchString(line):
			found := codeAndCity.FindStringSubmatch(line)
			a.PostalCode, a.City = found[1], found[2]
		case i > 0 && cityAndCode.MatchString(line):
			found := cityAndCode.FindStringSubmatch(line)
			a.City, a.PostalCode = found[1], found[2]
		default:
			street = append(street, line)
		}
	}
	if a.City == "" && len(street) > 1 && a.PostalCode == "" {
		a.City, street = street[len(street)-1], street[:len(street)-1]
	}
	for i, place := range []*string{&a.Street, &a.More} {
		if i < len(street) {
			*place = street[i]
		}
	}
	if len(street) > 2 {
		a.Further = strings.Join(street[2:], ", ")
	}
	return a
}

// withoutCountry drops empty lines and the country's name in any language that documents are made in.
func withoutCountry(lines []string, country string) []string {
	var names []string
	if region, err := language.ParseRegion(country); err == nil {
		for _, tag := range []language.Tag{language.English, language.German, language.French, language.Portuguese, language.Chinese, language.Japanese} {
			names = append(names, display.Regions(tag).Name(region))
		}
	}
	var out []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, line) }) {
			continue
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		return lines // Singapore in Singapore
	}
	return out
}
