// Package mbox splits the classic mailbox file, in which many messages follow one another, each after a line that
// begins with "From " (RFC 4155; the "mboxrd" way of quoting such lines inside a message).
package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// separator is the line before a message, with who sent it and when: From a@example.com Thu Nov 12 11:06:00 2026. Programs that do not
// quote such lines leave other lines that begin with "From " in messages.
var separator = regexp.MustCompile(`^From .*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.* \d{1,2}:\d{2}(?::\d{2})?\s(?:.*\s)?\d{4}\b`)

// Is tells whether a file is an mbox rather than a single message.
func Is(file []byte) bool { return bytes.HasPrefix(file, []byte("From ")) }

// Split gives the messages of an mbox file in order, without their separator lines and with the quoting undone.
func Split(file []byte) [][]byte {
	var messages [][]byte
	_ = Each(bytes.NewReader(file), func(message []byte) error { // memory does not fail to be read
		messages = append(messages, message)
		return nil
	})
	return messages
}

// Each gives the messages of an mbox file one after the other, holding no more than one in memory. It ends with the first
// error of the reader or of do. Where the first separator has no date, none is asked of the others.
func Each(r io.Reader, do func(message []byte) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var current []byte
	open, blank, dated := false, true, false
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read mbox: %w", err)
		}
		if blank && bytes.HasPrefix(line, []byte("From ")) && (!dated || separator.Match(line)) {
			if !open {
				dated = separator.Match(line)
			} else {
				if err := do(dropLastBlank(current)); err != nil {
					return err
				}
			}
			current, open, blank = nil, true, false
		} else if len(line) > 0 {
			blank = len(bytes.TrimRight(line, "\r\n")) == 0
			current = append(current, unquote(line)...)
		}
		if err != nil { // the end
			break
		}
	}
	if !open {
		return nil
	}
	return do(dropLastBlank(current))
}

func unquote(line []byte) []byte {
	if trimmed := bytes.TrimLeft(line, ">"); len(trimmed) < len(line) && bytes.HasPrefix(trimmed, []byte("From ")) {
		return line[1:]
	}
	return line
}

// dropLastBlank takes off the empty line that separates a message from the next.
func dropLastBlank(message []byte) []byte {
	if bytes.HasSuffix(message, []byte("\r\n\r\n")) {
		return message[:len(message)-2]
	}
	if bytes.HasSuffix(message, []byte("\n\n")) {
		return message[:len(message)-1]
	}
	return message
}
