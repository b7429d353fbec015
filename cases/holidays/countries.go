package holidays

import (
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cy"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/ee"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/hu"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/ke"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mt"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/mx"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/rs"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/th"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// country is one that the public holidays are known of; region one of its parts, whose list is whole: it holds those of the country too.
type country struct {
	code, name string
	national   []*cal.Holiday
	regions    []region
}

type region struct {
	code, name string
	list       []*cal.Holiday
}

func countries() []country {
	return []country{
		{"AR", "Argentina", ar.Holidays, nil},
		{"AU", "Australia", nil, australia()},
		{"AT", "Austria", at.Holidays, nil},
		{"BE", "Belgium", be.Holidays, nil},
		{"BR", "Brazil", br.Holidays, nil},
		{"BG", "Bulgaria", bg.Holidays, nil},
		{"CA", "Canada", ca.Holidays, nil},
		{"HR", "Croatia", hr.Holidays, nil},
		{"CY", "Cyprus", cy.Holidays, nil},
		{"CZ", "Czechia", cz.Holidays, nil},
		{"DK", "Denmark", dk.Holidays, nil},
		{"EE", "Estonia", ee.Holidays, nil},
		{"EU", "European Central Bank (TARGET)", ecb.Holidays, nil},
		{"FI", "Finland", fi.Holidays, nil},
		{"FR", "France", fr.Holidays, nil},
		{"DE", "Germany", de.Holidays, germany()},
		{"GR", "Greece", gr.Holidays, nil},
		{"HU", "Hungary", hu.Holidays, nil},
		{"IE", "Ireland", ie.Holidays, nil},
		{"IT", "Italy", it.Holidays, nil},
		{"JP", "Japan", jp.Holidays, nil},
		{"KE", "Kenya", ke.Holidays, nil},
		{"LV", "Latvia", lv.Holidays, nil},
		{"LT", "Lithuania", lt.Holidays, nil},
		{"LU", "Luxembourg", lu.Holidays, nil},
		{"MW", "Malawi", mw.Holidays, nil},
		{"MT", "Malta", mt.Holidays, nil},
		{"MX", "Mexico", mx.Holidays, nil},
		{"NL", "Netherlands", nl.Holidays, nil},
		{"NC", "New Caledonia", nc.Holidays, nil},
		{"NZ", "New Zealand", nz.Holidays, nil},
		{"NO", "Norway", no.Holidays, nil},
		{"PL", "Poland", pl.Holidays, nil},
		{"PT", "Portugal", pt.Holidays, nil},
		{"RO", "Romania", ro.Holidays, nil},
		{"RU", "Russia", ru.Holidays, nil},
		{"RS", "Serbia", rs.Holidays, nil},
		{"SK", "Slovakia", sk.Holidays, nil},
		{"SI", "Slovenia", si.Holidays, nil},
		{"ZA", "South Africa", za.Holidays, nil},
		{"ES", "Spain", es.Holidays, nil},
		{"SE", "Sweden", se.Holidays, nil},
		{"CH", "Switzerland", ch.Holidays, switzerland()},
		{"TH", "Thailand", th.Holidays, nil},
		{"UA", "Ukraine", ua.Holidays, nil},
		{"GB", "United Kingdom", gb.Holidays, nil},
		{"US", "United States", us.Holidays, nil},
	}
}

func germany() []region {
	return []region{
		{"BW", "Baden-Württemberg", de.HolidaysBW},
		{"BY", "Bavaria", de.HolidaysBY},
		{"BE", "Berlin", de.HolidaysBE},
		{"BB", "Brandenburg", de.HolidaysBB},
		{"HB", "Bremen", de.HolidaysHB},
		{"HH", "Hamburg", de.HolidaysHH},
		{"HE", "Hesse", de.HolidaysHE},
		{"NI", "Lower Saxony", de.HolidaysNI},
		{"MV", "Mecklenburg-Vorpommern", de.HolidaysMV},
		{"NW", "North Rhine-Westphalia", de.HolidaysNW},
		{"RP", "Rhineland-Palatinate", de.HolidaysRP},
		{"SL", "Saarland", de.HolidaysSL},
		{"SN", "Saxony", de.HolidaysSN},
		{"ST", "Saxony-Anhalt", de.HolidaysST},
		{"SH", "Schleswig-Holstein", de.HolidaysSH},
		{"TH", "Thuringia", de.HolidaysTH},
	}
}

func switzerland() []region {
	return []region{
		{"AG", "Aargau", ch.HolidaysAG},
		{"AR", "Appenzell Ausserrhoden", ch.HolidaysAR},
		{"AI", "Appenzell Innerrhoden", ch.HolidaysAI},
		{"BL", "Basel-Landschaft", ch.HolidaysBL},
		{"BS", "Basel-Stadt", ch.HolidaysBS},
		{"BE", "Bern", ch.HolidaysBE},
		{"FR", "Fribourg", ch.HolidaysFR},
		{"GE", "Geneva", ch.HolidaysGE},
		{"GL", "Glarus", ch.HolidaysGL},
		{"GR", "Grisons", ch.HolidaysGR},
		{"JU", "Jura", ch.HolidaysJU},
		{"LU", "Lucerne", ch.HolidaysLU},
		{"NE", "Neuchâtel", ch.HolidaysNE},
		{"NW", "Nidwalden", ch.HolidaysNW},
		{"OW", "Obwalden", ch.HolidaysOW},
		{"SH", "Schaffhausen", ch.HolidaysSH},
		{"SZ", "Schwyz", ch.HolidaysSZ},
		{"SO", "Solothurn", ch.HolidaysSO},
		{"SG", "St. Gallen", ch.HolidaysSG},
		{"TG", "Thurgau", ch.HolidaysTG},
		{"TI", "Ticino", ch.HolidaysTI},
		{"UR", "Uri", ch.HolidaysUR},
		{"VS", "Valais", ch.HolidaysVS},
		{"VD", "Vaud", ch.HolidaysVD},
		{"ZG", "Zug", ch.HolidaysZG},
		{"ZH", "Zurich", ch.HolidaysZH},
	}
}

func australia() []region {
	return []region{
		{"ACT", "Australian Capital Territory", au.HolidaysACT},
		{"NSW", "New South Wales", au.HolidaysNSW},
		{"NT", "Northern Territory", au.HolidaysNT},
		{"QLD", "Queensland", au.HolidaysQLD},
		{"SA", "South Australia", au.HolidaysSA},
		{"TAS", "Tasmania", au.HolidaysTAS},
		{"VIC", "Victoria", au.HolidaysVIC},
		{"WA", "Western Australia", au.HolidaysWA},
	}
}
