// Package cms takes the signed message out of an opaque S/MIME signature (RFC 5652). It checks no signature: it only
// gives the bytes that were signed, so that a person can read them. It is pure, and its depth is bounded, which
// libraries that turn BER into DER first do not promise for hostile input.
package cms

import "bytes"

var (
	signedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	plainData  = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
)

const (
	tagOctets   = 0x04
	tagOID      = 0x06
	tagSequence = 0x30
	tagExplicit = 0xa0
	constructed = 0x20

	maxDepth = 8
)

// Signed gives the content of a signed message, false when b is anything else: encrypted, detached or damaged.
func Signed(b []byte) ([]byte, bool) {
	info, ok := content(b, signedData)
	if !ok {
		return nil, false
	}
	fields, ok := enter(info, tagSequence)
	for ok && len(fields) > 0 { // version and digest algorithms come before the content
		var e element
		if e, fields, ok = next(fields, 0); !ok || e.tag != tagSequence {
			continue
		}
		inner, found := content(e.whole, plainData)
		if !found {
			return nil, false
		}
		out, read := octets(inner, 0)
		return out, read && len(bytes.TrimSpace(out)) > 0
	}
	return nil, false
}

// content opens SEQUENCE { OID, [0] content } if the identifier is the one wanted.
func content(b, oid []byte) ([]byte, bool) {
	fields, ok := enter(b, tagSequence)
	if !ok {
		return nil, false
	}
	id, rest, ok := next(fields, 0)
	if !ok || id.tag != tagOID || !bytes.Equal(id.value, oid) {
		return nil, false
	}
	return enter(rest, tagExplicit)
}

func enter(b []byte, tag byte) ([]byte, bool) {
	e, _, ok := next(b, 0)
	return e.value, ok && e.tag == tag
}

// octets joins an OCTET STRING that may come in pieces.
func octets(b []byte, depth int) ([]byte, bool) {
	e, _, ok := next(b, 0)
	switch {
	case !ok || depth > maxDepth:
		return nil, false
	case e.tag == tagOctets:
		return e.value, true
	case e.tag != tagOctets|constructed:
		return nil, false
	}
	var out []byte
	for rest := e.value; len(rest) > 0; {
		var piece element
		if piece, rest, ok = next(rest, 0); !ok {
			return nil, false
		}
		part, ok := octets(piece.whole, depth+1)
		if !ok {
			return nil, false
		}
		out = append(out, part...)
	}
	return out, true
}

// element is one value with its tag; whole holds tag and length too.
type element struct {
	tag          byte
	value, whole []byte
}

// next reads an element of definite or indefinite length.
func next(b []byte, depth int) (e element, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f || depth > maxDepth {
		return e, nil, false
	}
	head, length := 2, int(b[1])
	switch {
	case length == 0x80:
		return indefinite(b, depth)
	case length > 0x84:
		return e, nil, false
	case length > 0x80:
		n := length - 0x80
		if len(b) < 2+n {
			return e, nil, false
		}
		length, head = 0, 2+n
		for _, c := range b[2:head] {
			length = length<<8 | int(c)
		}
	}
	if length > len(b)-head {
		return e, nil, false
	}
	end := head + length
	return element{b[0], b[head:end], b[:end]}, b[end:], true
}

// indefinite reads an element that ends with two zero bytes.
func indefinite(b []byte, depth int) (e element, rest []byte, ok bool) {
	rest = b[2:]
	for len(rest) >= 2 {
		if rest[0] == 0 && rest[1] == 0 {
			end := len(b) - len(rest)
			return element{b[0], b[2:end], b[:end+2]}, rest[2:], true
		}
		if _, rest, ok = next(rest, depth+1); !ok {
			return e, nil, false
		}
	}
	return e, nil, false
}
