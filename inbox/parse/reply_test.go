package parse_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"makegood/inbox/parse"
)

func replyOf(text string) string {
	head := "From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
	return parse.Parse([]byte(head+text), parse.Options{}).ReplyText
}

func TestReplyText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"english":          {"Fine by us.\n\nOn Tue, 3 Mar 2026 at 10:01, Makegood <d@m.example> wrote:\n> Is this fine?\n", "Fine by us."},
		"over two lines":   {"Fine.\n\nOn Tue, 3 Mar 2026 at 10:01, Makegood Billing Desk\n<d@m.example> wrote:\n> Is it?\n", "Fine."},
		"no marks":         {"Fine.\n\nOn 3 Mar 2026, at 10:01, Makegood <d@m.example> wrote:\n\nIs it?\n", "Fine."},
		"german":           {"Passt.\n\nAm 03.03.2026 um 10:01 schrieb Makegood <d@m.example>:\n> Passt das?\n", "Passt."},
		"french":           {"Merci.\n\nLe mar. 3 mars 2026 à 10:01, Makegood <d@m.example> a écrit :\n> Bonjour\n", "Merci."},
		"spanish":          {"Gracias.\n\nEl mar, 3 mar 2026 a las 10:01, Makegood (<d@m.example>) escribió:\n> Hola\n", "Gracias."},
		"portuguese":       {"Obrigado.\n\nEm ter., 3 de mar. de 2026 às 10:01, Makegood <d@m.example> escreveu:\n> Olá\n", "Obrigado."},
		"japanese":         {"承知しました。\n\n2026年3月3日(火) 10:01 Makegood <d@m.example>:\n> ご確認ください。\n", "承知しました。"},
		"chinese":          {"收到。\n\n在 2026年3月3日 10:01，Makegood <d@m.example> 写道：\n> 您好\n", "收到。"},
		"original message": {"Done.\n\n-----Original Message-----\nFrom: x\n\nold\n", "Done."},
		"german block":     {"Danke.\n\nVon: Makegood <d@m.example>\nGesendet: Dienstag, 3. März 2026\nAn: ap@k.example\nBetreff: Rechnung\n\nalt\n", "Danke."},
		"chinese block":    {"谢谢。\n\n发件人: Makegood <d@m.example>\n发送时间: 2026年3月3日\n收件人: ap\n主题: 发票\n\n旧\n", "谢谢。"},
		"japanese block":   {"了解。\n\n差出人: Makegood\n送信日時: 2026年3月3日\n宛先: ap\n件名: 請求\n\n旧\n", "了解。"},
		"signature":        {"Please correct it.\n\n-- \nAlex Moreau\nAccounts payable\n", "Please correct it."},
		"telephone":        {"Please correct it.\n\nSent from my iPhone\n", "Please correct it."},
		"telefon":          {"Bitte ändern.\n\nVon meinem iPhone gesendet\n", "Bitte ändern."},
		"answers between": {
			"Hi,\n\nOn 3 Mar 2026, Makegood <d@m.example> wrote:\n> Which invoice?\nINV-2041\n> Which line?\nThe second.\n",
			"Hi,\n\nOn 3 Mar 2026, Makegood <d@m.example> wrote:\n> Which invoice?\nINV-2041\n> Which line?\nThe second.",
		},
		"answer below": {
			"On 3 Mar 2026, Makegood <d@m.example> wrote:\n> Which invoice?\n\nINV-2041\n",
			"On 3 Mar 2026, Makegood <d@m.example> wrote:\n> Which invoice?\n\nINV-2041",
		},
		"text after telephone":    {"First.\n\nSent from my iPhone\n\nAnd one more thing.", "First.\n\nSent from my iPhone\n\nAnd one more thing."},
		"sent from a department":  {"Please check.\n\nSent from Accounts payable", "Please check.\n\nSent from Accounts payable"},
		"signature above a quote": {"Fine.\n\n-- \nAlex\n\nOn 3 Mar 2026, Makegood <d@m.example> wrote:\n> Which?", "Fine.\n\n-- \nAlex"},
		"telephone above a quote": {"Fine.\n\nSent from my iPhone\n\nOn 3 Mar 2026, Makegood <d@m.example> wrote:\n> Which?", "Fine."},
		"unmarked, not sure":      {"Dobrze.\n\nW dniu 2026-03-03 Makegood <d@m.example> napisał:\n\nWszystko.", "Dobrze.\n\nW dniu 2026-03-03 Makegood <d@m.example> napisał:\n\nWszystko."},
		"marked by bars":          {"Goed.\n\n2026/3/3 Makegood <d@m.example>\n\n| Is dit goed?\n| Graag antwoord.", "Goed."},
		"reply above this line":   {"It is paid.\n\n##- Please type your reply above this line -##\nMakegood: your case", "It is paid."},
		"history below a rule":    {"It is paid.\n\n---\n*Previous Replies*\n\nearlier text", "It is paid."},
		"forward":                 {"---------- Forwarded message ---------\nFrom: x@y.example\nDate: Tue\nSubject: s\n\nthe text\n", "---------- Forwarded message ---------\nFrom: x@y.example\nDate: Tue\nSubject: s\n\nthe text"},
		"only a quote":            {"> all of it\n", "> all of it"},
		"no false cut":            {"One question I had on line 3:\nwhy 2 of 4?\n\nThe paragraph below wrote itself:\n\nDate: 3 March\nTime: 10:00\nRoom: 2\n\nThanks.", "One question I had on line 3:\nwhy 2 of 4?\n\nThe paragraph below wrote itself:\n\nDate: 3 March\nTime: 10:00\nRoom: 2\n\nThanks."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "reply", replyOf(c.text), c.want)
		})
	}
}

// Own lines above a quotation survive, whatever they say.
func TestReplyKeepsOwnLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z]{1,8}( [a-z0-9]{1,8}){0,6}[.?]`), 1, 6).Draw(t, "own")
		text := strings.Join(own, "\n") + "\n\nOn Tue, 3 Mar 2026 at 10:01, Makegood <d@m.example> wrote:\n> old\n> older\n"
		if got := replyOf(text); got != strings.Join(own, "\n") {
			t.Fatalf("got %q", got)
		}
	})
}
