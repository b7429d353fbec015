package document

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/go-pdf/fpdf"
)

// Renderer makes documents. It never changes, and serves any number of callers at once. The fonts are read at the first document.
type Renderer struct{}

// New makes a Renderer.
func New() *Renderer { return &Renderer{} }

// CreditMemoPDF writes one credit memo.
func CreditMemoPDF(w io.Writer, m CreditMemo) error {
	data, err := New().CreditMemo(m)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write credit memo %s: %w", m.Number, err)
	}
	return nil
}

// CreditMemo makes the PDF of a credit memo. The same memo always gives the same bytes, so that a stored
// hash stays provable; its dates inside the file are the memo's own. It refuses what Validate refuses.
func (r *Renderer) CreditMemo(m CreditMemo) ([]byte, error) { return r.make(m, "credit memo") }

// DebitMemo makes the PDF of a debit memo, as CreditMemo does.
func (r *Renderer) DebitMemo(m DebitMemo) ([]byte, error) { return r.make(m, "debit memo") }

// Invoice makes the PDF of an invoice or rebill, as CreditMemo does.
func (r *Renderer) Invoice(v Invoice) ([]byte, error) { return r.make(v, "invoice") }

// Reversal makes the PDF of the document that takes a credit memo back, as CreditMemo does.
func (r *Renderer) Reversal(v Reversal) ([]byte, error) { return r.make(v, "reversal") }

// RefundAdvice makes the PDF of a refund advice, as CreditMemo does.
func (r *Renderer) RefundAdvice(a RefundAdvice) ([]byte, error) { return r.make(a, "refund advice") }

// Statement makes the PDF of a statement of account, as CreditMemo does. Its dates inside the file are Date's.
func (r *Renderer) Statement(s Statement) ([]byte, error) { return r.make(s, "statement") }

// paper is data that makes a document.
type paper interface {
	Validate() error
	content() content
}

// content is a document that has been found to be right, ready to be placed.
type content interface {
	about() letter
	lay(c *canvas)
}

func (l letter) about() letter { return l }

// make turns data into a PDF; kind names it in errors.
func (r *Renderer) make(p paper, kind string) ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	loaded, err := loadFaces()
	if err != nil {
		return nil, fmt.Errorf("document renderer: %w", err)
	}
	c := p.content()
	placed := &canvas{faces: loaded}
	c.lay(placed)
	of := c.about()
	data, err := write(placed, info{title: of.title + " " + of.number, author: of.entity.Name, language: string(of.language), day: of.day})
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, of.number, err)
	}
	return data, nil
}

// info is what a PDF says about itself.
type info struct {
	title, author, language string
	day                     time.Time
}

// write turns the canvas into a PDF with only the glyphs it uses.
func write(sheet *canvas, about info) ([]byte, error) {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	day := time.Date(about.day.Year(), about.day.Month(), about.day.Day(), 0, 0, 0, 0, time.UTC)
	pdf.SetCreationDate(day)
	pdf.SetModificationDate(day)
	pdf.SetTitle(about.title, true)
	pdf.SetAuthor(about.author, true)
	pdf.SetCreator("Makegood", true)
	pdf.SetProducer("Makegood", true)
	pdf.SetLang(about.language)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	for face, family := range familyNames() {
		if used := sheet.used(face); len(used) > 0 {
			pdf.AddUTF8FontFromBytes(family, "", sheet.faces[face].Subset(used))
		}
	}
	for _, page := range sheet.pages {
		pdf.AddPage()
		for _, m := range page {
			draw(pdf, m)
		}
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write pdf: %w", err)
	}
	return out.Bytes(), nil
}

func familyNames() [faceCount]string {
	return [faceCount]string{"notosans", "notosansbold", "droidfallback"}
}

// Text rendering modes of PDF.
const (
	fillText       = 0
	fillStrokeText = 2
)

func draw(pdf *fpdf.Fpdf, m mark) {
	c := m.style.color
	if m.text == "" {
		pdf.SetFillColor(int(c.r), int(c.g), int(c.b))
		pdf.Rect(m.x, m.y, m.w, m.h, "F")
		return
	}
	pdf.SetTextColor(int(c.r), int(c.g), int(c.b))
	pdf.SetFont(familyNames()[m.face], "", m.style.size)
	if m.style.bold && m.face == faceWide {
		pdf.SetDrawColor(int(c.r), int(c.g), int(c.b))
		pdf.SetLineWidth(m.style.size * mmPerPoint * 0.03)
		pdf.SetTextRenderingMode(fillStrokeText)
		pdf.Text(m.x, m.y, m.text)
		pdf.SetTextRenderingMode(fillText)
		return
	}
	pdf.Text(m.x, m.y, m.text)
}
