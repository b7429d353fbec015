package demo

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/money"
)

// market is where a number of customers of one language come from.
type market struct {
	code, language, country, region string
	count                           int
	ending                          string // of the company's name
}

// markets add up to 200 customers: 118 of the German company, 82 of the one in Singapore.
func markets() []market {
	return []market{
		{codeDE, "de", "DE", "EMEA", 50, " GmbH"},
		{codeDE, "de", "AT", "EMEA", 10, " GmbH"},
		{codeDE, "en", "IE", "EMEA", 12, " Ltd"},
		{codeDE, "en", "GB", "EMEA", 12, " Ltd"},
		{codeDE, "en", "US", "AMER", 8, " Inc."},
		{codeDE, "pt", "PT", "EMEA", 17, ", Lda."},
		{codeSG, "en", "SG", "APAC", 20, " Pte. Ltd."},
		{codeSG, "en", "AU", "APAC", 9, " Pty Ltd"},
		{codeSG, "zh", "SG", "APAC", 12, "（新加坡）有限公司"},
		{codeSG, "zh", "CN", "APAC", 12, "有限公司"},
		{codeSG, "ja", "JP", "APAC", 20, ""},
	}
}

// endCustomers is how many customers buy through each of the two partners.
const endCustomers = 8

// settle makes the customers and their people.
func (f *filler) settle(ctx context.Context) error {
	var list []billing.SeedCustomer
	used := map[string]int{} // names of a language already taken
	for _, m := range markets() {
		names := companyNames(m.language, used[m.language]+m.count)[used[m.language]:]
		used[m.language] += m.count
		for _, name := range names {
			list = append(list, f.customer(m, name, len(list)))
		}
	}
	for _, p := range []market{
		{codeDE, "de", "DE", "EMEA", 1, " GmbH"},
		{codeSG, "en", "SG", "APAC", 1, " Pte. Ltd."},
	} {
		list = append(list, f.family(p, len(list))...)
	}
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		made, err := f.Billing.SeedCustomersTx(ctx, tx, list)
		if err != nil {
			return err
		}
		for _, c := range made {
			code := codeDE
			if c.EntityID == f.entities[codeSG].ID {
				code = codeSG
			}
			f.customers = append(f.customers, &customer{SeedCustomer: c, code: code})
		}
		return nil
	})
}

// family is a channel partner with those who buy from it.
func (f *filler) family(m market, place int) []billing.SeedCustomer {
	partner := map[string]written{
		codeDE: {"Rheinkontor Systemhaus", "rheinkontor-systemhaus"}, codeSG: {"Merlion Reach Solutions", "merlion-reach"},
	}[m.code]
	top := f.customer(m, partner, place)
	top.Kind, top.Tier, top.TermsDays = billing.Partner, billing.Platinum, 45
	list := []billing.SeedCustomer{top}
	heads := map[string][]string{
		codeDE: {"Abendroth Druck", "Blaubeuren Textil", "Custodis Möbel", "Düsterbrook Feinkost", "Ernsting Glas", "Fichtelhaus Uhren", "Gallwitz Keramik", "Hirschgraben Bau"},
		codeSG: {"Angsana Dental", "Bukit Fresh Produce", "Changfu Marine Supply", "Durian Lane Studios", "Emerald Hill Clinics", "Frangipani Homes", "Gardenia Print", "Heliconia Labs"},
	}[m.code]
	for i := range endCustomers {
		c := f.customer(m, written{heads[i], latin(heads[i])}, place+1+i)
		c.Kind, c.Parent, c.Tier = billing.EndCustomer, place+1, billing.Silver
		list = append(list, c)
	}
	return list
}

// customer makes a customer at a place in the list: one in ten platinum, three in ten gold.
func (f *filler) customer(m market, name written, place int) billing.SeedCustomer {
	tier := []billing.Tier{
		billing.Silver, billing.Gold, billing.Silver, billing.Platinum, billing.Silver, billing.Gold, billing.Silver, billing.Silver, billing.Gold, billing.Silver,
	}[place%10]
	currency := legalEntityCurrency(m.code)
	domain := name.latin + ".example"
	c := billing.SeedCustomer{Customer: billing.Customer{
		Account: fmt.Sprintf("NW-%05d", 10_000+place*37+f.rng.IntN(30)), Name: name.name + ending(m, name.name, place), Kind: billing.Direct, Tier: tier,
		Region: m.region, Country: m.country, Language: m.language, EntityID: f.entities[m.code].ID, Currency: currency,
		TermsDays: []int{30, 30, 14, 30, 45}[f.rng.IntN(5)], TaxID: f.taxID(m.country), Address: f.address(m), EmailDomains: []string{domain},
	}}
	c.EndpointScheme, c.EndpointID = "0060", "9100"+c.Account[len(c.Account)-5:]
	c.Contacts = f.people(m.language, domain, 1+f.rng.IntN(3))
	return c
}

