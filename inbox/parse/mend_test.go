package parse_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"makegood/inbox/parse"
)

// Raw 8-bit texts that name no charset, or the wrong one, are told by what their signs say.
func TestUnlabelledCharsets(t *testing.T) {
	t.Parallel()
	must := func(b []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, c := range map[string]struct{ bytes, want string }{
		"koi8-r":       {must(charmap.KOI8R.NewEncoder().Bytes([]byte("Счёт неверен, проверьте"))), "Счёт неверен, проверьте"},
		"windows-1251": {must(charmap.Windows1251.NewEncoder().Bytes([]byte("Счёт неверен, проверьте"))), "Счёт неверен, проверьте"},
		"iso-8859-5":   {must(charmap.ISO8859_5.NewEncoder().Bytes([]byte("Счёт неверен, проверьте"))), "Счёт неверен, проверьте"},
		"short koi8-r": {must(charmap.KOI8R.NewEncoder().Bytes([]byte("счет"))), "счет"},
		"gb2312":       {must(simplifiedchinese.GBK.NewEncoder().Bytes([]byte("机房环境法规"))), "机房环境法规"},
		"euc-kr":       {must(korean.EUCKR.NewEncoder().Bytes([]byte("세금계산서를 다시 발행해 주시기 바랍니다"))), "세금계산서를 다시 발행해 주시기 바랍니다"},
		"latin":        {must(charmap.Windows1252.NewEncoder().Bytes([]byte("Die Rechnung für März ist falsch – bitte prüfen"))), "Die Rechnung für März ist falsch – bitte prüfen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := parse.Parse([]byte("From: a@k.example\nSubject: "+c.bytes+"\n\n"+c.bytes+"\n"), parse.Options{})
			equal(t, "subject", m.Subject, c.want)
			equal(t, "text", m.Text, c.want)
		})
	}
}

// A name in raw bytes is read in the charset of the subject beside it.
func TestCharsetOfTheNeighbour(t *testing.T) {
	t.Parallel()
	m := parse.Parse([]byte("From: \xce\xe4\xc0\xbc\xb3\xc9 <a@k.example>\nSubject: =?gb2312?B?t6LGsQ==?=\n\nx"), parse.Options{})
	list(t, "from", m.From, parse.Address{Name: "武兰成", Address: "a@k.example"})
	equal(t, "subject", m.Subject, "发票")
}

// The same file has one hash, whether its lines came with CRLF or LF.
func TestOneHashHoweverItCame(t *testing.T) {
	t.Parallel()
	raw := "From: a@k.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/csv; name=a.csv\n\ninvoice\nINV-2041\n" +
		"--b\nContent-Type: application/octet-stream; name=b.bin\nContent-Transfer-Encoding: base64\n\nYQ0KYg==\n--b--\n"
	unix := parse.Parse([]byte(raw), parse.Options{})
	dos := parse.Parse([]byte(strings.ReplaceAll(raw, "\n", "\r\n")), parse.Options{})
	equal(t, "csv", dos.Attachments[0].SHA256, unix.Attachments[0].SHA256)
	equal(t, "binary", string(dos.Attachments[1].Content), "a\r\nb")
}

// Reports are kept as evidence beside the text, marked so that nobody has to open them.
func TestReportsAreKept(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "bounce_dsn.eml")
	i := slices.IndexFunc(m.Attachments, func(a parse.Attachment) bool { return a.ContentType == "message/delivery-status" })
	if i < 0 || !m.Attachments[i].Inline || m.Attachments[i].Filename != "delivery-status.txt" {
		t.Errorf("attachments %+v", m.Attachments)
	}
}

func TestSignedOpaque(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "signed_opaque.eml")
	equal(t, "text", m.Text, "Invoice INV-2041 is signed for.")
	list(t, "invoices", m.Refs.Invoices, "INV-2041")
	list(t, "defects", m.Defects)
	equal(t, "evidence", len(m.Attachments), 1)
	equal(t, "inline", m.Attachments[0].Inline, true)
}

func TestOutlookEnvelope(t *testing.T) {
	t.Parallel()
	m := fromFile(t, "winmail.eml")
	equal(t, "text", m.Text, "Please see the file.")
	names := []string{}
	for _, a := range m.Attachments {
		names = append(names, a.Filename+" "+a.ContentType)
	}
	list(t, "files", names, "winmail.dat application/ms-tnef", "Über.csv text/csv")
	list(t, "invoices", m.Refs.Invoices, "INV-2041")
	list(t, "defects", m.Defects)
}

