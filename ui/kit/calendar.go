package kit

import (
	"strconv"
	"time"
)

// calendar is how a language writes days. Short forms follow the Unicode CLDR's abbreviated names.
type calendar struct {
	weekdays [7]string
	months   [12]string
	full     [12]string
	today    string
	comma    string
	eastern  bool // 2026年11月12日
	dotted   bool // 12. Nov. 2026
}

func calendarOf(lang string) calendar {
	switch base(lang) {
	case "de":
		return calendar{
			weekdays: [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
			months:   [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
			full:     [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
			today:    "Heute", comma: ", ", dotted: true,
		}
	case "pt":
		return calendar{
			weekdays: [7]string{"dom.", "seg.", "ter.", "qua.", "qui.", "sex.", "sáb."},
			months:   [12]string{"jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."},
			full: [12]string{
				"janeiro de", "fevereiro de", "março de", "abril de", "maio de", "junho de",
				"julho de", "agosto de", "setembro de", "outubro de", "novembro de", "dezembro de",
			},
			today: "Hoje", comma: ", ",
		}
	case "zh":
		return calendar{
			weekdays: [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"},
			today:    "今天", comma: " ", eastern: true,
		}
	case "ja":
		return calendar{
			weekdays: [7]string{"(日)", "(月)", "(火)", "(水)", "(木)", "(金)", "(土)"},
			today:    "今日", comma: " ", eastern: true,
		}
	default:
		return calendar{
			weekdays: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
			months:   [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
			full: [12]string{
				"January", "February", "March", "April", "May", "June",
				"July", "August", "September", "October", "November", "December",
			},
			today: "Today", comma: ", ",
		}
	}
}

func (c calendar) dayMonth(t time.Time, year bool) string {
	day := strconv.Itoa(t.Day())
	if c.eastern {
		text := strconv.Itoa(int(t.Month())) + "月" + day + "日"
		if year {
			text = strconv.Itoa(t.Year()) + "年" + text
		}
		return text
	}
	if c.dotted {
		day += "."
	}
	text := day + nbsp + c.months[t.Month()-1]
	if year {
		text += nbsp + strconv.Itoa(t.Year())
	}
	return text
}

func (c calendar) month(t time.Time) string {
	if c.eastern {
		return t.Format("2006年1月")
	}
	return c.full[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

func (c calendar) shortMonth(t time.Time, year string) string {
	if c.eastern {
		return t.Format(year + "年1月")
	}
	return c.months[t.Month()-1] + " " + t.Format(year)
}

func (c calendar) withWeekday(t time.Time, day string) string {
	if c.eastern {
		return day + c.weekdays[t.Weekday()]
	}
	return c.weekdays[t.Weekday()] + " " + day
}
