package postoffice

import (
	"fmt"
	"strings"
	"time"
)

// trace is what a mail server writes above a message it takes in: where it came from and for whom it was.
func (o *Office) trace(letter envelope, addresses []string, now time.Time) []byte {
	var head strings.Builder
	fmt.Fprintf(&head, "Return-Path: <%s>\r\n", oneLine(letter.from))
	for _, address := range addresses {
		fmt.Fprintf(&head, "Delivered-To: %s\r\n", oneLine(address))
	}
	for _, address := range addresses {
		fmt.Fprintf(&head, "X-Original-To: %s\r\n", oneLine(address))
	}
	head.WriteString("Received: ")
	if letter.greeting != "" {
		fmt.Fprintf(&head, "from %s (%s)\r\n\t", oneLine(letter.greeting), oneLine(letter.remote))
	}
	fmt.Fprintf(&head, "by %s with ESMTP", o.config.Hostname)
	if len(addresses) == 1 {
		fmt.Fprintf(&head, "\r\n\tfor <%s>", oneLine(addresses[0]))
	}
	fmt.Fprintf(&head, ";\r\n\t%s\r\n", now.Format(time.RFC1123Z))
	return []byte(head.String())
}

// oneLine keeps what others wrote from becoming a header line of its own.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '<' || r == '>' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
