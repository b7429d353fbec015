package billing

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// What the database says of an entity unless somebody says otherwise.
const (
	usualBrand  = "#0b5a7d"
	usualPolicy = "tax_point"
)

// EntityFacts are what a legal entity is and how it keeps its books. Currency, country and fiscal month stand once something
// is posted; the rest holds for what is made from a change on, and papers that exist keep what they were made with.
type EntityFacts struct {
	Name         string
	BaseCurrency money.Currency // in which the books add up
	Country      string         // ISO 3166-1 alpha-2: whose law its documents follow
	FiscalMonth  int            // 1 to 12: in which the fiscal year begins, by which numbers are given; 0 means January

	TaxID          string
	Address        string // several lines
	Phone          string
	BankDetails    string // several lines: where customers pay
	BrandColor     string // #rrggbb, of papers and pages for customers; "" means the usual one
	TimeZone       string // IANA name, by which a day begins
	Language       string // BCP 47
	EndpointScheme string // of the Electronic Address Scheme list, four digits; "" derives it from the tax number
	EndpointID     string

	WriteOffTaxRelief bool   // the tax of what is written off comes back (EU VAT Directive art. 90)
	MemoPeriodPolicy  string // tax_point or memo_day: in which month a memo is booked; "" means tax_point
}

// Facts are what an entity is.
func (e Entity) Facts() EntityFacts {
	return EntityFacts{
		Name: e.Name, BaseCurrency: e.BaseCurrency, Country: e.Country, FiscalMonth: e.FiscalMonth, TaxID: e.TaxID, Address: e.Address, Phone: e.Phone,
		BankDetails: e.BankDetails, BrandColor: e.BrandColor, TimeZone: e.TimeZone, Language: e.Language, EndpointScheme: e.EndpointScheme,
		EndpointID: e.EndpointID, WriteOffTaxRelief: e.WriteOffTaxRelief, MemoPeriodPolicy: e.MemoPeriodPolicy,
	}
}

// entity is an entity of these facts, without what else it has.
func (f EntityFacts) entity() Entity {
	return Entity{
		Name: f.Name, BaseCurrency: f.BaseCurrency, Country: f.Country, FiscalMonth: f.FiscalMonth, TaxID: f.TaxID, Address: f.Address, Phone: f.Phone,
		BankDetails: f.BankDetails, BrandColor: f.BrandColor, TimeZone: f.TimeZone, Language: f.Language, EndpointScheme: f.EndpointScheme,
		EndpointID: f.EndpointID, WriteOffTaxRelief: f.WriteOffTaxRelief, MemoPeriodPolicy: f.MemoPeriodPolicy,
	}
}

// values are the facts by their names, for the audit trail.
func (f EntityFacts) values() map[string]any {
	return map[string]any{
		"name": f.Name, "base_currency": f.BaseCurrency, "country": f.Country, "fiscal_month": f.FiscalMonth, "tax_id": f.TaxID, "address": f.Address,
		"phone": f.Phone, "bank_details": f.BankDetails, "brand_color": f.BrandColor, "time_zone": f.TimeZone, "language": f.Language,
		"endpoint": strings.TrimPrefix(f.EndpointScheme+":"+f.EndpointID, ":"), "write_off_tax_relief": f.WriteOffTaxRelief, "memo_period_policy": f.MemoPeriodPolicy,
	}
}

var brandColor = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// checked are the facts without what surrounds them, or all that is wrong with them, by field.
func (f EntityFacts) checked() (EntityFacts, []errs.Field) {
	for _, text := range []*string{&f.Name, &f.TaxID, &f.Address, &f.Phone, &f.BankDetails, &f.BrandColor, &f.TimeZone, &f.EndpointScheme, &f.EndpointID} {
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
	}
	if f.FiscalMonth == 0 {
		f.FiscalMonth = int(time.January)
	}
	if f.BrandColor = strings.ToLower(f.BrandColor); f.BrandColor == "" {
		f.BrandColor = usualBrand
	}
	if f.MemoPeriodPolicy == "" {
		f.MemoPeriodPolicy = usualPolicy
	}
	wrong := f.places()
	if currency, err := money.ParseCurrency(string(f.BaseCurrency)); err == nil {
		f.BaseCurrency = currency
	}
	if country, err := countryOf(f.Country); err == nil {
		f.Country = country
	}
	if tongue, err := tongueOf(f.Language); err == nil {
		f.Language = tongue
	}
	return f, append(wrong, f.bounded()...)
}

