package parse_test

import (
	"testing"
)

// Attribution lines as mail programs write them, before a marked quotation.
func TestAttributions(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"gmail en":          "On Tue, Mar 3, 2026 at 10:01 AM Makegood Billing <d@m.example> wrote:",
		"apple en":          "On 3 Mar 2026, at 10:01, Makegood <d@m.example> wrote:",
		"thunderbird en":    "On 03/03/2026 10:01, Makegood wrote:",
		"thunderbird plain": "Makegood <d@m.example> wrote:",
		"outlook mac en":    "On 3/3/26, 10:01 AM, \"Makegood\" <d@m.example> wrote:",
		"gmail de":          "Am Di., 3. März 2026 um 10:01 Uhr schrieb Makegood <d@m.example>:",
		"apple de":          "Am 03.03.2026 um 10:01 schrieb Makegood <d@m.example>:",
		"web de":            "Gesendet: Dienstag, 03. März 2026 um 10:01 Uhr\nVon: Makegood <d@m.example>\nAn: ap@k.example\nBetreff: Rechnung",
		"gmail fr":          "Le mar. 3 mars 2026 à 10:01, Makegood <d@m.example> a écrit :",
		"apple fr":          "Le 3 mars 2026 à 10:01, Makegood <d@m.example> a écrit :",
		"gmail es":          "El mar, 3 mar 2026 a las 10:01, Makegood (<d@m.example>) escribió:",
		"apple es":          "El 3 mar 2026, a las 10:01, Makegood <d@m.example> escribió:",
		"gmail pt":          "Em ter., 3 de mar. de 2026 às 10:01, Makegood <d@m.example> escreveu:",
		"apple pt":          "No dia 03/03/2026, às 10:01, Makegood <d@m.example> escreveu:",
		"gmail ja":          "2026年3月3日(火) 10:01 Makegood <d@m.example>:",
		"apple ja":          "2026/03/03 10:01、Makegood <d@m.example>のメール:",
		"thunderbird ja":    "On 2026/03/03 10:01, Makegood wrote:",
		"polite ja":         "2026年3月3日 10:01 Makegoodさんは書きました:",
		"gmail zh":          "Makegood <d@m.example> 于2026年3月3日周二 10:01写道：",
		"apple zh":          "> 在 2026年3月3日，10:01，Makegood <d@m.example> 写道：",
		"qq zh":             "------------------ 原始邮件 ------------------\n发件人: \"Makegood\" <d@m.example>;\n发送时间: 2026年3月3日(星期二) 上午10:01\n收件人: \"ap\"<ap@k.example>;\n主题: 发票",
		"tw":                "Makegood <d@m.example> 於 2026年3月3日 週二 上午10:01寫道：",
		"163":               "在 2026-03-03 10:01:00，\"Makegood\" <d@m.example> 写道：",
		"gmail nl":          "Op di 3 mrt 2026 om 10:01 schreef Makegood <d@m.example>:",
		"apple nl":          "Op 3 mrt. 2026, om 10:01 heeft Makegood <d@m.example> het volgende geschreven:",
		"gmail it":          "Il giorno mar 3 mar 2026 alle ore 10:01 Makegood <d@m.example> ha scritto:",
		"gmail pl":          "wt., 3 mar 2026 o 10:01 Makegood <d@m.example> napisał(a):",
		"thunderbird pl":    "W dniu 03.03.2026 o 10:01, Makegood pisze:",
		"gmail sv":          "Den tis 3 mars 2026 kl 10:01 skrev Makegood <d@m.example>:",
		"gmail da":          "Den tirs. 3. mar. 2026 kl. 10.01 skrev Makegood <d@m.example>:",
		"gmail no":          "tir. 3. mars 2026 kl. 10:01 skrev Makegood <d@m.example>:",
		"gmail fi":          "ti 3. maalisk. 2026 klo 10.01 Makegood (d@m.example) kirjoitti:",
		"gmail cs":          "út 3. 3. 2026 v 10:01 odesílatel Makegood <d@m.example> napsal:",
		"gmail sk":          "ut 3. 3. 2026 o 10:01 Makegood <d@m.example> napísal(a):",
		"gmail hu":          "Makegood <d@m.example> ezt írta (időpont: 2026. márc. 3., K, 10:01):",
		"gmail ru":          "вт, 3 мар. 2026 г. в 10:01, Makegood <d@m.example>:",
		"mail.ru":           "Вторник, 3 марта 2026, 10:01 +03:00 от Makegood <d@m.example>:",
		"yandex":            "03.03.2026, 10:01, \"Makegood\" <d@m.example>:",
		"thunderbird ru":    "03.03.2026 10:01, Makegood пишет:",
		"gmail tr":          "Makegood <d@m.example>, 3 Mar 2026 Sal, 10:01 tarihinde şunu yazdı:",
		"gmail ko":          "2026년 3월 3일 (화) 오전 10:01, Makegood <d@m.example>님이 작성:",
		"gmail he":          "\u202bבתאריך יום ג׳, 3 במרץ 2026 ב-10:01 מאת \u202aMakegood\u202c\u200f <\u202ad@m.example\u202c\u200f>:\u202c",
		"gmail el":          "Στις Τρί 3 Μαρ 2026 στις 10:01 π.μ., ο χρήστης Makegood <d@m.example> έγραψε:",
		"gmail ro":          "mar., 3 mar. 2026 la 10:01, Makegood <d@m.example> a scris:",
		"gmail uk":          "вт, 3 бер. 2026 р. о 10:01 Makegood <d@m.example> пише:",
		"gmail vi":          "Vào Th 3, 3 thg 3, 2026 vào lúc 10:01 Makegood <d@m.example> đã viết:",
		"gmail id":          "Pada tanggal Sel, 3 Mar 2026 pukul 10.01 Makegood <d@m.example> menulis:",
		"old gmail":         "2026-03-03 10:01 GMT+01:00 Makegood <d@m.example>:",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "reply", replyOf("That is right.\n\n"+line+"\n\n> The older mail.\n> It had two lines.\n"), "That is right.")
		})
	}
}