func ending(m market, name string, place int) string {
	if m.language == "de" {
		return []string{" GmbH", " AG", " GmbH & Co. KG", " SE"}[place%4]
	}
	if strings.HasSuffix(name, "会社") || strings.HasPrefix(name, "株式") {
		return ""
	}
	return m.ending
}

func legalEntityCurrency(code string) money.Currency {
	for _, e := range legalEntities() {
		if e.Code == code {
			return e.BaseCurrency
		}
	}
	return billing.AuthorityCurrency
}

// taxID looks like one of the country, with a part no real one has.
func (f *filler) taxID(country string) string {
	n := f.rng.IntN(1_000_000)
	switch country {
	case "DE":
		return fmt.Sprintf("DE000%06d", n)
	case "AT":
		return fmt.Sprintf("ATU00%06d", n)
	case "IE":
		return fmt.Sprintf("IE0%06dX", n)
	case "GB":
		return fmt.Sprintf("GB000%06d", n)
	case "PT":
		return fmt.Sprintf("PT000%06d", n)
	case "SG":
		return fmt.Sprintf("0000%05dX", n%100_000)
	}
	return ""
}

func (f *filler) address(m market) string {
	language := m.language
	if m.country == "SG" {
		language = "en"
	}
	streets := map[string][]string{
		"de": {"Am Mühlenteich", "Lerchenweg", "Hafenstraße", "Gewerbepark Nord", "Alter Postweg"},
		"pt": {"Rua das Oliveiras", "Avenida do Moinho", "Travessa da Fonte"},
		"zh": {"望江路", "学院街", "临港大道"},
		"ja": {"港町", "緑ヶ丘", "本通り"},
		"en": {"Mill Lane", "Harbour Road", "Orchard Close", "Station Parade", "Quayside"},
	}[language]
	street := streets[f.rng.IntN(len(streets))]
	number := 1 + f.rng.IntN(120)
	towns := cities(m.country)
	town := towns[f.rng.IntN(len(towns))]
	switch {
	case m.language == "en", m.country == "SG":
		return fmt.Sprintf("%d %s\n%s", number, street, town)
	case m.language == "zh", m.language == "ja":
		return fmt.Sprintf("%s%s%d", town, street, number)
	}
	return fmt.Sprintf("%s %d\n%s", street, number, town)
}

func cities(country string) []string {
	return map[string][]string{
		"DE": {"30159 Hannover", "90403 Nürnberg", "04109 Leipzig", "24103 Kiel", "66111 Saarbrücken", "79098 Freiburg", "44135 Dortmund"},
		"AT": {"8010 Graz", "4020 Linz", "5020 Salzburg"},
		"IE": {"Cork", "Galway", "Limerick"},
		"GB": {"Leeds LS1", "Bristol BS1", "Norwich NR1", "Dundee DD1"},
		"US": {"Columbus, OH", "Boise, ID", "Madison, WI"},
		"PT": {"3810 Aveiro", "4000 Porto", "8000 Faro", "3000 Coimbra"},
		"SG": {"Singapore"},
		"AU": {"Hobart TAS", "Geelong VIC", "Cairns QLD"},
		"CN": {"宁波市", "厦门市", "成都市"},
		"JP": {"神戸市", "仙台市", "金沢市"},
	}[country]
}

// people makes the contacts of a customer, each with an address of their own.
func (f *filler) people(language, domain string, count int) []billing.Contact {
	titles := []string{"Accounts payable", "Head of finance", "IT procurement"}
	firsts, lasts := firstNames(language), lastNames(language)
	from, step := f.rng.IntN(len(firsts)), f.rng.IntN(len(lasts))
	list := make([]billing.Contact, count)
	for i := range list {
		first, last := firsts[(from+i)%len(firsts)], lasts[(step+i*3)%len(lasts)]
		name := first.name + " " + last.name
		switch language {
		case "zh":
			name = last.name + first.name
		case "ja":
			name = last.name + " " + first.name
		}
		list[i] = billing.Contact{Name: name, Email: first.latin + "." + last.latin + "@" + domain, Title: titles[i], Language: language}
	}
	return list
}
