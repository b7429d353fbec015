// Package mbox splits the classic mailbox file, in which many messages follow one another, each after a line that
// begins with "From " (RFC 4155; the "mboxrd" way of quoting such lines inside a message).
package mbox

import "bytes"

// Is tells whether a file is an mbox rather than a single message.
func Is(file []byte) bool { return bytes.HasPrefix(file, []byte("From ")) }

// Split gives the messages of an mbox file in order, without their separator lines and with the quoting undone.
func Split(file []byte) [][]byte {
	var messages [][]byte
	var current []byte
	open, blank := false, true
	for len(file) > 0 {
		end := bytes.IndexByte(file, '\n') + 1
		if end == 0 {
			end = len(file)
		}
		line := file[:end]
		file = file[end:]
		if blank && bytes.HasPrefix(line, []byte("From ")) {
			if open {
				messages = append(messages, dropLastBlank(current))
			}
			current, open, blank = nil, true, false
			continue
		}
		blank = len(bytes.TrimRight(line, "\r\n")) == 0
		current = append(current, unquote(line)...)
	}
	if open {
		messages = append(messages, dropLastBlank(current))
	}
	return messages
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