// Copied header fields as Outlook and others write them above a mail without marks.
func TestCopiedHeaders(t *testing.T) {
	t.Parallel()
	for name, block := range map[string]string{
		"en":       "From: Makegood <d@m.example>\nSent: Tuesday, March 3, 2026 10:01 AM\nTo: ap@k.example\nSubject: Invoice",
		"en bold":  "*From:* Makegood <d@m.example>\n*Sent:* Tuesday, March 3, 2026 10:01 AM\n*To:* ap@k.example\n*Subject:* Invoice",
		"en html":  "**From:** Makegood <d@m.example>\n**Date:** Tuesday, March 3, 2026 at 10:01\n**To:** ap@k.example\n**Subject:** Invoice",
		"en rule":  "________________________________\nFrom: Makegood <d@m.example>\nSent: Tuesday, March 3, 2026 10:01 AM\nTo: ap@k.example\nSubject: Invoice",
		"de":       "Von: Makegood <d@m.example>\nGesendet: Dienstag, 3. März 2026 10:01\nAn: ap@k.example\nBetreff: Rechnung",
		"de apple": "Von: Makegood <d@m.example>\nDatum: 3. März 2026 um 10:01\nAn: ap@k.example\nBetreff: Rechnung",
		"fr":       "De : Makegood <d@m.example>\nEnvoyé : mardi 3 mars 2026 10:01\nÀ : ap@k.example\nObjet : Facture",
		"es":       "De: Makegood <d@m.example>\nEnviado: martes, 3 de marzo de 2026 10:01\nPara: ap@k.example\nAsunto: Factura",
		"es el":    "De: Makegood <d@m.example>\nEnviado el: martes, 3 de marzo de 2026 10:01\nPara: ap@k.example\nAsunto: Factura",
		"pt":       "De: Makegood <d@m.example>\nEnviado: terça-feira, 3 de março de 2026 10:01\nPara: ap@k.example\nAssunto: Fatura",
		"pt em":    "De: Makegood <d@m.example>\nEnviada em: terça-feira, 3 de março de 2026 10:01\nPara: ap@k.example\nAssunto: Fatura",
		"ja":       "差出人: Makegood <d@m.example>\n送信日時: 2026年3月3日 10:01\n宛先: ap@k.example\n件名: 請求書",
		"zh":       "发件人: Makegood <d@m.example>\n发送时间: 2026年3月3日 10:01\n收件人: ap@k.example\n主题: 发票",
		"zh wide":  "发件人： Makegood <d@m.example>\n日期： 2026年3月3日\n收件人： ap@k.example\n主题： 发票",
		"tw":       "寄件者: Makegood <d@m.example>\n寄件日期: 2026年3月3日 10:01\n收件者: ap@k.example\n主旨: 發票",
		"it":       "Da: Makegood <d@m.example>\nInviato: martedì 3 marzo 2026 10:01\nA: ap@k.example\nOggetto: Fattura",
		"nl":       "Van: Makegood <d@m.example>\nVerzonden: dinsdag 3 maart 2026 10:01\nAan: ap@k.example\nOnderwerp: Factuur",
		"sv":       "Från: Makegood <d@m.example>\nSkickat: den 3 mars 2026 10:01\nTill: ap@k.example\nÄmne: Faktura",
		"da":       "Fra: Makegood <d@m.example>\nSendt: 3. marts 2026 10:01\nTil: ap@k.example\nEmne: Faktura",
		"pl":       "Od: Makegood <d@m.example>\nWysłano: wtorek, 3 marca 2026 10:01\nDo: ap@k.example\nTemat: Faktura",
		"ru":       "От: Makegood <d@m.example>\nОтправлено: 3 марта 2026 г. 10:01\nКому: ap@k.example\nТема: Счёт",
		"tr":       "Kimden: Makegood <d@m.example>\nGönderildi: 3 Mart 2026 10:01\nKime: ap@k.example\nKonu: Fatura",
		"ko":       "보낸 사람: Makegood <d@m.example>\n보낸 날짜: 2026년 3월 3일\n받는 사람: ap@k.example\n제목: 송장",
		"fi":       "Lähettäjä: Makegood <d@m.example>\nLähetetty: 3. maaliskuuta 2026 10:01\nVastaanottaja: ap@k.example\nAihe: Lasku",
		"cs":       "Od: Makegood <d@m.example>\nOdesláno: 3. března 2026 10:01\nKomu: ap@k.example\nPředmět: Faktura",
		"hu":       "Feladó: Makegood <d@m.example>\nElküldve: 2026. március 3. 10:01\nCímzett: ap@k.example\nTárgy: Számla",
		"el":       "Από: Makegood <d@m.example>\nΣτάλθηκε: Τρίτη, 3 Μαρτίου 2026\nΠρος: ap@k.example\nΘέμα: Τιμολόγιο",
		"he":       "מאת: Makegood <d@m.example>\nנשלח: יום שלישי 3 מרץ 2026\nאל: ap@k.example\nנושא: חשבונית",
		"uk":       "Від: Makegood <d@m.example>\nНадіслано: 3 березня 2026 р.\nКому: ap@k.example\nТема: Рахунок",
		"ro":       "De la: Makegood <d@m.example>\nTrimis: marți, 3 martie 2026\nCătre: ap@k.example\nSubiect: Factură",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "reply", replyOf("That is right.\n\n"+block+"\n\nThe older mail.\nIt had two lines.\n"), "That is right.")
		})
	}
}

