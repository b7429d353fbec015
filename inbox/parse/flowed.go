package parse

import "strings"

// unflow joins the soft-broken lines of format=flowed (RFC 3676); quote depth and the signature line are kept.
func unflow(text string, delSp bool) string {
	var out []string
	var para strings.Builder
	depth, open := 0, false
	flush := func() {
		if open {
			out = append(out, strings.TrimRight(quoteMark(depth)+para.String(), " "))
			para.Reset()
			open = false
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		level := len(line) - len(strings.TrimLeft(line, ">"))
		body := strings.TrimPrefix(line[level:], " ")
		if open && level != depth {
			flush()
		}
		if body == "-- " || body == "--" {
			flush()
			out = append(out, quoteMark(level)+"-- ")
			continue
		}
		depth, open = level, true
		if !strings.HasSuffix(body, " ") {
			para.WriteString(body)
			flush()
			continue
		}
		if delSp {
			body = strings.TrimSuffix(body, " ")
		}
		para.WriteString(body)
	}
	flush()
	return strings.Join(out, "\n")
}

func quoteMark(depth int) string {
	if depth == 0 {
		return ""
	}
	return strings.Repeat(">", depth) + " "
}
