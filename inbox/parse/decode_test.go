package parse_test

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"makegood/inbox/parse"
)

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each charset is read by its label, and where its bytes say what they are also without or against one.
func TestCharsets(t *testing.T) {
	t.Parallel()
	const (
		ja = "いつもお世話になっております。請求書の金額をご確認ください。"
		zh = "您好，请核对这张发票的金额，谢谢。"
		tw = "您好，請核對這張發票的金額，謝謝您的協助。"
		ko = "안녕하세요 청구서 금액을 확인해 주시기 바랍니다"
		ru = "Здравствуйте, проверьте, пожалуйста, сумму счета и пришлите исправленный документ."
		de = "Grüße aus Köln, die Übersicht fehlt."
	)
	for _, c := range []struct {
		name  string
		enc   encoding.Encoding
		label string
		text  string
	}{
		{"iso-2022-jp", japanese.ISO2022JP, "iso-2022-jp", ja},
		{"iso-2022-jp as ascii", japanese.ISO2022JP, "us-ascii", ja},
		{"shift_jis", japanese.ShiftJIS, "shift_jis", ja},
		{"shift_jis unlabelled", japanese.ShiftJIS, "", ja},
		{"shift_jis as iso-2022-jp", japanese.ShiftJIS, "iso-2022-jp", ja},
		{"euc-jp", japanese.EUCJP, "euc-jp", ja},
		{"euc-jp unlabelled", japanese.EUCJP, "", ja},
		{"gb18030", simplifiedchinese.GB18030, "gb18030", zh},
		{"gb2312 label", simplifiedchinese.GBK, "gb2312", zh},
		{"gbk as latin1", simplifiedchinese.GBK, "iso-8859-1", zh},
		{"hz", simplifiedchinese.HZGB2312, "hz-gb-2312", zh},
		{"big5", traditionalchinese.Big5, "big5", tw},
		{"big5 unlabelled", traditionalchinese.Big5, "", tw},
		{"euc-kr", korean.EUCKR, "ks_c_5601-1987", ko},
		{"euc-kr unlabelled", korean.EUCKR, "", ko},
		{"koi8-r", charmap.KOI8R, "koi8-r", ru},
		{"windows-1251", charmap.Windows1251, "windows-1251", ru},
		{"windows-1251 unlabelled", charmap.Windows1251, "", ru},
		{"windows-1252", charmap.Windows1252, "cp1252", de},
		{"latin1 unlabelled", charmap.ISO8859_1, "", de},
		{"latin1 as utf-8", charmap.ISO8859_1, "utf-8", de},
		{"utf-8 as latin1", encoding.Nop, "iso-8859-1", de},
		{"utf-8, unknown label", encoding.Nop, "x-nonsense", ja},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			label := ""
			if c.label != "" {
				label = "; charset=" + c.label
			}
			raw := "Subject: x\nContent-Type: text/plain" + label + "\n\n" + encoded(t, c.enc, c.text)
			equal(t, "text", parse.Parse([]byte(raw), parse.Options{}).Text, c.text)
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"=?utf-8?B?R3LDvMOfZQ==?=":                          "Grüße",
		"=?utf-8?B?R3LDvMOfZQ?=":                            "Grüße",
		"=?UTF-8?Q?Gr=C3=BC?= =?UTF-8?Q?=C3=9Fe?=":          "Grüße",
		"=?UTF-8?Q?Gr=C3?= =?UTF-8?Q?=BC=C3=9Fe?=":          "Grüße",
		"=?utf-8?q?two words?= rest":                        "two words rest",
		"=?iso-8859-1*de?Q?Gr=FC=DFe?=":                     "Grüße",
		"Gr\xfc\xdfe aus K\xf6ln":                           "Grüße aus Köln",
		"Grüße":                                             "Grüße",
		"=?broken":                                          "=?broken",
		"=?x-no-such?Q?plain?=":                             "plain",
		"folded\n over lines":                               "folded over lines",
		"=?utf-8?Q?a?=\n =?utf-8?Q?b?=":                     "ab",
		"\"=?utf-8?Q?in_quotes=C3=A9?=\"":                   "\"in quotesé\"",
		"=?iso-2022-jp?B?GyRCQEE1YT1xGyhC?=":                "請求書",
		"=?gb2312?B?t6LGsQ==?= INV-1 =?gb2312?B?t6LGsQ==?=": "发票 INV-1 发票",
	} {
		m := parse.Parse([]byte("Subject: "+raw+"\nContent-Type: text/plain; charset=iso-8859-1\n\nx"), parse.Options{})
		equal(t, raw, m.Subject, want)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]parse.Address{
		"a@B.Example":                                 {Address: "a@b.example"},
		"Ann Lee <Ann@B.Example>":                     {Name: "Ann Lee", Address: "Ann@b.example"},
		`"Lee, Ann" <ann@b.example>`:                  {Name: "Lee, Ann", Address: "ann@b.example"},
		"Lee, Ann <ann@b.example>":                    {Name: "Lee, Ann", Address: "ann@b.example"},
		"ann@b.example (Ann Lee)":                     {Name: "Ann Lee", Address: "ann@b.example"},
		"<ann@b.example":                              {Address: "ann@b.example"},
		"=?utf-8?Q?Lee=2C_=C3=84nn?= <ann@b.example>": {Name: "Lee, Änn", Address: "ann@b.example"},
		"=?utf-8?Q?=C3=84nn_=3Cann=40b.example=3E?=":  {Name: "Änn", Address: "ann@b.example"},
		`"=?utf-8?Q?=C3=84nn?=" <ann@b.example>`:      {Name: "Änn", Address: "ann@b.example"},
		"ann@b.example <ann@b.example>":               {Name: "ann@b.example", Address: "ann@b.example"},
		"mailto:ann@b.example":                        {Address: "ann@b.example"},
		"Team: ann@b.example;":                        {Address: "ann@b.example"},
		"Ann Lee ann@b.example":                       {Name: "Ann Lee", Address: "ann@b.example"},
		"Ann (at home) <ann@b.example>":               {Name: "Ann", Address: "ann@b.example"},
		"\"Ann \\\"A\\\" Lee\" <ann@b.example>":       {Name: "Ann \"A\" Lee", Address: "ann@b.example"},
		"undisclosed-recipients":                      {Name: "undisclosed-recipients"},
	} {
		m := parse.Parse([]byte("From: "+raw+"\n\nx"), parse.Options{})
		list(t, raw, m.From, want)
	}
	m := parse.Parse([]byte("To: a@b.example, C <c@d.example>;\n e@f.example\nTo: g@h.example\n\nx"), parse.Options{})
	equal(t, "recipients", len(m.To), 4)
	m = parse.Parse([]byte("To: undisclosed-recipients:;\n\nx"), parse.Options{})
	equal(t, "nobody", len(m.To), 0)
}

func TestDates(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"Tue, 3 Mar 2026 09:12:44 +0100":        "2026-03-03T09:12:44+01:00",
		"3 Mar 2026 09:12 GMT":                  "2026-03-03T09:12:00Z",
		"Tue, 03 Mar 2026 09:12:44 +0100 (MEZ)": "2026-03-03T09:12:44+01:00",
		"Tue Mar  3 09:12:44 2026":              "2026-03-03T09:12:44Z",
		"yesterday":                             "",
		"":                                      "",
		"Tue, 3 Mar 0026 09:12:44 +0100":        "",
	} {
		equal(t, raw, parse.Parse([]byte("Date: "+raw+"\n\nx"), parse.Options{}).Date, want)
	}
}
