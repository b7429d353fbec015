package truetype_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"makegood/billing/document/truetype"
)

func parse(t *testing.T, name string) (*truetype.Face, []byte) {
	t.Helper()
	packed, err := os.Open("../fonts/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	face, err := truetype.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return face, data
}

func TestSubsetKeepsItsCharactersAndTheirWidths(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"NotoSans-Regular.ttf":      "Ångström, Łódź – “çà et là” 1,240.00 \u2212 ﬁ\u00a0€",
		"NotoSans-Bold.ttf":         "Credit memo Ω Ж",
		"DroidSansFallbackFull.ttf": "適格返還請求書、贷项通知单（株）한국",
	} {
		face, data := parse(t, name)
		cut := face.Subset([]rune(text))
		small, err := truetype.Parse(cut)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(cut) > len(data)/20 {
			t.Errorf("%s: %d bytes are no subset of %d", name, len(cut), len(data))
		}
		for _, char := range text {
			whole, known := face.Glyph(char)
			part, kept := small.Glyph(char)
			if known != kept || (known && face.Advance(whole) != small.Advance(part)) {
				t.Errorf("%s: %q known %v, kept %v", name, char, known, kept)
			}
		}
		if _, kept := small.Glyph('Q'); kept {
			t.Errorf("%s: holds a character nobody asked for", name)
		}
	}
}

func TestSubsetDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	face, _ := parse(t, "NotoSans-Regular.ttf")
	chars := []rune("Größe Größe für Öl")
	backwards := slices.Clone(chars)
	slices.Reverse(backwards)
	if !bytes.Equal(face.Subset(chars), face.Subset(backwards)) {
		t.Error("bytes differ")
	}
}

func TestFiguresAreTabular(t *testing.T) {
	t.Parallel()
	face, _ := parse(t, "NotoSans-Regular.ttf")
	zero, _ := face.Glyph('0')
	for digit := '1'; digit <= '9'; digit++ {
		if glyph, _ := face.Glyph(digit); face.Advance(glyph) != face.Advance(zero) {
			t.Errorf("%c is not as wide as 0: columns of figures would not align", digit)
		}
	}
}

func TestDamagedFontsAreRefused(t *testing.T) {
	t.Parallel()
	_, data := parse(t, "NotoSans-Regular.ttf")
	for n := 0; n < len(data); n += 1 + n/7 {
		if _, err := truetype.Parse(data[:n]); !errors.Is(err, truetype.ErrFormat) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	otto := append([]byte("OTTO"), data[4:]...)
	if _, err := truetype.Parse(otto); !errors.Is(err, truetype.ErrFormat) {
		t.Errorf("PostScript outlines: %v", err)
	}
}
