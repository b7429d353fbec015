package ubl

import (
	"regexp"
	"slices"
	"strings"
)

const germany = "DE"

// union are the prefixes of VAT numbers of the Union, Greece by its own, and of Northern Ireland.
var union = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
	"NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
}

// bareNumber takes blanks out and makes letters capital, as numbers are exchanged.
func bareNumber(printed string) string {
	return strings.ToUpper(strings.Join(strings.Fields(printed), ""))
}

// vatIDOf tells a VAT number with its country prefix, which EN 16931 wants (BR-CO-09), from a number of another kind: its
// prefix is its holder's country or one of the Union's.
func vatIDOf(bare, country string) bool {
	if !vatIDForm.MatchString(bare) {
		return false
	}
	prefix := bare[:2]
	return prefix == country || slices.Contains(union, prefix)
}

// taxScheme names the register of a tax number without country prefix.
func taxScheme(country string) string {
	switch country {
	case germany:
		return "FC" // fiscal code: the Steuernummer
	case "SG", "AU", "NZ", "IN", "CA":
		return "GST"
	}
	return "TAX"
}

// registers are the schemes of the EAS list that take a VAT number of the country.
var registers = map[string]string{
	"AD": "9922", "AL": "9923", "AT": "9914", "BA": "9924", "BE": "9925", "BG": "9926", "CH": "9927", "CY": "9928", "CZ": "9929",
	"DE": "9930", "EE": "9931", "EL": "9933", "ES": "9920", "FR": "9957", "GB": "9932", "HR": "9934", "HU": "9910", "IE": "9935",
	"IT": "0211", "LI": "9936", "LT": "9937", "LU": "9938", "LV": "9939", "MC": "9940", "ME": "9941", "MK": "9942", "MT": "9943",
	"NL": "9944", "PL": "9945", "PT": "9946", "RO": "9947", "RS": "9948", "SI": "9949", "SK": "9950", "SM": "9951", "TR": "9952", "VA": "9953",
}

var (
	singaporeUEN   = regexp.MustCompile(`^([0-9]{8,9}[A-Z]|[RST][0-9]{2}[A-Z]{2}[0-9]{4}[A-Z])$`)
	japaneseIssuer = regexp.MustCompile(`^T[0-9]{13}$`)
)

// endpointOf derives where a party receives electronic documents from its tax number; nothing where no scheme takes it.
func endpointOf(p Party, country string) Identifier {
	if p.VATID != "" {
		if scheme := registers[p.VATID[:2]]; scheme != "" {
			return Identifier{scheme, p.VATID}
		}
		return Identifier{}
	}
	switch number := bareNumber(p.TaxNumber.Value); {
	case country == "SG" && singaporeUEN.MatchString(number):
		return Identifier{"0195", "SGUEN" + number}
	case country == "JP" && japaneseIssuer.MatchString(number):
		return Identifier{"0221", number}
	}
	return Identifier{}
}