func TestMendedStructure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, subject, text string }{
		"boundary that does not occur": {"Content-Type: multipart/mixed; boundary=BOUNDARY_\n\npreamble\n--BOUNDARY\nContent-Type: text/plain\n\none\n--BOUNDARY\nContent-Type: text/plain\n\ntwo\n--BOUNDARY--\n", "", "one\ntwo"},
		"indented lookalike":           {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n --b\ntwo\n--b\n\nthree\n--b--\n", "", "one\n --b\ntwo\nthree"},
		"no part at all":               {"Content-Type: multipart/mixed; boundary=b\n\nall of it\n--b--\n", "", "all of it"},
		"blank line in the header":     {"Subject: =?utf-8?q?one?=\n \nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\ntext", "one", "text"},
		"folded with tabs":             {"Subject: one\n\ttwo \n\t three\n\nx", "one two three", "x"},
		"text with a name":             {"Content-Type: text/plain; name=note.txt\n\nread me", "", "read me"},
		"emphasis":                     {"Content-Type: text/html\n\n<p>This is <b>urgent</b>: <b>INV-2041</b></p><p><b>All bold</b></p>", "", "This is **urgent**: **INV-2041**\n\nAll bold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := parse.Parse([]byte(c.raw), parse.Options{})
			equal(t, "subject", m.Subject, c.subject)
			equal(t, "text", m.Text, c.text)
		})
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`"C:\\TEMP\\claim.pdf"`: "claim.pdf", `"C:\TEMP\claim.pdf"`: "claim.pdf", `"../../claim.pdf"`: "claim.pdf", `"two` + "\n " + `lines.pdf"`: "two lines.pdf",
		`"a	b.pdf"`: "a b.pdf",
	} {
		raw := "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf; name=" + value + "\n\nx\n--b--\n"
		m := parse.Parse([]byte(raw), parse.Options{})
		if len(m.Attachments) != 1 || m.Attachments[0].Filename != want {
			t.Errorf("%s: %+v", value, m.Attachments)
		}
	}
	m := parse.Parse([]byte("Content-Type: application-x-gzip; name=d.xml.gz\n\nblah"), parse.Options{})
	equal(t, "half a type", m.Attachments[0].ContentType, "application/octet-stream")
}

// TestAnAddressStandsAsItIsWritten: what encoded words say is a name, never an address beside one that stands there plainly.
func TestAnAddressStandsAsItIsWritten(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]parse.Address{
		"=?utf-8?q?Anna_=3Canna=40aster.example=3E?=@evil.example": {Address: "=?utf-8?q?Anna_=3Canna=40aster.example=3E?=@evil.example"},
		"<=?utf-8?q?anna=40aster.example=3E?=@evil.example>":       {Address: "=?utf-8?q?anna=40aster.example=3E?=@evil.example"},
		"=?utf-8?q?anna=40aster.example?= x@evil.example":          {Name: "anna@aster.example", Address: "x@evil.example"},
		"=?utf-8?q?J=C3=B6rg?= joerg@aster.example":                {Name: "Jörg", Address: "joerg@aster.example"},
		"joerg@aster.example (=?utf-8?q?J=C3=B6rg?=)":              {Name: "Jörg", Address: "joerg@aster.example"},
		"=?utf-8?q?J=C3=B6rg_=3Cjoerg=40aster.example=3E?=":        {Name: "Jörg", Address: "joerg@aster.example"},
		"=?utf-8?q?joerg@aster.example?=":                          {Address: "joerg@aster.example"},
	} {
		m := parse.Parse([]byte("From: "+value+"\n\nx"), parse.Options{})
		if len(m.From) != 1 || m.From[0] != want {
			t.Errorf("%s: %+v", value, m.From)
		}
	}
}

// TestVerdictsAreNotDecoded: what servers found out comes as they wrote it, whatever the sender had them copy.
func TestVerdictsAreNotDecoded(t *testing.T) {
	t.Parallel()
	const field = `mx.us.example; spf=pass smtp.mailfrom="=?us-ascii?q?=3B=20dmarc=3Dpass?="@evil.example`
	m := parse.Parse([]byte("Authentication-Results: "+field+"\nARC-Authentication-Results: i=1; "+field+"\nContent-Type: text/plain; charset=utf-7\n\nx"), parse.Options{})
	equal(t, "authentication results", m.Headers.AuthenticationResults[0], field)
	equal(t, "ARC results", m.Headers.ARCResults[0], "i=1; "+field)
	m = parse.Parse([]byte("Authentication-Results: mx.us.example; x=\xe4+ADs- dmarc+AD0-pass\nContent-Type: text/plain; charset=utf-7\n\nx"), parse.Options{})
	equal(t, "a field with a charset", m.Headers.AuthenticationResults[0], "mx.us.example; x=\uFFFD+ADs- dmarc+AD0-pass")
}