// places says which of currency, country, language, time zone and month are none.
func (f EntityFacts) places() []errs.Field {
	var wrong []errs.Field
	if _, err := money.ParseCurrency(string(f.BaseCurrency)); err != nil {
		wrong = append(wrong, errs.Field{Name: "base_currency", Key: errs.KeyOf(err), Params: errs.Params{"currency": string(f.BaseCurrency)}})
	}
	if _, err := countryOf(f.Country); err != nil {
		wrong = append(wrong, errs.Field{Name: "country", Key: ErrCountryUnknown.Key, Params: errs.Params{"country": f.Country}})
	}
	if _, err := tongueOf(f.Language); err != nil {
		wrong = append(wrong, errs.Field{Name: "language", Key: "billing.bad_language"})
	}
	if _, err := time.LoadLocation(f.TimeZone); err != nil || f.TimeZone == "" || f.TimeZone == "Local" {
		wrong = append(wrong, errs.Field{Name: "time_zone", Key: "billing.bad_time_zone", Params: errs.Params{"zone": f.TimeZone}})
	}
	if f.FiscalMonth < int(time.January) || f.FiscalMonth > int(time.December) {
		wrong = append(wrong, errs.Field{Name: "fiscal_month", Key: "billing.bad_month"})
	}
	if f.MemoPeriodPolicy != usualPolicy && f.MemoPeriodPolicy != "memo_day" {
		wrong = append(wrong, errs.Field{Name: "memo_period_policy", Key: "billing.bad_memo_policy"})
	}
	return wrong
}

func (f EntityFacts) bounded() []errs.Field {
	var wrong []errs.Field
	if f.Name == "" {
		wrong = append(wrong, errs.Field{Name: "name", Key: "error.required"})
	}
	for _, b := range []struct {
		name, text string
		most       int
		lines      bool
	}{
		{"name", f.Name, maxPartyName, false},
		{"tax_id", f.TaxID, maxPartyNumber, false},
		{"phone", f.Phone, maxPartyNumber, false},
		{"address", f.Address, maxPartyAddress, true},
		{"bank_details", f.BankDetails, maxPartyAddress, true},
	} {
		if len([]rune(b.text)) > b.most || !b.lines && strings.Contains(b.text, "\n") {
			wrong = append(wrong, errs.Field{Name: b.name, Key: "billing.long_particular", Params: errs.Params{"most": strconv.Itoa(b.most)}})
		}
	}
	if !brandColor.MatchString(f.BrandColor) {
		wrong = append(wrong, errs.Field{Name: "brand_color", Key: "billing.bad_color"})
	}
	if badEndpoint(f.EndpointScheme, f.EndpointID) {
		wrong = append(wrong, errs.Field{Name: "endpoint_id", Key: "billing.bad_endpoint"})
	}
	return wrong
}

// badEndpoint tells of an electronic address that is half there, or is none.
func badEndpoint(scheme, id string) bool {
	return (scheme == "") != (id == "") || scheme != "" && !fourDigits(scheme) || len(id) > maxPartyNumber
}

// countryOf reads an ISO 3166-1 alpha-2 code; ErrCountryUnknown where it is none.
func countryOf(text string) (string, error) {
	region, err := language.ParseRegion(strings.TrimSpace(text))
	if err != nil || !region.IsCountry() || len(region.String()) != 2 {
		return "", ErrCountryUnknown
	}
	return region.String(), nil
}

// tongueOf reads a BCP 47 language.
func tongueOf(text string) (string, error) {
	tag, err := language.Parse(strings.TrimSpace(text))
	if err != nil || tag == language.Und {
		return "", errs.New(errs.Invalid, "billing.bad_language")
	}
	return tag.String(), nil
}
