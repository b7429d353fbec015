package parse

import "bytes"

// Options bound the work Parse does and say what references look like. A zero field takes its default.
type Options struct {
	MaxBytes       int       // of the raw message that are read; default 40 MiB
	MaxHeaderBytes int       // of one header section; default 256 KiB
	MaxParts       int       // leaves and containers together; default 500
	MaxDepth       int       // of nested containers and messages; default 20
	MaxDecoded     int       // bytes of all decoded parts together; default 80 MiB
	MaxAttachments int       // default 200
	MaxTextBytes   int       // of text and of html each; default 2 MiB
	Patterns       *Patterns // default DefaultPatterns
}

const (
	kib = 1 << 10
	mib = 1 << 20
)

func (o Options) withDefaults() Options {
	def := func(v *int, to int) {
		if *v <= 0 {
			*v = to
		}
	}
	def(&o.MaxBytes, 40*mib)
	def(&o.MaxHeaderBytes, 256*kib)
	def(&o.MaxParts, 500)
	def(&o.MaxDepth, 20)
	def(&o.MaxDecoded, 80*mib)
	def(&o.MaxAttachments, 200)
	def(&o.MaxTextBytes, 2*mib)
	if o.Patterns == nil {
		o.Patterns = DefaultPatterns()
	}
	return o
}

// budget is what one Parse may still spend; nested messages share it with the outer one.
type budget struct {
	opt     Options
	parts   int
	decoded int
	defects defects
}

func newBudget(opt Options, d defects) *budget {
	return &budget{opt: opt, parts: opt.MaxParts, decoded: opt.MaxDecoded, defects: d}
}

// takePart says whether one more part may be looked at.
func (b *budget) takePart() bool {
	if b.parts <= 0 {
		b.defects.add("too_many_parts")
		return false
	}
	b.parts--
	return true
}

// takeBytes cuts content to what may still be decoded.
func (b *budget) takeBytes(content []byte) []byte {
	if len(content) > b.decoded {
		b.defects.add("decoded_size_exceeded")
		content = content[:b.decoded]
	}
	b.decoded -= len(content)
	return content
}

// limitDelimiters cuts body before the delimiter line that would open one part too many: the MIME library has no
// bounds of its own.
func (b *budget) limitDelimiters(boundary string, body []byte) []byte {
	delimiter := []byte("--" + boundary)
	seen := 0
	for start := 0; start < len(body); {
		end := len(body)
		if i := bytes.IndexByte(body[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		if bytes.HasPrefix(body[start:end], delimiter) {
			if seen++; seen > b.parts+1 {
				b.defects.add("too_many_parts")
				return body[:start]
			}
		}
		start = end
	}
	return body
}
