package classify

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// Format is the version of the form models are kept in. Features are part of it: a model of another format counts other
// things.
const Format = 1

const magic = "makegood classify"

// steps is how many values a weight can take on either side of zero.
const steps = 32767

// settle rounds the weights to what is kept of them, so that a model says the same before and after it was kept.
func (m *Model) settle() {
	var most float32
	for _, w := range m.weights {
		most = max(most, w, -w)
	}
	if m.step = most / steps; m.step == 0 {
		m.step = 1
	}
	for i, w := range m.weights {
		m.weights[i] = float32(int16(math.Round(float64(w/m.step)))) * m.step
	}
}

// Encode gives the bytes a model is kept as, and their SHA-256. The same model gives the same bytes.
func (m *Model) Encode() (content []byte, sum [sha256.Size]byte, err error) {
	var body []byte
	body = binary.AppendUvarint(body, uint64(len(m.classes)))
	for _, c := range m.classes {
		body = append(binary.AppendUvarint(body, uint64(len(c))), c...)
	}
	body = binary.LittleEndian.AppendUint64(body, math.Float64bits(m.scale))
	body = binary.LittleEndian.AppendUint32(body, math.Float32bits(m.step))
	body = binary.AppendUvarint(body, uint64(len(m.words.keys)))
	for _, key := range m.words.keys {
		body = binary.LittleEndian.AppendUint64(body, key)
	}
	body = append(body, m.words.block...)
	for _, x := range m.words.idf {
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(x))
	}
	for _, w := range m.weights {
		body = binary.LittleEndian.AppendUint16(body, uint16(int16(math.Round(float64(w/m.step)))))
	}
	out := bytes.NewBufferString(magic)
	out.WriteByte(Format)
	packer, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		return nil, sum, fmt.Errorf("pack model: %w", err)
	}
	if _, err := packer.Write(body); err != nil {
		return nil, sum, fmt.Errorf("pack model: %w", err)
	}
	if err := packer.Close(); err != nil {
		return nil, sum, fmt.Errorf("pack model: %w", err)
	}
	return out.Bytes(), sha256.Sum256(out.Bytes()), nil
}

// maxModel bounds what a kept model may unpack to, in bytes.
const maxModel = 1 << 30

// Decode reads a kept model. It refuses bytes that do not have the hash (ErrDamaged) and another format (ErrUnreadable).
func Decode(content []byte, sum []byte) (*Model, error) {
	if is := sha256.Sum256(content); !bytes.Equal(is[:], sum) {
		return nil, ErrDamaged
	}
	head := len(magic) + 1
	if len(content) < head || string(content[:len(magic)]) != magic || content[len(magic)] != Format {
		return nil, ErrUnreadable
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(content[head:])), maxModel))
	if err != nil {
		return nil, fmt.Errorf("unpack model: %w", err)
	}
	r := reader{rest: body}
	m := &Model{words: &vocabulary{}}
	for range r.length(1) {
		m.classes = append(m.classes, string(r.take(r.length(1))))
	}
	m.scale, m.step = math.Float64frombits(r.uint64()), math.Float32frombits(r.uint32())
	n := r.length(8)
	for range n {
		m.words.keys = append(m.words.keys, r.uint64())
	}
	m.words.block = slices.Clone(r.take(n))
	for range n {
		m.words.idf = append(m.words.idf, math.Float32frombits(r.uint32()))
	}
	cells := (n + 1) * len(m.classes)
	raw := r.take(2 * cells)
	if r.short || len(m.classes) < 2 || len(r.rest) > 0 || slices.Max(append(m.words.block, 0)) >= blocks {
		return nil, ErrUnreadable
	}
	m.weights = make([]float32, cells)
	for i := range m.weights {
		m.weights[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) * m.step
	}
	m.words.index()
	return m, nil
}

// reader takes values off the front of bytes and remembers when there were too few.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.short, r.rest = true, nil
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

// length is a count of things of at least so many bytes each.
func (r *reader) length(each int) int {
	n, used := binary.Uvarint(r.rest)
	if used <= 0 || n > uint64(len(r.rest)/each) {
		r.short, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[used:]
	return int(n)
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}
