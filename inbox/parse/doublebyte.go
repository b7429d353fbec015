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
}

func (p *pairs) count(lead, trail byte) {
	p.all++
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
	case most(p.hangul) && words >= 6:
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