// Without marks an attribution cuts only in languages in which it cannot be a sentence of the sender's.
func TestUnmarkedAttributions(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"en": "On Tue, Mar 3, 2026 at 10:01 AM Makegood Billing <d@m.example> wrote:",
		"de": "Am Di., 3. März 2026 um 10:01 Uhr schrieb Makegood <d@m.example>:",
		"fr": "Le mar. 3 mars 2026 à 10:01, Makegood <d@m.example> a écrit :",
		"es": "El mar, 3 mar 2026 a las 10:01, Makegood (<d@m.example>) escribió:",
		"pt": "Em ter., 3 de mar. de 2026 às 10:01, Makegood <d@m.example> escreveu:",
		"ja": "2026/03/03 10:01、Makegood <d@m.example>のメール:",
		"zh": "Makegood <d@m.example> 于2026年3月3日周二 10:01写道：",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "reply", replyOf("That is right.\n\n"+line+"\n\nThe older mail.\nIt had two lines.\n"), "That is right.")
		})
	}
}

// What programs add below a text in the languages of this desk.
func TestProgramSignatures(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"Sent from my iPhone", "Sent from my Samsung Galaxy smartphone.", "Sent from Outlook for Android", "Get Outlook for iOS",
		"Sent from Mail for Windows", "Sent from Yahoo Mail on Android", "Von meinem iPhone gesendet", "Gesendet von Outlook für Android",
		"Von meinem Samsung Galaxy Smartphone gesendet.", "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
		"Envoyé de mon iPhone", "Envoyé depuis mon téléphone Android", "Envoyé à partir de Outlook pour Android", "Obtenir Outlook pour iOS",
		"Enviado desde mi iPhone", "Enviado desde Outlook para Android", "Obtener Outlook para iOS",
		"Enviado do meu iPhone", "Enviado a partir do meu smartphone Samsung Galaxy.", "Obter o Outlook para iOS",
		"iPhoneから送信", "Androidから送信されました", "发自我的iPhone", "從我的 iPhone 傳送", "发自我的手机", "Outlook for iOS を入手",
		"Verstuurd vanaf mijn iPhone", "Inviato da iPhone", "Skickat från min iPhone", "Отправлено с iPhone",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			equal(t, "reply", replyOf("That is right.\n\n"+line+"\n"), "That is right.")
		})
	}
}
