package ubl

import "strings"

// unitOne is "one" in UN/ECE recommendation 20: the unit of what is not counted in any other.
const unitOne = "C62"

// unitCodes are the units of the trade as people write them. Codes of the recommendation that look like another unit, such
// as GB for a gallon, are never taken as they stand.
var unitCodes = map[string]string{
	"byte": "AD", "kb": "2P", "mb": "4L", "gb": "E34", "tb": "E35", "pb": "E36", "gib": "E34", "tib": "E35",
	"s": "SEC", "sec": "SEC", "second": "SEC", "sekunde": "SEC", "秒": "SEC",
	"min": "MIN", "minute": "MIN", "分": "MIN",
	"h": "HUR", "hr": "HUR", "hour": "HUR", "std": "HUR", "stunde": "HUR", "hora": "HUR", "小时": "HUR", "時間": "HUR",
	"d": "DAY", "day": "DAY", "tag": "DAY", "dia": "DAY", "天": "DAY", "日": "DAY",
	"week": "WEE", "woche": "WEE", "semana": "WEE", "周": "WEE", "週": "WEE",
	"month": "MON", "monat": "MON", "mês": "MON", "mes": "MON", "meses": "MON", "月": "MON", "ヶ月": "MON", "か月": "MON", "个月": "MON",
	"year": "ANN", "jahr": "ANN", "ano": "ANN", "年": "ANN",
	"kwh": "KWH", "mwh": "MWH", "kg": "KGM", "g": "GRM", "t": "TNE", "m": "MTR", "km": "KMT", "m2": "MTK", "m²": "MTK", "m3": "MTQ", "m³": "MTQ", "l": "LTR",
	"piece": "H87", "pc": "H87", "pcs": "H87", "st": "H87", "stk": "H87", "stück": "H87", "copy": "H87", "个": "H87", "個": "H87", "本": "H87", "台": "H87",
}

// unitCode finds the code of a printed unit: the caller's own, a known word, its singular, else "one".
func unitCode(printed string, own map[string]string) string {
	if code := own[printed]; code != "" {
		return code
	}
	word := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(printed)), ".")
	for _, plural := range []string{"", "s", "n", "en", "e"} {
		if code := unitCodes[strings.TrimSuffix(word, plural)]; code != "" {
			return code
		}
	}
	return unitOne
}
