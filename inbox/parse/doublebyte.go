package parse

// doubleByte recognises the East Asian charsets by the shape of their byte pairs, which works on a subject of a
// few characters where statistics do not. It gives "" unless the shape is unmistakable.
func doubleByte(b []byte) string {
	if name := shiftJIS(b); name != "" {
		return name
	}
	var p pairs
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		if i+1 >= len(b) || b[i] < 0xa1 || b[i] > 0xfe || b[i+1] < 0x40 {
			p.broken++
			continue
		}
		p.count(b[i], b[i+1])
		i++
	}
	return p.verdict()
}

// pairs counts double-byte characters by the zones of the charsets in which they are common.
type pairs struct {
	all, broken            int
	kana, hangul, gb, big5 int
	punctuation, lowTrail  int
	korean, chinese        int // of the commonest signs of each
}

// commonest signs of Korean and of Chinese text: both charsets fill the same zones.
const (
	commonKorean  = "\xc0\xcc\xb4\xd9\xb4\xc2\xc0\xbb\xb8\xa6\xc0\xc7\xbf\xa1\xb0\xa1\xc7\xcf\xb0\xed\xbb\xe7\xc1\xf6\xbc\xad\xb1\xe2\xb7\xce\xb4\xcf\xc7\xd5\xbd\xc0\xbf\xe4\xc7\xd1\xc0\xba\xbd\xc3\xb5\xb5\xc0\xda\xbb\xf3\xbc\xbc\xb0\xe8\xb1\xdd\xb9\xae\xc8\xb8\xc0\xd4\xb1\xb8\xbf\xf8"
	commonChinese = "\xb5\xc4\xc1\xcb\xca\xc7\xce\xd2\xb2\xbb\xc4\xfa\xc7\xeb\xd3\xd0\xd4\xda\xc8\xcb\xb4\xf3\xd6\xd0\xb9\xab\xcb\xbe\xb7\xa8\xb7\xa2\xc6\xb1\xbb\xe1\xbb\xfa\xb7\xbd\xb9\xdc\xc0\xed\xb2\xfa\xc6\xb7\xba\xcd\xce\xaa\xc9\xcf\xbe\xb3\xb7\xbf\xb8\xf6\xb1\xbe\xb3\xf6\xba\xc3"
)

// common says whether a pair is one of the signs of a list.
func common(list string, lead, trail byte) bool {
	for i := 0; i < len(list); i += 2 {
		if list[i] == lead && list[i+1] == trail {
			return true
		}
	}
	return false
}

func (p *pairs) count(lead, trail byte) {
	p.all++
	if common(commonKorean, lead, trail) {
		p.korean++
	}
	if common(commonChinese, lead, trail) {
		p.chinese++
	}
	if trail < 0xa1 {
		p.lowTrail++ // only Big5 and GBK have such second bytes
	}
	switch {
	case lead == 0xa4 || lead == 0xa5:
		p.kana++
	case lead >= 0xa1 && lead <= 0xa3:
		p.punctuation++
	}
	if lead >= 0xb0 && lead <= 0xc8 && trail >= 0xa1 {
		p.hangul++
	}
	if lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1 {
		p.gb++
	}
	if lead >= 0xa4 && lead <= 0xc6 {
		p.big5++
	}
}

func (p *pairs) verdict() string {
	words := p.all - p.punctuation
	if p.all < 4 || words < 3 || p.broken*20 > p.all {
		return ""
	}
	most := func(n int) bool { return n*100 >= words*95 }
	switch {
	case p.lowTrail*5 > p.all && p.big5*100 >= words*90:
		return "big5"
	case p.lowTrail > 0 && p.lowTrail*10 > p.all:
		return ""
	case p.kana*5 >= words && p.kana > 1:
		return "euc-jp"
	case most(p.hangul) && words >= 6 && p.korean >= p.chinese && (p.korean > 0 || words > 20):
		return "euc-kr"
	case most(p.gb):
		return "gb18030"
	}
	return ""
}

// shiftJIS looks for kana and common kanji with leads that no other charset uses for letters.
func shiftJIS(b []byte) string {
	all, kana, broken := 0, 0, 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c < 0x80 || c >= 0xa1 && c <= 0xdf {
			continue
		}
		if c < 0x81 || c > 0xfc || c == 0xa0 || i+1 >= len(b) || b[i+1] < 0x40 || b[i+1] == 0x7f || b[i+1] > 0xfc {
			broken++
			continue
		}
		all++
		if c >= 0x81 && c <= 0x83 {
			kana++
		}
		i++
	}
	if all >= 3 && broken == 0 && kana*3 >= all {
		return "shift_jis"
	}
	return ""
}
